"""Regions on shelves say of a pattern what each region says of it by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import PERMISSION, Pattern, Region, exactly, glob
from leastwise.engine.shelves import Shelved, Shelves, region_for, separator_of

_TEXTS = st.sampled_from(
    ("*", "s3:*", "s3:Get*", "S3:get?", "s3:GetA", "s3:geta", "sqs:A", "sqs:*", "s*", "a?:x", "sqs")
)
PATTERNS = st.builds(lambda text, fold: glob(text, fold=fold), _TEXTS, st.booleans())
LITERALS = st.builds(
    lambda text, fold: exactly(text, fold=fold), st.sampled_from(("s3:GetA", "sqs:A", "sqs", "ab:x")), st.booleans()
)
_SOME = st.lists(PATTERNS, max_size=3).map(tuple)
REGIONS = st.lists(st.builds(Region, _SOME, _SOME), max_size=4)


@given(REGIONS, PATTERNS | LITERALS)
def test_what_shelves_say_is_what_each_region_says(regions: list[Region], pattern: Pattern) -> None:
    separator = separator_of(regions)
    sorted_ = [Shelved(one, separator) for one in regions]
    said = Shelves(sorted_, separator, PERMISSION).about(pattern)
    alone = {number: region_for(one, pattern, PERMISSION) for number, one in enumerate(regions)}
    assert said == {number: formula for number, formula in alone.items() if formula is not False}
    # A region that took part in one comparison says the same in another.
    again = Shelves(sorted_[::-1], separator, PERMISSION).about(pattern)
    assert {len(regions) - 1 - number: formula for number, formula in again.items()} == said

"""The rank of a finding: its parts, its product, and what findings of one cause come to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leastwise.detection.ranking import ADMINISTRATOR, EXPOSURES, REACHES, SENSITIVITIES, Rank, together
from leastwise.model.finding import Severity

Found = tuple[list[str], Rank]
ranks = st.builds(
    Rank,
    st.sampled_from(sorted(REACHES.values())),
    st.floats(1, 8),
    st.none() | st.floats(0, 1),
    st.lists(st.sampled_from(EXPOSURES), unique=True).map(tuple),
)


def test_the_product_of_the_parts() -> None:
    assert Rank(1.0, 8, 0.5, ("outsider", "long-lived key")).score == 12.0
    assert Rank(0.3, 2, 0.25).score == 0.15


def test_what_no_log_tells_is_not_taken_for_used() -> None:
    assert Rank(1.0, 4, None).score == Rank(1.0, 4, 1.0).score == 4.0
    assert Rank(1.0, 4, 0.0).score == 0.0


def test_severities_rise() -> None:
    assert [SENSITIVITIES[one] for one in Severity] == sorted(SENSITIVITIES.values())
    assert SENSITIVITIES[Severity.CRITICAL] == ADMINISTRATOR


@given(ranks)
def test_a_score_can_be_worked_out_from_what_is_shown(rank: Rank) -> None:
    told = rank.to_json()
    share = 1.0 if told["unused"] is None else told["unused"]
    assert isinstance(told["exposed"], list) and told["exposure"] == 1 + len(told["exposed"])
    product = float(str(told["reach"])) * float(str(told["sensitivity"])) * float(str(share)) * (1 + len(rank.exposed))
    assert told["score"] == round(product, 2)


@given(st.lists(st.tuples(st.lists(st.sampled_from("abc")), ranks)), st.tuples(st.just(["a"]), ranks))
def test_one_more_finding_never_lowers_a_cause(
    found: list[tuple[list[str], Rank]], more: tuple[list[str], Rank]
) -> None:
    assert together([*found, more]) >= together(found)


def test_two_findings_about_one_count_once_and_about_two_twice() -> None:
    low, high = Rank(1.0, 2, 1.0), Rank(1.0, 8, 1.0)
    assert together([(["a"], low), (["a"], high)]) == 8.0
    assert together([(["a"], low), (["b"], high)]) == 10.0
    assert together([(["a", "b"], high), (["b"], low)]) == 16.0
    assert together([]) == 0.0

"""Documentation that cannot rot: what exists in code is named in the pages."""

from pathlib import Path

from leastwise import errors

DOCS = Path(__file__).parents[2] / "docs"


def test_every_error_class_is_drawn_in_the_tree():
    drawn = errors.__doc__ or ""
    classes = [name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)]
    assert classes
    assert [name for name in classes if name not in drawn] == []

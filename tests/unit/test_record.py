"""Records are frozen, keyword-only values."""

from __future__ import annotations

import pickle

import pytest

from tuicontainer.record import Record


class Point(Record):
    x: int
    y: int = 0


class Named(Point):
    name: str = ""


def test_fields_take_values_and_defaults() -> None:
    assert dict(Named(x=1, name="a").items()) == {"x": 1, "y": 0, "name": "a"}


@pytest.mark.parametrize("values", [{}, {"x": 1, "z": 2}])
def test_missing_and_unknown_fields_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        Point(**values)


def test_a_record_never_changes() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del point.x
    with pytest.raises(AttributeError):
        point.colour = "red"  # type: ignore[attr-defined]


def test_records_are_equal_by_type_and_value() -> None:
    assert Point(x=1) == Point(x=1, y=0)
    assert Point(x=1) != Point(x=2)
    assert Point(x=1) != Named(x=1)
    assert len({Point(x=1), Point(x=1), Point(x=2)}) == 2


def test_a_copy_has_the_changes() -> None:
    assert Named(x=1).replace(name="b") == Named(x=1, name="b")


def test_a_record_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Named(x=1, y=2, name="c"))) == Named(x=1, y=2, name="c")


def test_a_record_has_slots_and_says_what_it_holds() -> None:
    assert not hasattr(Point(x=1), "__dict__")
    assert repr(Point(x=1)) == "Point(x=1, y=0)"

"""Messages of criu, there and back."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.runtime.criu.wire import Message, number, split, text

NUMBERS = st.integers(-(2**63), 2**63 - 1)
FIELDS = st.integers(1, 200)


@given(FIELDS, NUMBERS)
def test_numbers_there_and_back(field: int, value: int) -> None:
    assert Message(number(field, value)).number(field) == value


@given(FIELDS, st.text())
def test_text_there_and_back(field: int, value: str) -> None:
    assert Message(text(field, value)).text(field) == value


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (number(1, 150), "089601"),
        (number(34, 6), "900206"),
        (text(2, "testing"), "120774657374696e67"),
        (text(23, text(1, "/a") + text(2, "/b")), "ba01080a022f6112022f62"),
    ],
)
def test_as_others_write_it(made: bytes, expected: str) -> None:
    """The first and the third are the examples of the format's own documentation."""
    assert made.hex() == expected


def test_absent_fields() -> None:
    empty = Message(b"")
    assert (empty.number(1), empty.text(2), empty.message(3)) == (0, "", None)


def test_inner_messages() -> None:
    inner = Message(number(1, 4) + text(5, text(1, "post-dump") + number(2, 77))).message(5)
    assert inner is not None
    assert (inner.text(1), inner.number(2)) == ("post-dump", 77)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        split(data)


@pytest.mark.parametrize("data", ["08", "0a05aa", "0b", "0d0000", "08" + "ff" * 10 + "01"])
def test_refusing(data: str) -> None:
    with pytest.raises(ValueError, match=r"ends too early|unknown kind|too large"):
        split(bytes.fromhex(data))

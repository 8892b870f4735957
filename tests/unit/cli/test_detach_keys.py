"""Keys that leave a terminal: their names, and what the program gets meanwhile."""

from __future__ import annotations

import pytest

from tuicontainer.cli.detach_keys import (
    DEFAULT,
    Detached,
    DetachKeys,
    parse_detach_keys,
)
from tuicontainer.errors import InvalidArgument


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (DEFAULT, b"\x10\x11"),
        ("ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", b"\x00\x1b\x1c\x1d\x1e\x1f"),
        ("q,ctrl-C", b"q\x03"),
        ("", b""),
    ],
)
def test_their_names(words: str, keys: bytes) -> None:
    assert parse_detach_keys(words) == keys


@pytest.mark.parametrize("words", ["ctrl-", "ctrl-1", "ctrl-pp", "ab", "a,", "é", "\t"])
def test_what_is_no_key(words: str) -> None:
    with pytest.raises(InvalidArgument, match="isn't a key"):
        parse_detach_keys(words)


def typed(keys: bytes, *chunks: bytes) -> bytes:
    watch = DetachKeys(keys)
    return b"".join(watch.take(chunk) for chunk in chunks)


def test_other_keys_reach_the_program() -> None:
    assert typed(b"ab", b"xyz", b"b") == b"xyzb"


def test_a_broken_off_sequence_reaches_the_program_too() -> None:
    assert typed(b"ab", b"a", b"x") == b"ax"
    assert typed(b"aab", b"aaa", b"x") == b"aaax"


@pytest.mark.parametrize("chunks", [(b"ab",), (b"a", b"b"), (b"xaab",), (b"aa", b"b")])
def test_the_sequence_leaves(chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(Detached):
        typed(b"ab", *chunks)

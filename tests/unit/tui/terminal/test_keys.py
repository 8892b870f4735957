"""Keys, pasted text and the mouse, as programs in a terminal are told of them."""

from __future__ import annotations

import pytest

from tuicontainer.tui.terminal import modes, mouse
from tuicontainer.tui.terminal.keys import key_bytes, paste_bytes

NONE: frozenset[int] = frozenset()
SGR = frozenset((modes.MOUSE_PRESS, modes.MOUSE_SGR))


@pytest.mark.parametrize(("key", "character", "sent"), [
    ("a", "a", b"a"),
    ("A", "A", b"A"),
    ("upper_a", "A", b"A"),
    ("é", "é", "é".encode()),
    ("colon", ":", b":"),
    ("plus", "+", b"+"),
    ("space", " ", b" "),
    ("enter", "\r", b"\r"),
    ("tab", "\t", b"\t"),
    ("shift+tab", None, b"\x1b[Z"),
    ("escape", "\x1b", b"\x1b"),
    ("backspace", "\x7f", b"\x7f"),
    ("ctrl+c", "\x03", b"\x03"),
    ("ctrl+a", None, b"\x01"),
    ("ctrl+z", None, b"\x1a"),
    ("ctrl+@", None, b"\x00"),
    ("ctrl+backslash", None, b"\x1c"),
    ("ctrl+underscore", None, b"\x1f"),
    ("alt+x", None, b"\x1bx"),
    ("alt+enter", None, b"\x1b\r"),
    ("alt+ctrl+c", None, b"\x1b\x03"),
    ("up", None, b"\x1b[A"),
    ("ctrl+right", None, b"\x1b[1;5C"),
    ("shift+alt+home", None, b"\x1b[1;4H"),
    ("delete", "\x7f", b"\x1b[3~"),
    ("ctrl+pageup", None, b"\x1b[5;5~"),
    ("f1", None, b"\x1bOP"),
    ("shift+f1", None, b"\x1b[1;2P"),
    ("f5", None, b"\x1b[15~"),
    ("f12", None, b"\x1b[24~"),
    ("<ignore>", None, b""),
])  # fmt: skip
def test_keys(key: str, character: str | None, sent: bytes) -> None:
    assert key_bytes(key, character, NONE) == sent


def test_cursor_keys_in_application_mode() -> None:
    application = frozenset((modes.CURSOR_KEYS,))
    assert key_bytes("up", None, application) == b"\x1bOA"
    assert key_bytes("end", None, application) == b"\x1bOF"
    assert key_bytes("ctrl+up", None, application) == b"\x1b[1;5A"


def test_pasted_text_comes_in_brackets_that_it_cannot_leave() -> None:
    text = "ls\x1b[201~\nrm -r /\r\n\x03"
    assert paste_bytes(text, NONE) == b"ls[201~\rrm -r /\r"
    bracketed = paste_bytes(text, frozenset((modes.PASTE,)))
    assert bracketed == b"\x1b[200~ls[201~\rrm -r /\r\x1b[201~"


@pytest.mark.parametrize(("private", "report"), [
    (NONE, b""),
    ({modes.MOUSE_PRESS}, b"\x1b[M\x20\x25\x23"),
    (SGR, b"\x1b[<0;5;3M"),
])  # fmt: skip
def test_a_button(private: frozenset[int], report: bytes) -> None:
    assert mouse.press(0, 4, 2, private) == report


def test_a_button_that_goes_up() -> None:
    assert mouse.press(2, 0, 0, SGR, released=True) == b"\x1b[<2;1;1m"
    assert mouse.press(2, 0, 0, {modes.MOUSE_PRESS}, released=True) == b"\x1b[M\x23\x21\x21"


def test_modifiers_wheel_and_places_that_the_old_form_cannot_tell() -> None:
    assert mouse.press(mouse.WHEEL_UP, 0, 0, SGR, held=16) == b"\x1b[<80;1;1M"
    assert mouse.press(0, 300, 0, SGR) == b"\x1b[<0;301;1M"
    assert mouse.press(0, 300, 0, {modes.MOUSE_PRESS}) == b""


def test_moves_are_told_only_to_who_asked() -> None:
    sgr = modes.MOUSE_SGR
    assert mouse.move(0, 1, 1, {modes.MOUSE_PRESS, sgr}) == b""
    assert mouse.move(0, 1, 1, {modes.MOUSE_DRAG, sgr}) == b"\x1b[<32;2;2M"
    assert mouse.move(None, 1, 1, {modes.MOUSE_DRAG, sgr}) == b""
    assert mouse.move(None, 1, 1, {modes.MOUSE_MOVE, sgr}) == b"\x1b[<35;2;2M"

"""The mouse, as a program in a terminal wants to be told of it. Pure.

Source: xterm's ctlseqs, "Mouse Tracking": modes 1000, 1002 and 1003 choose the events, 1006 the
form; without 1006 places beyond column 223 can't be told.
"""

from __future__ import annotations

from collections.abc import Set

from tuicontainer.tui.terminal import modes

WHEEL_UP, WHEEL_DOWN = 64, 65
_MOTION = 32
_FARTHEST = 223


def wanted(private: Set[int]) -> bool:
    """Return whether the program wants to be told of the mouse at all."""
    return bool(private & {modes.MOUSE_PRESS, modes.MOUSE_DRAG, modes.MOUSE_MOVE})


def press(
    button: int, x: int, y: int, private: Set[int], *, held: int = 0, released: bool = False
) -> bytes:
    """Return the report of a button that goes down or up.

    Args:
        button: 0 left, 1 middle, 2 right, or a wheel's.
        x: column, from 0.
        y: line, from 0.
        private: the modes that the program has set.
        held: 4 for shift, 8 for alt, 16 for ctrl, added up.
        released: whether it goes up.
    """
    if not wanted(private):
        return b""
    return _report(button + held, x, y, private, released=released)


def move(button: int | None, x: int, y: int, private: Set[int], *, held: int = 0) -> bytes:
    """Return the report of a move with *button* held, None for none; empty if it isn't wanted."""
    if modes.MOUSE_MOVE not in private and (button is None or modes.MOUSE_DRAG not in private):
        return b""
    return _report((3 if button is None else button) + _MOTION + held, x, y, private)


def _report(code: int, x: int, y: int, private: Set[int], *, released: bool = False) -> bytes:
    if modes.MOUSE_SGR in private:
        return b"\x1b[<%d;%d;%d%s" % (code, x + 1, y + 1, b"m" if released else b"M")
    if max(x, y) >= _FARTHEST:
        return b""
    # The old form says that a button went up, but not which.
    code = 3 | code & ~3 if released else code
    return b"\x1b[M" + bytes((32 + code, 33 + x, 33 + y))

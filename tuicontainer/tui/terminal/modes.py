"""Numbers of DEC private modes that mean something here (xterm's ctlseqs, DECSET)."""

from __future__ import annotations

CURSOR_KEYS = 1
"""Cursor keys send SS3 sequences (DECCKM)."""
REVERSE_SCREEN = 5
MOUSE_PRESS, MOUSE_DRAG, MOUSE_MOVE = 1000, 1002, 1003
FOCUS = 1004
MOUSE_SGR = 1006
WHEEL_AS_KEYS = 1007
"""In the alternate screen the wheel sends cursor keys, so that `less` can be scrolled."""
CLEARED_ALTERNATE = 1049
ALTERNATE = frozenset((47, 1047, CLEARED_ALTERNATE))
SAVED_CURSOR = 1048
PASTE = 2004
"""Pasted text comes in brackets."""
KEYPAD = 66
"""The keypad sends its own sequences (DECNKM, and DECKPAM)."""
PYTES = frozenset((6, 7, 25))
"""Origin, wrapping and cursor: pyte obeys them. Not 3: nobody changes our width to 132 columns."""
INITIAL = frozenset((7, 25, WHEEL_AS_KEYS))
KNOWN = frozenset(
    (1, 5, 6, 7, 25, 47, 66, 1000, 1002, 1003, 1004, 1006, 1007, 1047, 1048, 1049, 2004)
)
"""What is told to a program that asks (DECRQM)."""

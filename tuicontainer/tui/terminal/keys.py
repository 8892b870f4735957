"""Keys as Textual names them, to the bytes that a program in a terminal expects. Pure.

Source: xterm's ctlseqs ("PC-Style Function Keys"), terminfo's xterm-256color; `ctrl+@` is NUL.
"""

from __future__ import annotations

from collections.abc import Set

from tuicontainer.tui.terminal import modes

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_TILDE = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6,
    "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24,
    "f13": 25, "f14": 26, "f15": 28, "f16": 29, "f17": 31, "f18": 32, "f19": 33, "f20": 34,
}  # fmt: skip
_FUNCTION = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_PLAIN = {"enter": b"\r", "tab": b"\t", "escape": b"\x1b", "backspace": b"\x7f", "space": b" "}
_CONTROL = {
    "at": 0, "@": 0, "space": 0, "left_square_bracket": 27, "backslash": 28,
    "right_square_bracket": 29, "circumflex_accent": 30, "underscore": 31, "slash": 31,
    "minus": 31, "backspace": 8, "h": 8, "question_mark": 127,
}  # fmt: skip
_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4, "meta": 8}


def key_bytes(key: str, character: str | None, private: Set[int]) -> bytes:
    """Return what a terminal sends for a key; empty for one that it doesn't know.

    Args:
        key: Textual's name: `ctrl+shift+up`.
        character: what it writes, if it writes something.
        private: the modes that the program has set.
    """
    *prefixes, name = key.split("+") if key != "+" else [key]
    held = {prefix for prefix in prefixes if prefix in _MODIFIERS}
    number = 1 + sum(_MODIFIERS[prefix] for prefix in held)
    special = _special(name, number, application=modes.CURSOR_KEYS in private)
    if special:
        return special
    if name == "tab" and "shift" in held:
        return b"\x1b[Z"
    plain = _control(name) if "ctrl" in held else _PLAIN.get(name, b"")
    if not plain and character is not None and len(character) == 1:
        plain = character.encode()
    alt = bool(held & {"alt", "meta"})
    if not plain and alt and len(name) == 1:
        # A terminal that reports alt by itself tells no character.
        plain = (name.upper() if "shift" in held else name).encode()
    return b"\x1b" + plain if alt and plain else plain


def _control(name: str) -> bytes:
    """Return the control character of a key that is held with ctrl; empty if it has none."""
    code = _CONTROL.get(name)
    if code is None and len(name) == 1 and name.isascii() and name.isalpha():
        code = ord(name.upper()) - 64
    return _PLAIN.get(name, b"") if code is None else bytes((code,))


def _special(name: str, number: int, *, application: bool) -> bytes:
    """Return the sequence of a cursor, function or editing key; empty if it is none."""
    if name in _CURSOR or name in _FUNCTION:
        final = _CURSOR.get(name) or _FUNCTION[name]
        if number > 1:
            return f"\x1b[1;{number}{final}".encode()
        start = "\x1bO" if application or name in _FUNCTION else "\x1b["
        return f"{start}{final}".encode()
    if name in _TILDE:
        middle = f";{number}" if number > 1 else ""
        return f"\x1b[{_TILDE[name]}{middle}~".encode()
    return b""


def paste_bytes(text: str, private: Set[int]) -> bytes:
    """Return what a terminal sends for pasted text, in brackets if the program asked for them.

    Control characters but tab and line end are left out: among them is the bracket's own end, with
    which a text could break out and type commands.
    """
    lines = text.replace("\r\n", "\r").replace("\n", "\r")
    shown = "".join(sign for sign in lines if sign in "\t\r" or sign.isprintable())
    if modes.PASTE in private:
        return b"\x1b[200~" + shown.encode() + b"\x1b[201~"
    return shown.encode()

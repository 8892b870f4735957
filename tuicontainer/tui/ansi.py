"""A program's own colours: escape sequences in its output to spans. Pure.

Only Select Graphic Rendition is obeyed; every other sequence is dropped, because a container's
output must not be able to move our cursor, change the title or write to the clipboard.
Source: ECMA-48 5.4 (control sequences), 8.3.117 (SGR); xterm's ctlseqs for 256 and direct colours.
"""

from __future__ import annotations

import re

from tuicontainer.tui.spans import Line, Span, printable

_SEQUENCE = re.compile(
    r"\x1b\[([0-9;:]*)m"  # SGR, the only one with a group
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # other control sequences
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # strings: OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"  # two-character escapes, and an escape at the end
)
_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_ATTRIBUTES = {"1": "bold", "2": "dim", "3": "italic", "4": "underline", "7": "reverse"}
_ENDS = {"22": ("bold", "dim"), "23": ("italic",), "24": ("underline",), "27": ("reverse",)}


def without_sequences(text: str) -> str:
    """Return *text* without escape sequences, and only what was last written over a line."""
    return _SEQUENCE.sub("", text.rstrip("\r").rpartition("\r")[2])


def decoded(text: str, tone: str) -> Line:
    """Return *text* as spans: in *tone* until the program says otherwise."""
    if "\r" in text:
        # A progress bar overwrites its line; what a terminal would show last is what counts.
        text = text.rstrip("\r").rpartition("\r")[2]
    if "\x1b" not in text:
        return ((printable(text), tone),)
    spans: list[Span] = []
    state: dict[str, str] = {}
    position = 0
    for match in _SEQUENCE.finditer(text):
        _add(spans, text[position : match.start()], state, tone)
        position = match.end()
        if match.group(1) is not None:
            _select(state, match.group(1).replace(":", ";").split(";"))
    _add(spans, text[position:], state, tone)
    return tuple(spans)


def _add(spans: list[Span], text: str, state: dict[str, str], tone: str) -> None:
    if text:
        words = [word for word in state.values() if word]
        spans.append((printable(text), "=" + " ".join(words) if words else tone))


def _select(state: dict[str, str], codes: list[str]) -> None:
    """Apply one sequence's codes to *state*; unknown ones are ignored."""
    rest = list(reversed(codes))
    while rest:
        code = rest.pop().lstrip("0") or "0"
        if code == "0":
            state.clear()
        elif code in _ATTRIBUTES:
            state[code] = _ATTRIBUTES[code]
        elif code in _ENDS:
            for number, name in _ATTRIBUTES.items():
                if name in _ENDS[code]:
                    state.pop(number, None)
        elif code in ("38", "48"):
            color = _extended(rest)
            if color:
                state["fg" if code == "38" else "bg"] = color if code == "38" else f"on {color}"
        elif code.isdigit():
            _simple(state, int(code))


def _simple(state: dict[str, str], code: int) -> None:
    tens, color = divmod(code, 10)
    if code == 39:
        state.pop("fg", None)
    elif code == 49:
        state.pop("bg", None)
    elif color < 8 and tens in (3, 9):
        state["fg"] = ("bright_" if tens == 9 else "") + _COLORS[color]
    elif color < 8 and tens in (4, 10):
        state["bg"] = "on " + ("bright_" if tens == 10 else "") + _COLORS[color]


def _extended(rest: list[str]) -> str:
    """Take the numbers of a 256-colour or direct colour; empty if they make no sense."""
    kind = rest.pop() if rest else ""
    wanted = {"5": 1, "2": 3}.get(kind, 0)
    numbers = [rest.pop() for _ in range(min(wanted, len(rest)))]
    values = [int(number) for number in numbers if number.isdigit() and int(number) < 256]
    if not wanted or len(values) < wanted:
        return ""
    return f"color({values[0]})" if wanted == 1 else f"rgb({values[0]},{values[1]},{values[2]})"

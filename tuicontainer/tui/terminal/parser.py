"""A program's output, taken apart into text and control sequences, on pyte's event tables.

pyte's own state machine goes wrong in ways that a program can cause: device control strings,
marked parameters (`CSI >`, `CSI <`, `CSI =`), intermediate bytes and colons end a sequence early,
so that its rest is drawn or read as colours; surplus parameters raise TypeError; every numbered OSC
sets the title. So sequences are recognised here by their grammar (ECMA-48 5.4, 5.6), whole, and
only known ones reach the screen. That is also faster than one character at a time.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyte.streams import Stream

if TYPE_CHECKING:
    from tuicontainer.tui.terminal.screen import Screen

_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f\x80-\x9f]+)"
    r"|(?:\x1b\[|\x9b)(?P<marks>[<-?]*)(?P<numbers>[0-9:;]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|(?:\x1b\]|\x9d)(?P<osc>[^\x07\x1b\x9c]*)(?:\x07|\x1b\\|\x9c|(?=\x1b[^\\]))"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])(?P<string>[^\x1b\x9c]*)(?:\x1b\\|\x9c|(?=\x1b[^\\]))"
    r"|(?P<broken>(?:\x1b\[|\x9b)[0-?]*[ -/]*)(?=[^ -~])"
    r"|\x1b(?P<middle>[ -/]*)(?P<escape>[0-OQ-WYZ\\`-~])"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f-\x8f\x91-\x97\x99\x9a\x9c])"
)
_UNFINISHED = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*\Z"
    r"|(?P<string>(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*\x1b?\Z"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*\x1b?\Z)"
    r"|\x1b[ -/]*\Z"
)
_END_OF_STRING = re.compile(r"\x07|\x1b\\|\x9c|(?=\x1b[^\\])")
_LONGEST = 4096
"""Characters of a sequence that isn't complete; of a longer string the rest is skipped."""
_MOST_NUMBER = 9999
_TWO = frozenset("Hfr")
"""Finals that take two numbers; the others take one."""
_ANY = frozenset("hlmt")
"""Finals that take any number of them."""
_FINALS = {
    **Stream.csi,
    "I": "tab_forward",
    "Z": "tab_back",
    "S": "scroll_up",
    "T": "scroll_down",
    "b": "repeat",
    "s": "save_cursor",
    "t": "report_window",
    "u": "restore_cursor",
}
_ESCAPES = {
    **Stream.escape,
    "E": "next_line",
    "Z": "report_device_attributes",
    "=": "keypad_application",
    ">": "keypad_numeric",
}
_MARKED = {
    "?J": "erase_in_display",
    "?K": "erase_in_line",
    "?h": "set_private_mode",
    "?l": "reset_private_mode",
    "?n": "report_private_status",
    ">c": "report_secondary_attributes",
    ">q": "report_version",
}
_BETWEEN = {"!p": "soft_reset", "?$p": "report_private_mode"}
"""Final with the bytes before it."""
_CHARSETS = {"(": "(", ")": ")"}


class Parser(Stream):
    """Feeds one screen; takes bytes as they come, cut anywhere."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen, strict=False)
        self._screen = screen
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._skipping = False
        self._csi_calls = self._bound(_FINALS)
        self._marked_calls = self._bound(_MARKED | _BETWEEN)
        self._escape_calls = self._bound(_ESCAPES)
        self._basic_calls = self._bound(Stream.basic)

    def _bound(self, names: dict[str, str]) -> dict[str, Callable[..., None]]:
        return {key: getattr(self._screen, name) for key, name in names.items()}

    def feed_bytes(self, data: bytes) -> None:
        """Obey *data*; what isn't complete waits for the rest."""
        self.feed(self._decoder.decode(data))

    def feed(self, data: str) -> None:
        """Obey *data*; what isn't complete waits for the rest."""
        if self._held:
            data, self._held = self._held + data, ""
        draw, basic = self._screen.draw, self._basic_calls
        match, place, end = _TOKEN.match, self._skip(data), len(data)
        while place < end:
            token = match(data, place)
            if token is None:
                rest = _UNFINISHED.match(data, place)
                if rest is None:
                    place += 1
                    continue
                self._skipping = end - place > _LONGEST and rest["string"] is not None
                if end - place <= _LONGEST:
                    self._held = data[place:]
                elif data.endswith("\x1b"):
                    self._held = "\x1b"
                return
            place = token.end()
            kind = token.lastgroup
            if kind == "text":
                draw(token.group())
            elif kind == "control":
                call = basic.get(token.group())
                if call is not None:
                    call()
            elif kind == "final":
                self._sequence(token)
            elif kind == "escape":
                self._escape(token["middle"], token["escape"])
            elif kind == "osc":
                self._screen.operating_system_command(token["osc"])

    def _skip(self, data: str) -> int:
        """Return where *data* goes on after the rest of a string that is too long to be obeyed."""
        if not self._skipping:
            return 0
        found = _END_OF_STRING.search(data)
        if found is None:
            self._held = "\x1b" if data.endswith("\x1b") else ""
            return len(data)
        self._skipping = False
        return found.end()

    def _sequence(self, token: re.Match[str]) -> None:
        marks, between, final = token["marks"], token["between"], token["final"]
        if final == "m" and not marks and not between:
            self._screen.select_graphic_rendition(*_graphic_numbers(token["numbers"]))
            return
        if marks or between:
            call = self._marked_calls.get(marks + between + final)
        else:
            call = self._csi_calls.get(final)
        if call is None or ":" in token["numbers"]:
            return
        numbers = _numbers(token["numbers"])
        if final not in _ANY:
            del numbers[2 if final in _TWO and not marks else 1 :]
        call(*numbers)

    def _escape(self, middle: str, final: str) -> None:
        if middle in _CHARSETS:
            self._screen.define_charset(final, mode=_CHARSETS[middle])
        elif middle == "#" and final == "8":
            self._screen.alignment_display()
        elif not middle:
            call = self._escape_calls.get(final)
            if call is not None:
                call()


def _numbers(text: str) -> list[int]:
    return [min(int(word or 0), _MOST_NUMBER) for word in text.split(";")] if text else []


def _graphic_numbers(text: str) -> list[int]:
    """Return SGR's numbers, with subparameters (ITU T.416) in the form that all programs know."""
    if ":" not in text:
        return _numbers(text)
    numbers: list[int] = []
    for word in text.split(";"):
        parts = word.split(":")
        first, given = parts[0], [part for part in parts[1:] if part]
        if first in ("38", "48", "58") and given:
            # `38:2::r:g:b` has an empty colour space before the colour, `38:2:r:g:b` has none.
            wanted = {"2": 3, "5": 1}.get(given[0], 0)
            numbers += _numbers(";".join([first, given[0], *given[1:][-wanted:]])) if wanted else []
        elif first == "4" and given:
            numbers += [24 if given[0] == "0" else 4]
        else:
            numbers += _numbers(first)
    return numbers

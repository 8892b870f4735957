"""What a terminal answers to a program that asks (xterm's ctlseqs: DA, DSR, DECRQM, XTVERSION).

Every answer is typed into the program, so none carries a text that the program chose: a title
reported back could end as a command in a shell (CVE-2003-0063).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyte import modes

from tuicontainer.tui.terminal import modes as ours

if TYPE_CHECKING:
    from pyte.screens import Cursor, Margins


class Replies:
    """The asking half of `Screen`."""

    reply: Callable[[bytes], object]
    private: set[int]
    cursor: Cursor
    margins: Margins | None
    mode: set[int]
    lines: int
    columns: int

    def report_device_attributes(self, mode: int = 0, **_: bool) -> None:
        """Say that we are a VT220 with colours (DA)."""
        if mode == 0:
            self.reply(b"\x1b[?62;22c")

    def report_secondary_attributes(self, mode: int = 0) -> None:
        """Say which version: one from which programs conclude SGR mouse reports (DA2)."""
        if mode == 0:
            self.reply(b"\x1b[>1;277;0c")

    def report_version(self, mode: int = 0) -> None:
        """Say our name (XTVERSION)."""
        if mode == 0:
            self.reply(b"\x1bP>|tuicontainer\x1b\\")

    def report_device_status(self, mode: int = 0) -> None:
        """Say that all is well (5), or where the cursor is (6)."""
        if mode == 5:
            self.reply(b"\x1b[0n")
        elif mode == 6:
            self.reply(b"\x1b[%d;%dR" % self._position())

    def report_private_status(self, mode: int = 0) -> None:
        """Say where the cursor is, with a mark (DECXCPR)."""
        if mode == 6:
            self.reply(b"\x1b[?%d;%dR" % self._position())

    def _position(self) -> tuple[int, int]:
        y = self.cursor.y
        if modes.DECOM in self.mode and self.margins is not None:
            y -= self.margins.top
        return y + 1, min(self.cursor.x, self.columns - 1) + 1

    def report_private_mode(self, number: int = 0) -> None:
        """Say whether a mode is set (1), reset (2), or unknown (0)."""
        state = (1 if number in self.private else 2) if number in ours.KNOWN else 0
        self.reply(b"\x1b[?%d;%d$y" % (number, state))

    def report_window(self, what: int = 0, *_: int) -> None:
        """Say the size in characters (18); no window is moved, and no title told."""
        if what == 18:
            self.reply(b"\x1b[8;%d;%dt" % (self.lines, self.columns))

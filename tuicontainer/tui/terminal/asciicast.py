"""Recordings of a terminal as asciicast, for `asciinema play` and web players.

Source: asciinema's doc/asciicast-v2.md: a header and then events `[seconds, kind, text]`, one JSON
value a line; kinds are `o` for output and `r` for another size. What is typed isn't recorded: a
password would be in it.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import time
from typing import TYPE_CHECKING

from tuicontainer.tui.terminal.styles import PLAIN, sequence

if TYPE_CHECKING:
    from tuicontainer.tui.terminal.screen import Screen


class Recorder:
    """Writes one recording to an open file."""

    def __init__(self, descriptor: int, screen: Screen, title: str) -> None:
        """Begin with what *screen* shows now; *descriptor* belongs to the recorder from now on."""
        self._file = open(descriptor, "w", encoding="utf-8")  # noqa: SIM115 - closed by `close`
        self._began = time.monotonic()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        header = {
            "version": 2,
            "width": screen.columns,
            "height": screen.lines,
            "timestamp": int(time.time()),
            "title": title,
            "env": {"TERM": "xterm-256color"},
        }
        self._file.write(json.dumps(header) + "\n")
        self._event("o", redraw(screen))

    def output(self, data: bytes) -> None:
        """Note what the program has written.

        Raises:
            OSError: the file can't be written any more.
        """
        text = self._decoder.decode(data)
        if text:
            self._event("o", text)

    def resize(self, rows: int, columns: int) -> None:
        """Note another size."""
        self._event("r", f"{columns}x{rows}")

    def close(self) -> None:
        """Finish the file; every event was written when it came, so nothing can be lost here."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _event(self, kind: str, text: str) -> None:
        seconds = round(time.monotonic() - self._began, 6)
        self._file.write(json.dumps([seconds, kind, text]) + "\n")
        self._file.flush()


def redraw(screen: Screen) -> str:
    """Return output that makes an empty terminal of the same size look like *screen*."""
    parts = ["\x1b[?1049h"] if screen.alternate else []
    pen = PLAIN
    for y in range(screen.lines):
        row = screen.row(y)
        last = max((x for x, cell in row.items() if cell != screen.default_char), default=-1)
        if last < 0:
            continue
        parts.append(f"\x1b[{y + 1}H")
        for x in range(min(last + 1, screen.columns)):
            cell = row.get(x, screen.default_char)
            if cell.pen != pen:
                pen = cell.pen
                parts.append(sequence(pen))
            parts.append(cell.data)
    parts.append(sequence(screen.pen))
    parts.append(f"\x1b[{screen.cursor.y + 1};{screen.cursor.x + 1}H")
    if screen.cursor.hidden:
        parts.append("\x1b[?25l")
    return "".join(parts)

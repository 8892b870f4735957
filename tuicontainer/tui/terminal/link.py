"""One program's session connected to an emulated screen: output in slices, input in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from tuicontainer.errors import TuiContainerError
from tuicontainer.tui.terminal.parser import Parser
from tuicontainer.tui.terminal.screen import Screen

if TYPE_CHECKING:
    from tuicontainer.engine.api import TerminalSession
    from tuicontainer.tui.terminal.asciicast import Recorder

SLICE = 16 * 1024
"""Bytes of output that are obeyed at a time; some 4 ms."""
PAUSE = 0.002
"""Seconds after each slice that belong to everything else: a key takes several turns of the loop
from the terminal to the program, and without a pause each turn would wait for a slice."""
_MOST_INPUT = 1 << 20
"""Bytes of input that wait for a program that doesn't read; more is lost, as in a real terminal."""


class Link:
    """Runs until the program ends or it is left.

    Attributes:
        screen: what the program has drawn.
        terminal: whether it has a terminal; else it can only be watched.
        over: why there is nothing more to come, in words; empty while it runs.
        recorder: gets all output and every size, while it isn't None.
    """

    def __init__(
        self, session: TerminalSession, rows: int, columns: int, changed: Callable[[], None]
    ) -> None:
        """Connect *session*; *changed* is called after each slice of output and at the end."""
        self.screen = Screen(columns, rows, self.type)
        self.terminal = session.terminal
        self.over = ""
        self.recorder: Recorder | None = None
        self._session = session
        self._parser = Parser(self.screen)
        self._changed = changed
        self._input: asyncio.Queue[bytes | tuple[int, int]] = asyncio.Queue()
        self._waiting = 0

    def type(self, data: bytes) -> None:
        """Send *data* to the program, after all that was sent before."""
        if self.terminal and not self.over and self._waiting + len(data) <= _MOST_INPUT:
            self._waiting += len(data)
            self._input.put_nowait(data)

    def resize(self, rows: int, columns: int) -> None:
        """Give the screen another size, and tell the program."""
        if (rows, columns) == (self.screen.lines, self.screen.columns):
            return
        self.screen.resize(rows, columns)
        self._input.put_nowait((rows, columns))
        if self.recorder is not None:
            self.recorder.resize(rows, columns)

    async def run(self) -> None:
        """Relay until the program has ended."""
        writing = asyncio.ensure_future(self._write())
        try:
            while data := await self._session.read():
                for start in range(0, len(data), SLICE):
                    self._show(data[start : start + SLICE])
                    await asyncio.sleep(PAUSE)
            status = await self._session.wait()
            self.over = "it ended" if status is None else f"it ended with status {status}"
        except TuiContainerError as error:
            self.over = error.message
        finally:
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing
            self.record(None)
            await self._session.close()
        self._changed()

    def record(self, recorder: Recorder | None) -> None:
        """Record to *recorder* from now on, or no more."""
        before, self.recorder = self.recorder, recorder
        if before is not None:
            before.close()

    def _show(self, data: bytes) -> None:
        if not self.terminal:
            data = data.replace(b"\n", b"\r\n")
        self._parser.feed_bytes(data)
        if self.recorder is not None:
            try:
                self.recorder.output(data)
            except OSError:
                self.record(None)
        self._changed()

    async def _write(self) -> None:
        while True:
            what = await self._input.get()
            if isinstance(what, bytes):
                await self._session.write(what)
                self._waiting -= len(what)
            else:
                await self._session.resize(*what)

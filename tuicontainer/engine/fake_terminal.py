"""Terminals of pretended containers: a shell of few words, and what a program writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuicontainer.engine.fake_container import FakeContainer

_PROMPT = "# "


class FakeTerminal:
    """Bytes that wait to be read, until it is over."""

    def __init__(self, *, terminal: bool = True) -> None:
        self.terminal = terminal
        self.size = (24, 80)
        self._output: asyncio.Queue[bytes] = asyncio.Queue()
        self._status: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def read(self) -> bytes:
        """Return what was written next; empty once it is over."""
        if self._status.done() and self._output.empty():
            return b""
        return await self._output.get()

    async def write(self, data: bytes) -> None:
        """Type; nobody reads it here."""

    async def resize(self, rows: int, columns: int) -> None:
        """Note the size in characters."""
        self.size = (rows, columns)

    async def wait(self) -> int | None:
        """Return the exit status once it is over."""
        return await asyncio.shield(self._status)

    async def close(self) -> None:
        """End it, if it hasn't ended."""
        if not self._status.done():
            self.end(None)

    def say(self, text: str) -> None:
        """Write *text*, whose lines end as on a terminal."""
        self._output.put_nowait(text.replace("\n", "\r\n").encode())

    def end(self, status: int | None) -> None:
        """Let it be over."""
        if not self._status.done():
            self._status.set_result(status)
            self._output.put_nowait(b"")


class FakeShell(FakeTerminal):
    """Pretends a shell: echoes what is typed; knows `echo`, `printf`, `stty size` and `exit`."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.size = (rows, columns)
        self._line = ""
        self.say(_PROMPT)

    async def write(self, data: bytes) -> None:
        """Take keys as a terminal in canonical mode does (termios(3)): ^D ends an empty line."""
        for key in data.decode(errors="replace"):
            if key == "\r":
                self.say("\n")
                line, self._line = self._line, ""
                self._run(line)
            elif key == "\x7f":
                self.say("\b \b" if self._line else "")
                self._line = self._line[:-1]
            elif key == "\x04" and not self._line:
                self.end(0)
            else:
                self._line += key
                self.say(key if key.isprintable() else f"^{chr(ord(key) ^ 64)}")

    def _run(self, line: str) -> None:
        name, _, rest = line.strip().partition(" ")
        if name == "exit":
            self.end(int(rest or "0"))
            return
        if name == "echo":
            self.say(f"{rest}\n")
        elif name == "printf":
            self.say(rest.strip("'").encode("latin-1", "ignore").decode("unicode_escape"))
        elif (name, rest) == ("stty", "size"):
            self.say(f"{self.size[0]} {self.size[1]}\n")
        elif name:
            self.say(f"sh: {name}: not found\n")
        self.say(_PROMPT)


class FakeAttachment(FakeTerminal):
    """Shows what a pretended program writes, until it ends."""

    def __init__(self, container: FakeContainer, change: Callable[[], asyncio.Event]) -> None:
        super().__init__(terminal=container.present.terminal)
        self._container = container
        self._change = change
        self._following = asyncio.ensure_future(self._follow())

    async def _follow(self) -> None:
        shown = 0
        while True:
            change = self._change()
            lines = self._container.written
            if len(lines) > shown:
                self.say("".join(f"{line.text}\n" for line in lines[shown:]))
                shown = len(lines)
            ended = self._container.present.exit
            if self._container.present.status == "stopped" and ended is not None:
                self.end(ended.status)
                return
            await change.wait()

    async def close(self) -> None:
        """Look no further."""
        self._following.cancel()
        await super().close()

"""A pseudo-terminal with a program in it: keys in, bytes out, its size and its settings."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Screen:
    """A terminal with a program in it.

    Attributes:
        slave: the program's end, for its settings.
        before: the settings that the terminal had.
        seen: what came up and wasn't expected yet.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        size: tuple[int, int] = (30, 100),
    ) -> None:
        self.master, self.slave = pty.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(self.slave)
        self.program = subprocess.Popen(
            # It becomes a session's leader with this as its terminal, else no SIGWINCH would come.
            ["setsid", "--ctty", *command],
            env=environment,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
        )
        self.seen = b""

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("=4H", rows, columns, 0, 0))

    def type(self, text: bytes) -> None:
        os.write(self.master, text)

    def expect(self, text: bytes, seconds: float = 20) -> bytes:
        """Wait until *text* is on the screen; return what came up to it and forget it."""
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            ready = select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]
            assert ready, self.seen
            self.seen += os.read(self.master, 4096)
        head, _, self.seen = self.seen.partition(text)
        return head

    def await_size(self, rows: int, columns: int) -> None:
        """Wait until the shell in it sees this size, which some clients pass on late."""
        self.type(
            b"until [ \"$(stty size)\" = '%d %d' ]; do sleep 0.1; done; echo si''zed\r"
            % (rows, columns)
        )
        self.expect(b"sized")

    def end(self) -> int:
        return self.program.wait(timeout=20)

    def close(self) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self.master)
        os.close(self.slave)

"""The terminal user interface: how soon it is seen, and what it costs to leave it open.

`python -m tests.bench.screens` opens it beside twenty idle containers for half a minute and prints
the processor time that it and its helpers used, in percent of one core.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from functools import partial

from tests.bench.race import Race
from tests.bench.runtimes import Setting, call
from tuicontainer.supervise.client import Client
from tuicontainer.supervise.inventory import list_containers
from tuicontainer.supervise.requests import CreateRequest

FRAME = b"1 Bundles"
"""Text of the first frame, which has all panes."""
IMPORT = "import textual.app; from textual.widgets import Input"
"""What every Textual application waits for before its own first line."""
CONTAINERS = 20
SECONDS = 30
_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LANG": "C.UTF-8",
}


class Session:
    """A program in a terminal of its own, 120x40; a context manager that ends it."""

    def __init__(self, command: Sequence[str]) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), _ENVIRONMENT)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def read_until(self, text: bytes, timeout: float = 60.0) -> None:
        """Read what it draws until *text* was among it.

        Raises:
            TimeoutError: it wasn't.
        """
        end = time.monotonic() + timeout
        drawn = b""
        while text not in drawn:
            drawn = drawn[-len(text) :] + self.read(end - time.monotonic())
            if time.monotonic() > end:
                raise TimeoutError(f"`{text.decode()}` wasn't drawn in {timeout} s")

    def read(self, seconds: float) -> bytes:
        """Return what it draws next, or nothing after *seconds*."""
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, seconds))
        return os.read(self._terminal, 65536) if ready else b""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


def races(setting: Setting) -> list[Race]:
    """Return the race of first paints."""
    roots = ("--root", setting.locations.state_root, "--data-root", setting.locations.data_root)

    def paint() -> None:
        with Session((setting.program, *roots)) as session:
            session.read_until(FRAME)

    return [
        Race(
            name="paint",
            what="the first frame beside the import of Textual and a widget (at most 1.5)",
            contestants={
                "tuicontainer": paint,
                "import textual": partial(call, sys.executable, "-c", IMPORT),
            },
        )
    ]


def processor_seconds(pid: int) -> float:
    """Return user and system time of a process and of the children it has waited for."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def helpers(state_root: str) -> list[int]:
    """Return the pids of the spawner and the monitors of a state root."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state_root.encode() in words and any(b"supervise" in word for word in words):
            found.append(int(name))
    return found


def measure_idle(setting: Setting) -> tuple[float, float]:
    """Return percent of one core: the interface's own, and its helpers' together."""
    bundle = setting.bundle("idle", "/bin/sleep", "100000")
    client = Client(setting.locations)
    for _ in range(CONTAINERS):
        client.start(client.create(CreateRequest(bundle=bundle)).id)
    roots = ("--root", setting.locations.state_root, "--data-root", setting.locations.data_root)
    with Session((setting.program, *roots)) as session:
        session.read_until(f"{CONTAINERS} running".encode())
        _let_it_draw(session, 5)
        pids = helpers(setting.locations.state_root)
        own, others = processor_seconds(session.pid), sum(map(processor_seconds, pids))
        begin = time.monotonic()
        _let_it_draw(session, SECONDS)
        passed = time.monotonic() - begin
        own = processor_seconds(session.pid) - own
        others = sum(map(processor_seconds, pids)) - others
    return 100 * own / passed, 100 * others / passed


def _let_it_draw(session: Session, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        session.read(left)


def main() -> int:
    """Measure the idle cost and print it."""
    with tempfile.TemporaryDirectory(prefix="tuicontainer-bench-") as folder:
        setting = Setting(folder)
        try:
            own, others = measure_idle(setting)
        finally:
            setting.clean()
            assert list_containers(setting.locations) == []
    sys.stdout.write(
        f"{CONTAINERS} idle containers, one sample a second, 120x40: the interface {own:.1f} %, "
        f"spawner and monitors {others:.1f} % of one core (at most 6 together)\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

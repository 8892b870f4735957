"""One instance of an assembled bundle, made by the runtime itself, with its streams in pipes."""

from __future__ import annotations

import os
import select
import signal
import time
from typing import TYPE_CHECKING

from tests.patience import patient
from tuicontainer.bundles.load import load_bundle
from tuicontainer.runtime import create, delete, kill, processes, start, state
from tuicontainer.runtime.process.stdio import Stdio

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.runtime.cgroups.sample import CgroupSample

STREAMS = ("stdout", "stderr", "console")


class BundleInstance:
    """Created and started at once; `close` takes everything away."""

    def __init__(self, root: str, container_id: str, bundle: str, cgroup_parent: str) -> None:
        self.root = root
        self.id = container_id
        self.output = dict.fromkeys(STREAMS, "")
        self.exit_status: int | None = None
        stdin = os.open("/dev/null", os.O_RDONLY)
        stdout, stdout_inside = os.pipe()
        stderr, stderr_inside = os.pipe()
        try:
            created = create.create(
                root,
                container_id,
                bundle=bundle,
                config=load_bundle(bundle),
                stdio=Stdio(stdin=stdin, stdout=stdout_inside, stderr=stderr_inside),
                cgroup_path=f"{cgroup_parent}/{container_id}",
            )
        finally:
            for fd in (stdin, stdout_inside, stderr_inside):
                os.close(fd)
        self.pid = created.pid
        self.console = created.console
        os.close(created.pidfd)
        self._streams = {stdout: "stdout", stderr: "stderr"}
        if created.console is not None:
            self._streams[created.console] = "console"
        start.start(root, container_id)

    def read(self, seconds: float = 0.05) -> None:
        """Take what the program writes within some time into `output`."""
        deadline = time.monotonic() + seconds
        while self._streams and (left := deadline - time.monotonic()) > 0:
            for fd in select.select(list(self._streams), [], [], left)[0]:
                try:
                    chunk = os.read(fd, 65536)
                except OSError:  # EIO: nobody has the terminal open any more
                    chunk = b""
                self.output[self._streams[fd]] += chunk.decode(errors="replace")
                if not chunk:
                    os.close(fd)
                    del self._streams[fd]

    def until(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        """Read until *condition* holds; fail after some time, showing what was written."""
        deadline = time.monotonic() + patient(seconds)
        while not condition():
            assert time.monotonic() < deadline, self.output
            self.read()

    def wait(self, seconds: float = 15) -> int:
        """Return the exit status, 128+n for signal n."""
        self.until(self._ended, seconds)
        self.read()
        assert self.exit_status is not None
        return self.exit_status

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; return the exit status and how many seconds it took."""
        begin = time.monotonic()
        kill.kill(self.root, self.id, number)
        return self.wait(), time.monotonic() - begin

    def sample(self) -> CgroupSample:
        """Read the control group."""
        return processes.sample(self.root, self.id)

    def close(self) -> None:
        """Kill, reap and delete."""
        delete.delete(self.root, self.id, force=True)
        if self.exit_status is None:
            os.waitpid(self.pid, 0)
        for fd in self._streams:
            os.close(fd)
        self._streams.clear()

    def _ended(self) -> bool:
        if self.exit_status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self.exit_status = code if code >= 0 else 128 - code
                assert state.state(self.root, self.id).status == "stopped"
        return self.exit_status is not None

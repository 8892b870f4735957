"""Namespaces of its own for an engine: whatever it mounts, listens on or starts ends with them.

An engine wants fixed places (`/run`, `/dev/shm`, `/etc/containers`), a network to arrange and
daemons that outlive their callers. Here it gets all that in new mount, network, PID, IPC and UTS
namespaces, with its files in memory, so that the host's own engine and its configuration are
neither seen nor touched. Only control groups can't be private; they are made below one parent,
which is removed, and looked at before.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.busybox import busybox
from tests.peers.runtime import OTHER

HOME = "/run/peer"
"""Folder of everything that an engine keeps; exists only in a ground's mount namespace."""

_PRIVATE = ("/run", "/dev/shm", "/etc/containers", "/etc/docker", "/etc/containerd", "/etc/cni")

# crun refuses a host with both versions of control groups, unless it can't see the second.
_CONCEAL = "umount /sys/fs/cgroup/unified || :" if OTHER.endswith("/crun") else ""

# The first process of a PID namespace inherits every orphan; `wait` in a shell reaps them all.
_FIRST_PROCESS = f"""
set -e
for place in {" ".join(_PRIVATE)}; do
    if [ -d $place ]; then mount -t tmpfs -o mode=755 peer $place; fi
done
mkdir -p {HOME} /run/lock
{_CONCEAL}
busybox ip link set lo up
echo ready
exec > /dev/null
while :; do sleep 1000 & wait; done
"""

CGROUP_ROOT = Path("/sys/fs/cgroup")

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Ground:
    """New namespaces, entered for each command.

    Attributes:
        cgroup_parent: path for `--cgroup-parent` and its like.
        pid: the first process of the namespaces, as the host counts.
        environment: what every command gets.
    """

    def __init__(self) -> None:
        busybox()
        self.cgroup_parent = f"/tuicontainer-peers-{os.getpid()}-{time.monotonic_ns() % 10**9}"
        self._unshare = subprocess.Popen(
            # If we are killed, so is everything in the namespaces.
            ["setpriv", "--pdeathsig", "KILL",
             "unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child",
             "--mount-proc", "--propagation", "private", "sh", "-c", _FIRST_PROCESS],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert self._unshare.stdout is not None
        answer = self._unshare.stdout.readline().decode().rstrip()
        if answer != "ready":
            self._unshare.wait(timeout=10)
            self._unshare.stdout.close()
            pytest.skip(f"needs a host that grants mounts and namespaces: {answer}")
        outside = self._unshare.pid
        children = Path(f"/proc/{outside}/task/{outside}/children").read_text().split()
        self.pid = int(children[0])
        self.environment = {"PATH": PATH, "HOME": HOME}

    def inside(self, *words: str) -> list[str]:
        """Return the command line that runs *words* in the namespaces, in the folder `HOME`."""
        namespaces = ("--mount", "--net", "--pid", "--ipc", "--uts")
        enter = ["nsenter", "--target", str(self.pid), *namespaces, "--"]
        return [*enter, "env", f"--chdir={HOME}", *words]

    def call(
        self, *words: str, timeout: float = 60, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run *words* to their end."""
        settings = options if "input" in options else {"stdin": subprocess.DEVNULL} | options
        return subprocess.run(
            self.inside(*words),
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout,
            **settings,
        )

    def ok(self, *words: str, **options: Any) -> str:
        """Run *words*, which must succeed; return what they print."""
        done = self.call(*words, **options)
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stderr}{done.stdout}"
        return done.stdout

    def begin(self, log: Path, *words: str) -> subprocess.Popen[bytes]:
        """Start a daemon whose output goes to *log*."""
        with log.open("wb") as file:
            return subprocess.Popen(
                self.inside(*words),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def cgroups(self, name: str = "") -> list[Path]:
        """Return the control groups below the parent whose name holds *name*, deepest first."""
        found = [
            Path(folder, each)
            for top in self._cgroup_parents()
            for folder, folders, _ in os.walk(top, topdown=False)
            for each in folders
        ]
        return [path for path in found if name in path.name]

    def close(self) -> None:
        """End every process of the namespaces, then remove the control groups."""
        self._thaw()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        # It ends only after the last process of its namespace was reaped.
        self._unshare.wait(timeout=30)
        if self._unshare.stdout is not None:
            self._unshare.stdout.close()
        for path in (*self.cgroups(), *self._cgroup_parents()):
            path.rmdir()

    def _cgroup_parents(self) -> list[Path]:
        place = self.cgroup_parent.lstrip("/")
        candidates = (*CGROUP_ROOT.glob(f"*/{place}"), CGROUP_ROOT / place)
        # `cpu` and `cpu,cpuacct` may be links to one hierarchy.
        return sorted({path.resolve() for path in candidates if path.is_dir()})

    def _thaw(self) -> None:
        """Let paused processes go on: those of a v1 freezer can't even be killed."""
        for path in self.cgroups():
            freezer = path / "freezer.state"
            if freezer.exists():
                freezer.write_text("THAWED")

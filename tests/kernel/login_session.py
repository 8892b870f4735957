"""A login session with a shell in it, as a person's who comes by ssh, and its end by logind.

`su` opens one through PAM, but not from inside another, so systemd starts it as a service.
Sources: pam_systemd(8), loginctl(1), systemd-run(1).
"""

from __future__ import annotations

import glob
import os
import shlex
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from tests.patience import patient
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.systemd.manager import BOOTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECONDS = patient(10.0)


def missing() -> str:
    """Say what this host lacks for login sessions on pure cgroup v2; empty when nothing."""
    if not os.path.isdir(BOOTED) or read_hierarchies().mode != "v2":
        return "this host has no systemd with pure cgroup v2"
    if not glob.glob("/lib/*/security/pam_systemd.so"):
        return "needs pam_systemd (Debian: libpam-systemd)"
    if shutil.which("su") is None or shutil.which("loginctl") is None:
        return "needs su and loginctl"
    return ""


class LoginSession:
    """One session of root's; its shell has run a command and waits.

    Attributes:
        status: exit status of the command.
        output: what it wrote.
        group: control group of the shell, such as `/user.slice/user-0.slice/session-c1.scope`.
    """

    def __init__(
        self, folder: Path, command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self._unit = f"tc-login-{uuid.uuid4().hex[:12]}"
        out, done = folder / "session.out", folder / "session.done"
        words = ["env", *(f"{key}={value}" for key, value in environment.items()), *command]
        script = (
            f"{shlex.join(words)} < /dev/null > {out} 2>&1\n"
            f"echo $? $XDG_SESSION_ID $(cat /proc/self/cgroup) > {done}.new && mv {done}.new {done}"
            "\nsleep 1000"
        )
        options = ["--quiet", "--collect", f"--unit={self._unit}"]
        run = ["systemd-run", *options, "su", "--login", "root", "--command", script]
        subprocess.run(run, check=True, capture_output=True)
        deadline = time.monotonic() + SECONDS
        while not done.exists():
            assert time.monotonic() < deadline, "the session's command hasn't ended"
            time.sleep(0.1)
        status, self._id, group = done.read_text().split()
        self.status = int(status)
        self.output = out.read_text()
        self.group = group.removeprefix("0::")

    def processes(self) -> list[str]:
        """Return the pids in the session's group, none once it has ended."""
        try:
            return Path(f"/sys/fs/cgroup{self.group}/cgroup.procs").read_text().split()
        except OSError:
            return []

    def terminate(self) -> None:
        """End the session with all that is in it, and wait for that."""
        subprocess.run(["loginctl", "terminate-session", self._id], check=True)
        deadline = time.monotonic() + SECONDS
        while self.processes():
            assert time.monotonic() < deadline, f"{self.group} still has {self.processes()}"
            time.sleep(0.1)

    def close(self) -> None:
        """Leave nothing, whether or not the session has ended."""
        subprocess.run(["systemctl", "stop", self._unit], check=False, capture_output=True)

"""What the kernel says of one state root: processes, control groups, mounts. Asked, never assumed.

Read from /proc and /sys/fs/cgroup without the program's own code (only the fixed names of its
control groups), so that a container the program forgot is found too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable


class KernelView:
    """The traces of one state root on this machine.

    Args:
        locations: the roots, for the name of the control group and the folders.
    """

    def __init__(self, state_root: str, data_root: str, cgroup_parent: str) -> None:
        self._state_root = state_root
        self._data_root = data_root
        self._parent = cgroup_parent

    def processes(self, container_id: str = "") -> list[int]:
        """Return the processes inside a container's control group, or inside any container's."""
        inside = f":{self._parent}/{container_id}"
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            lines = _read(f"/proc/{pid}/cgroup").splitlines()
            if any(f"{line}/".find(f"{inside.rstrip('/')}/") >= 0 for line in lines):
                found.append(int(pid))
        return found

    def cgroups(self) -> list[str]:
        """Return the folders of all containers' control groups, in every hierarchy."""
        tops = [
            "/sys/fs/cgroup",
            *(entry.path for entry in os.scandir("/sys/fs/cgroup") if entry.is_dir()),
        ]
        return [
            entry.path
            for top in tops
            if os.path.isdir(top + self._parent)
            for entry in os.scandir(top + self._parent)
            if entry.is_dir()
        ]

    def limit(self, container_id: str, *files: str) -> str:
        """Return what the first of *files* that a container's control groups have says."""
        folders = [path for path in self.cgroups() if path.endswith(f"/{container_id}")]
        for name in files:
            for folder in folders:
                if text := _read(f"{folder}/{name}").strip():
                    return text
        return ""

    def mounts(self) -> list[str]:
        """Return what is mounted below the two roots in our own mount namespace."""
        points = (line.split()[4] for line in _read("/proc/self/mountinfo").splitlines())
        return [point for point in points if point.startswith((self._state_root, self._data_root))]

    def state_folders(self) -> list[str]:
        """Return the containers that have a folder in the state root."""
        if not os.path.isdir(self._state_root):
            return []
        return [name for name in os.listdir(self._state_root) if not name.startswith("~")]

    def traces(self) -> dict[str, list[str]]:
        """Return everything that containers left; empty when the kernel knows of none."""
        found = {
            "processes": [
                f"{pid} {_read(f'/proc/{pid}/comm').strip()}" for pid in self.processes()
            ],
            "cgroups": self.cgroups(),
            "mounts": self.mounts(),
            "state": self.state_folders(),
        }
        return {kind: values for kind, values in found.items() if values}

    def cpu_seconds(self, container_id: str) -> float:
        """Return the processor time that a container's processes used so far."""
        ticks = 0
        for pid in self.processes(container_id):
            fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12]) if fields else 0
        return ticks / os.sysconf("SC_CLK_TCK")


def eventually(true: Callable[[], object], seconds: float = 15.0) -> bool:
    """Wait until *true* returns something true; False if it never did."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _read(path: str) -> str:
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:  # it ended meanwhile
        return ""

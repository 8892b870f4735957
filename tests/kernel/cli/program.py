"""The real program on roots of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.busybox import STEADY, make_bundle, shell_bundle
from tests.cgroup_home import home_folders
from tests.patience import patient
from tests.schemas import check
from tuicontainer.locations import default_locations

CHECKOUT = Path(__file__).resolve().parents[3]
START = (
    f"import sys; sys.path.append({str(CHECKOUT)!r}); "
    "from tuicontainer.cli.main import main; sys.exit(main())"
)


class Cli:
    """Runs `tuicontainer` on a state root and a data root of its own.

    Attributes:
        root: state root.
        data_root: data root.
        bundles: the bundle root.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "state"
        self.data_root = folder / "data"
        self.bundles = folder / "bundles"
        self.bundles.mkdir()
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "TUICONTAINER_ROOT": str(self.root),
            "TUICONTAINER_DATA_ROOT": str(self.data_root),
            "TUICONTAINER_BUNDLES": str(self.bundles),
            "TUICONTAINER_DEBUG": "1",
            "HOME": str(folder),
        }

    def command(self, *words: str) -> list[str]:
        """Return the program's command line, as the launcher runs it."""
        return [sys.executable, "-I", "-S", "-c", START, *words]

    def __call__(
        self, *words: str, input: str | None = None, timeout: float = 40
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            self.command(*words),
            env=self.environment,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=patient(timeout),
            check=False,
        )

    def ok(self, *words: str, input: str | None = None) -> str:
        """Run it, expect success and return what it printed."""
        done = self(*words, input=input)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        """Run it with `--format json`, expect success and a document as its schema says."""
        verb, *rest = words
        return check(verb, json.loads(self.ok(verb, "--format", "json", *rest)))

    def json_lines(self, *words: str) -> list[Any]:
        """Run a stream to its end and return the objects of its lines."""
        verb, *rest = words
        lines = self.ok(verb, "--format", "json", *rest).splitlines()
        return [check(verb, json.loads(line)) for line in lines]

    def popen(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Begin it with pipes on all three streams."""
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(self.command(*words), env=self.environment, **(streams | options))

    def bundle(self, name: str, script: str, **changes: Any) -> str:
        """Make a bundle in the bundle root and return its name."""
        shell_bundle(self.bundles / name, script, **changes)
        return name

    def raw_bundle(self, name: str, *args: str, **changes: Any) -> str:
        """Make a bundle that runs *args* without a shell."""
        make_bundle(self.bundles / name, *args, **changes)
        return name

    def steady(self, name: str = "steady") -> str:
        """Make a bundle that runs until it gets TERM."""
        return self.bundle(name, STEADY)

    def status(self, container_id: str) -> str:
        """Return a container's status, or `gone`."""
        rows = {row["id"]: row for row in self.json("ps", "-a")}
        return rows[container_id]["status"] if container_id in rows else "gone"

    def helpers(self) -> list[int]:
        """Return the pids of the spawner and the monitors of this state root."""
        mark = os.fsencode(self.root)
        return [pid for pid, line in command_lines() if mark in line and b"supervise" in line]

    def leftovers(self) -> list[str]:
        """Return what is left of containers: processes, mounts, control groups, folders."""
        found = [f"helper {pid}" for pid in self.helpers()[1:]]
        mark = os.fsencode(self.bundles)
        for pid, line in command_lines():
            try:
                if mark in Path(f"/proc/{pid}/mountinfo").read_bytes():
                    found.append(f"mounts seen by {pid} {line!r}")
            except OSError:
                continue
        for group in self.control_groups():
            found += [f"cgroup {path}" for path in (group / "c").glob("*/") if path.is_dir()]
        if self.root.is_dir():
            found += [f"folder {name}" for name in os.listdir(self.root) if name != "~engine"]
        return found

    def control_groups(self) -> list[Path]:
        """Return the control groups of this state root, one for each hierarchy."""
        return home_folders(
            default_locations(root=str(self.root), data_root=str(self.data_root), environment={})
        )


def command_lines() -> list[tuple[int, bytes]]:
    """Return pid and command line of all processes but our own."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError):
                found.append((int(name), Path(f"/proc/{name}/cmdline").read_bytes()))
    return found


def wait_until(true: Callable[[], object], seconds: float = 5.0) -> bool:
    """Wait until *true* returns something true; False if it never did."""
    deadline = time.monotonic() + patient(seconds)
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True

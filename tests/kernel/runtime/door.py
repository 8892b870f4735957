"""The runtime under test, by its command line: ours, or the one that RUNTIME names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.busybox import make_bundle
from tests.patience import patient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKOUT = Path(__file__).resolve().parents[3]
OTHER = os.environ.get("RUNTIME", "")
"""Path of another runtime to run the same cases against, such as /usr/sbin/runc."""

_OURS = (
    f"import sys; sys.path[:0] = [{str(CHECKOUT)!r}]\n"
    "from tuicontainer.cli.oci.main import main\nsys.exit(main())"
)
PROGRAM = [OTHER] if OTHER else [sys.executable, "-I", "-S", "-c", _OURS]


class Door:
    """A state root, bundles below a folder, and the commands on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "state"
        self.global_flags: tuple[str, ...] = ("--root", str(self.root))
        self.launcher: tuple[str, ...] = ()
        """Words before the runtime's: a program that executes the rest as somebody else."""
        self.count = 0
        self.prefix = f"t{os.getpid()}-{time.monotonic_ns() % 10**9}"

    def new_id(self) -> str:
        self.count += 1
        return f"{self.prefix}-{self.count}"

    def bundle(self, *args: str, change: Callable[[dict[str, Any]], None] | None = None) -> Path:
        """Make a bundle that runs *args*; *change* edits its configuration."""
        self.count += 1
        made = make_bundle(self.folder / f"bundle{self.count}", *args)
        if change is not None:
            self.edit(made, change)
        return made

    def edit(self, bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
        path = bundle / "config.json"
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    def shell(self, script: str, change: Callable[[dict[str, Any]], None] | None = None) -> Path:
        return self.bundle("/bin/sh", "-c", script, change=change)

    def call(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run one command. Output goes to files: a container's processes may keep them open."""
        out, err = self.folder / "out", self.folder / "err"
        settings = {"stdin": subprocess.DEVNULL, "timeout": patient(60)} | options
        with out.open("wb") as stdout, err.open("wb") as stderr:
            done = subprocess.run(
                [*self.launcher, *PROGRAM, *self.global_flags, *words],
                stdout=stdout,
                stderr=stderr,
                check=False,
                **settings,
            )
        return subprocess.CompletedProcess(
            done.args, done.returncode, out.read_text(errors="replace"), err.read_text()
        )

    def ok(self, *words: str, **options: Any) -> str:
        done = self.call(*words, **options)
        assert done.returncode == 0, f"{words}: {done.stderr}{done.stdout}"
        return done.stdout

    def fails(self, *words: str, status: int = 1, **options: Any) -> str:
        """Run a command that must fail; return what it says."""
        done = self.call(*words, **options)
        assert done.returncode == status, f"{words}: {done.returncode} {done.stderr}"
        return done.stderr

    def run(self, bundle: Path, **options: Any) -> str:
        """Run a bundle in the foreground, which must succeed; return its output."""
        return self.ok("run", "--bundle", str(bundle), self.new_id(), **options)

    def create(self, bundle: Path, *flags: str, **options: Any) -> str:
        container_id = self.new_id()
        self.ok("create", "--bundle", str(bundle), *flags, container_id, **options)
        return container_id

    def started(self, bundle: Path, *flags: str, **options: Any) -> str:
        container_id = self.create(bundle, *flags, **options)
        self.ok("start", container_id)
        return container_id

    def state(self, container_id: str) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.ok("state", container_id))
        return state

    def await_status(self, container_id: str, status: str) -> None:
        deadline = time.monotonic() + patient(10)
        while (now := self.state(container_id)["status"]) != status:
            assert time.monotonic() < deadline, f"{container_id} is {now}, not {status}"
            time.sleep(0.02)

    def close(self) -> None:
        """Delete every container that a test has left running, and reap what we inherited.

        All are killed first: the first process of a PID namespace can't end before those of other
        containers that have joined it are reaped.
        """
        names = os.listdir(self.root) if self.root.exists() else []
        for name in names:
            self.call("kill", "--all", name, "KILL")
        reap_orphans()
        for name in names:
            self.call("delete", "--force", name)


def cgroup_folders(name: str) -> list[str]:
    """Return the groups in all hierarchies whose name holds *name*.

    A folder where no hierarchy is mounted is none: crun leaves such behind where `unified` isn't.
    """
    found = [
        os.path.join(folder, each)
        for folder, folders, _ in os.walk("/sys/fs/cgroup")
        for each in folders
        if name in each
    ]
    own_files = ("cgroup.clone_children", "cgroup.controllers")
    return [group for group in found if any(os.path.exists(f"{group}/{own}") for own in own_files)]


def descendants() -> set[int]:
    """Return the pids of our living children and theirs; zombies of others are reaped."""
    found: set[int] = set()
    queue = [os.getpid()]
    while queue:
        path = f"/proc/{queue.pop()}/task"
        with suppress(OSError):
            for task in os.listdir(path):
                children = Path(path, task, "children").read_text().split()
                queue += [int(pid) for pid in children if int(pid) not in found]
                found |= {int(pid) for pid in children}
    return found


def reap_orphans() -> None:
    """Reap the processes that we have inherited as subreaper, as they end."""
    for _ in range(20):
        for pid in descendants():
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)


def mounts() -> str:
    """Return the mounts but for users' runtime folders: systemd's come and go with login sessions,
    the latter ten seconds after the last one has ended.
    """
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return "\n".join(line for line in lines if " /run/user/" not in line)


@contextmanager
def cgroup2_options_kept() -> Iterator[None]:
    """Give the host's cgroup2 mount its options back.

    runc mounts cgroup2 in its container without them, and they are the file system's: `nsdelegate`
    and `memory_recursiveprot` are gone for everybody then.
    """
    place = Path("/sys/fs/cgroup")
    before = next(
        (line for line in mounts().splitlines() if f" {place} " in line and " - cgroup2 " in line),
        None,
    )
    yield
    if before is not None:
        options = before.rpartition(" ")[2]
        subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def namespace_of(pid: int | str, name: str) -> str:
    return os.readlink(f"/proc/{pid}/ns/{name}")


def wait_gone(pid: int) -> None:
    deadline = time.monotonic() + patient(10)
    while os.path.exists(f"/proc/{pid}"):
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        assert time.monotonic() < deadline
        time.sleep(0.02)

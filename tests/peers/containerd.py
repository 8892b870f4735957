"""containerd, driven by `ctr`, with the runtime under test as the runc of its shim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.engine import await_true, needs
from tests.peers.ground import HOME, Ground
from tests.peers.image import NAME, write_image
from tests.screen import Screen

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

_CONFIGURATION = f"""
version = 2
root = "{HOME}/containerd"
state = "{HOME}/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]

[grpc]
address = "{HOME}/containerd.sock"
"""


class Containerd:
    """A daemon, its client, and a shim for each container."""

    def __init__(self, folder: Path, runtime: str) -> None:
        """Start it: *folder* takes its log and configuration, *runtime* is a path."""
        needs(("containerd", "containerd"), ("ctr", "containerd"))
        self.folder = folder
        self.runtime = runtime
        self.ground = Ground()
        self._names = 0
        self._left: set[str] = set()
        try:
            self._begin()
        except BaseException:
            self.ground.close()
            raise

    def _begin(self) -> None:
        configuration = self.folder / "config.toml"
        configuration.write_text(_CONFIGURATION)
        log = self.folder / "containerd.log"
        self.daemon = self.ground.begin(log, "containerd", "--config", str(configuration))

        def answers() -> bool:
            assert self.daemon.poll() is None, log.read_text()
            return self.call("version").returncode == 0

        await_true(answers, "containerd answers")
        self.ok("image", "import", str(write_image(self.folder / "image.tar")))

    def line(self, *words: str) -> tuple[str, ...]:
        return ("ctr", "--address", f"{HOME}/containerd.sock", *words)

    def call(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command of `ctr` to its end."""
        return self.ground.call(*self.line(*words), **options)

    def ok(self, *words: str, **options: Any) -> str:
        """Run a command of `ctr`, which must succeed; return what it prints."""
        return self.ground.ok(*self.line(*words), **options)

    def screen(self, *words: str) -> Screen:
        """Begin a command of `ctr` in a terminal."""
        return Screen(self.ground.inside(*self.line(*words)), self.ground.environment)

    def new_name(self) -> str:
        self._names += 1
        return f"peer{self._names}"

    def running(self, name: str, *flags: str) -> list[str]:
        """Return `run` for a container called *name* on the runtime under test."""
        cgroup = f"{self.ground.cgroup_parent}/{name}"
        return ["run", f"--runc-binary={self.runtime}", f"--cgroup={cgroup}", *flags,
                NAME, name]  # fmt: skip

    def shell(self, script: str, *flags: str) -> str:
        """Run a script in a container, which must succeed; return what it prints."""
        return self.ok(*self.running(self.new_name(), "--rm", *flags), "sh", "-c", script)

    def detached(self, script: str, *flags: str) -> str:
        """Start a container that runs a script in the background; return its name."""
        name = self.new_name()
        null = "--null-io" if not any(flag.startswith("--log-uri") for flag in flags) else ""
        chosen = [flag for flag in ("--detach", null, *flags) if flag]
        self.ok(*self.running(name, *chosen), "sh", "-c", script)
        return name

    def status(self, name: str) -> str:
        """Return what `ctr` calls the state of a container's task, in lower case."""
        rows = [row.split() for row in self.ok("task", "list").splitlines()[1:]]
        return next((row[2].lower() for row in rows if row[0] == name), "gone")

    def await_status(self, name: str, status: str) -> None:
        await_true(lambda: self.status(name) == status, f"{name} {status}")

    def limit(self, name: str, v1: str, v2: str) -> str:
        """Return what a container's control group says in the file *v1* or, on v2, *v2*."""
        groups = self.ground.cgroups(name)
        files = [path / file for path in groups for file in (v1, v2) if (path / file).exists()]
        assert files, f"no {v1} or {v2} in {groups}"
        return files[0].read_text().strip()

    def clear(self) -> None:
        """Remove every container, running or not, and expect nothing left of any."""
        names = self.ok("container", "list", "--quiet").split()
        for name in names:
            self.call("task", "delete", "--force", name)
            self.ok("container", "delete", name)
        left = [str(path) for name in names for path in self.ground.cgroups(name)]
        listed = self.ground.call("ls", "/run/containerd/runc/default").stdout.split()
        left += [f"state of {name}" for name in listed if not name.startswith("~")]
        new = set(left) - self._left
        self._left |= new
        assert not new, f"left behind: {new}"

    def close(self) -> None:
        """End the daemon with everything it started."""
        self.ground.close()
        self.daemon.wait(timeout=10)

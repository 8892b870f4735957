"""What the tests ask of an engine whose command line is Docker's: Docker and Podman."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.peers.ground import PATH, Ground
from tests.peers.image import NAME, write_image
from tests.screen import Screen


def needs(*programs: tuple[str, str]) -> None:
    """Skip unless all *programs* are installed; with each comes Debian's package."""
    for program, package in programs:
        if shutil.which(program, path=PATH) is None:
            pytest.skip(f"needs {program} (Debian: {package})")


def await_true(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until *true* returns something true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class Engine:
    """An engine on the runtime under test, in namespaces of its own.

    Attributes:
        ground: its namespaces; what this machine's own engine has is not in them.
        program: the command line's first word.
    """

    program = ""
    needed: tuple[tuple[str, str], ...] = ()
    """Programs, each with its package."""
    init = "docker-init"
    """Program for `--init`."""
    removing: tuple[str, ...] = ()
    """Flags of `rm --force` without which it would wait for containers that run."""

    def __init__(self, folder: Path, runtime: str) -> None:
        """Start it: *folder* takes its logs and configuration, *runtime* is a path."""
        needs(*self.needed)
        self.folder = folder
        self.runtime = runtime
        self.ground = Ground()
        self._names = 0
        self._left: set[str] = set()
        try:
            self.begin()
            self.ok("load", "--input", str(write_image(folder / "image.tar")))
        except BaseException:
            self.ground.close()
            raise

    def begin(self) -> None:
        """Start daemons and write configuration."""
        raise NotImplementedError

    def line(self, *words: str) -> tuple[str, ...]:
        """Return the command line of *words*, with the flags that all commands get."""
        return (self.program, *words)

    def call(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return self.ground.call(*self.line(*words), **options)

    def ok(self, *words: str, **options: Any) -> str:
        """Run a command, which must succeed; return what it prints."""
        return self.ground.ok(*self.line(*words), **options)

    def screen(self, *words: str) -> Screen:
        """Begin a command in a terminal."""
        return Screen(self.ground.inside(*self.line(*words)), self.ground.environment)

    def new_name(self) -> str:
        self._names += 1
        return f"peer{self._names}"

    def making(self, verb: str, *flags: str) -> list[str]:
        """Return `run` or `create` with what tests want: no download and, unasked, no network."""
        if not any(flag.startswith("--network=") for flag in flags):
            flags = ("--network=none", *flags)
        return [verb, "--pull=never", *flags, NAME]

    def run(
        self, *flags: str, command: tuple[str, ...], **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a container in the foreground to its end."""
        return self.call(*self.making("run", "--rm", *flags), *command, **options)

    def shell(self, script: str, *flags: str, **options: Any) -> str:
        """Run a script in a container, which must succeed; return what it prints."""
        done = self.run(*flags, command=("sh", "-c", script), **options)
        assert done.returncode == 0, f"{flags} {script}: {done.stderr}{done.stdout}"
        return done.stdout

    def detached(self, script: str, *flags: str) -> str:
        """Start a container that runs a script in the background; return its name."""
        name = self.new_name()
        self.ok(*self.making("run", "--detach", f"--name={name}", *flags), "sh", "-c", script)
        return name

    def inspect(self, name: str) -> Any:
        """Return what the engine knows of a container."""
        return json.loads(self.ok("container", "inspect", name))[0]

    def status(self, name: str) -> str:
        status: str = self.inspect(name)["State"]["Status"]
        return status

    def await_status(self, name: str, status: str) -> None:
        await_true(lambda: self.status(name) == status, f"{name} {status}")

    def await_log(self, name: str, text: str) -> None:
        """Wait until a container has printed *text*."""
        await_true(lambda: text in self.ok("logs", name), f"{text!r} printed by {name}")

    def limit(self, name: str, v1: str, v2: str) -> str:
        """Return what a container's control group says in the file *v1* or, on v2, *v2*."""
        groups = self.ground.cgroups(self.inspect(name)["Id"])
        files = [path / file for path in groups for file in (v1, v2) if (path / file).exists()]
        assert files, f"no {v1} or {v2} in {groups}"
        return files[0].read_text().strip()

    def clear(self) -> None:
        """Remove every container, running or not, and expect nothing left of any."""
        ids = self.ok("ps", "--all", "--quiet", "--no-trunc").split()
        if ids:
            self.ok("rm", "--force", *self.removing, *ids)
        left = [str(path) for id_ in ids for path in self.ground.cgroups(id_)]
        left += [f"state of {id_}" for id_ in self.states()]
        new = set(left) - self._left
        self._left |= new
        assert not new, f"left behind: {new}"

    def needs_init(self) -> None:
        """Skip unless the engine has a first process for `--init`."""
        needs((self.init, "tini"))

    def states(self) -> list[str]:
        """Return the containers that the runtime still keeps a state folder of."""
        raise NotImplementedError

    def close(self) -> None:
        """End the engine with everything it started."""
        self.ground.close()

"""The drop-in runtime beside runc and crun: the same bundle, the same verbs, each its own root."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.race import Race
from tests.busybox import make_bundle
from tuicontainer.cli.launcher import write_archive, write_launchers
from tuicontainer.locations import Locations
from tuicontainer.supervise.client import Client
from tuicontainer.supervise.inventory import list_containers
from tuicontainer.supervise.requests import CreateRequest, ExecRequest

PEERS = ("runc", "crun")


class Setting:
    """A folder with bundles, our commands and everybody's state roots.

    Args:
        folder: an empty one; removed by whoever made it.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        write_launchers(folder)
        write_archive()
        self.program = os.path.join(folder, "tuicontainer")
        self.runtimes = {
            "tuicontainer-runtime": os.path.join(folder, "tuicontainer-runtime"),
            **{name: path for name in PEERS if (path := shutil.which(name))},
        }
        self.locations = Locations(
            state_root=os.path.join(folder, "state"), data_root=os.path.join(folder, "data")
        )
        self._numbers = itertools.count(1)
        self._running: list[list[str]] = []

    def bundle(self, name: str, *args: str) -> str:
        """Make a bundle with the default configuration that `spec` writes."""
        return str(make_bundle(Path(self.folder, name), *args))

    def new_id(self) -> str:
        """Return an id that nobody has used."""
        return f"bench-{os.getpid()}-{next(self._numbers)}"

    def command(self, runtime: str) -> list[str]:
        """Return how a runtime's command lines begin, with a state root of its own."""
        return [self.runtimes[runtime], "--root", os.path.join(self.folder, f"root-{runtime}")]

    def pid_of(self, runtime: str, container: str) -> int:
        """Return the pid of a container's first process."""
        command = [*self.command(runtime), "state", container]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        return int(json.loads(done.stdout)["pid"])

    def verbs(self, runtime: str, bundle: str, *lines: Sequence[str]) -> Callable[[], None]:
        """Return an act that runs command lines in turn; `ID` and `BUNDLE` in them are replaced."""
        program = self.command(runtime)

        def act() -> None:
            values = {"ID": self.new_id(), "BUNDLE": bundle}
            for line in lines:
                call(*program, *(values.get(word, word) for word in line))

        return act

    def embedded(self, bundle: str) -> Callable[[], None]:
        """Return an act that runs a container through the spawner, as the TUI and a script do."""
        client = Client(self.locations)

        def act() -> None:
            view = client.create(CreateRequest(bundle=bundle))
            client.start(view.id)
            client.wait(view.id)
            client.delete(view.id)

        return act

    def embedded_exec(self, bundle: str) -> Callable[[], None]:
        """Return an act that runs a program in a container, made at first, by the spawner."""
        client = Client(self.locations)
        made: list[str] = []

        def act() -> None:
            if not made:
                made.append(client.create(CreateRequest(bundle=bundle)).id)
                client.start(made[0])
            with client.exec(made[0], ExecRequest(args=("/bin/true",))) as session:
                session.wait()

        return act

    def exec(self, runtime: str, bundle: str) -> Callable[[], None]:
        """Return an act that runs a program in a container, made at first, by a cold command."""
        made: list[str] = []

        def act() -> None:
            if not made:
                made.append(self.new_id())
                line = ("run", "--detach", "--bundle", bundle, made[0])
                call(*self.command(runtime), *line)
                self._running.append([*self.command(runtime), "delete", "--force", made[0]])
            call(*self.command(runtime), "exec", made[0], "/bin/true")

        return act

    def clean(self) -> None:
        """Remove what an interrupted race left."""
        client = Client(self.locations)
        for view in list_containers(self.locations):
            client.delete(view.id, force=True)
        for command in self._running:
            subprocess.run(command, check=False)


def call(*command: str) -> None:
    """Run a command to its end without a shell and without pipes.

    Raises:
        CalledProcessError: it failed; what it said is on stderr.
    """
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def races(setting: Setting) -> list[Race]:
    """Return the races against other runtimes."""
    true = setting.bundle("true", "/bin/true")
    steady = setting.bundle("steady", "/bin/sleep", "1000")
    run = ("run", "--bundle", "BUNDLE", "ID")
    steps = (
        ("create", "--bundle", "BUNDLE", "ID"),
        ("start", "ID"),
        ("state", "ID"),
        ("delete", "--force", "ID"),
    )
    return [
        Race(
            name="run",
            what="`run` of the default bundle by a cold command",
            contestants={name: setting.verbs(name, true, run) for name in setting.runtimes},
        ),
        Race(
            name="embedded",
            what="create, start, wait and delete through the warm spawner, beside their `run`",
            contestants={"embedded": setting.embedded(true)}
            | {name: setting.verbs(name, true, run) for name in PEERS if name in setting.runtimes},
        ),
        Race(
            name="exec",
            what="`exec /bin/true` through the warm spawner, and by cold commands",
            contestants={"embedded": setting.embedded_exec(steady)}
            | {name: setting.exec(name, steady) for name in setting.runtimes},
        ),
        Race(
            name="verbs",
            what="create, start, state, delete --force: four cold commands, as engines call them",
            contestants={name: setting.verbs(name, steady, *steps) for name in setting.runtimes},
            rounds=10,
        ),
    ]

"""A state root and a data root of a test's own, with the processes that serve them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.busybox import STEADY, make_bundle, shell_bundle
from tests.cgroup_home import home_folders
from tests.patience import patient
from tuicontainer.locations import Locations
from tuicontainer.runtime.process.identity import read_stat
from tuicontainer.supervise.channel import Received
from tuicontainer.supervise.client import Client
from tuicontainer.supervise.converse import converse
from tuicontainer.supervise.inventory import find_container, list_containers
from tuicontainer.supervise.journal import committed_path, read_committed, read_events
from tuicontainer.supervise.launch import reach_spawner
from tuicontainer.supervise.logs import read_log
from tuicontainer.supervise.names import MONITOR_SOCKET, SPAWNER_SOCKET
from tuicontainer.supervise.requests import CreateRequest
from tuicontainer.supervise.talk import ask, open_connection
from tuicontainer.supervise.views import ContainerView


class Ground:
    """Everything a test of supervision needs, and the proof that nothing is left of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.locations = Locations(state_root=str(folder / "state"), data_root=str(folder / "data"))
        self.client = Client(self.locations)
        self.bundles = folder / "bundles"
        self.bundles.mkdir()

    def bundle(self, script: str, name: str = "box", **changes: Any) -> str:
        """Make a bundle that runs a shell script."""
        return str(shell_bundle(self.bundles / name, script, **changes))

    def raw_bundle(self, *args: str, name: str = "raw", **changes: Any) -> str:
        """Make a bundle that runs *args* without a shell."""
        return str(make_bundle(self.bundles / name, *args, **changes))

    def create(self, script: str, name: str = "box", **options: Any) -> ContainerView:
        """Make a container that runs a shell script."""
        changes = options.pop("changes", {})
        bundle = self.bundle(script, name, **changes)
        return self.client.create(CreateRequest(bundle=bundle, **options))

    def run(self, script: str = STEADY, name: str = "box", **options: Any) -> ContainerView:
        """Make and start a container that runs a shell script."""
        view = self.create(script, name, **options)
        self.client.start(view.id)
        return self.view(view.id)

    def view(self, container_id: str) -> ContainerView:
        """Look at one container."""
        return find_container(self.locations, container_id)

    def log(self, container_id: str) -> list[str]:
        """Return the texts in a container's log."""
        return [line.text for line in read_log(self.locations, container_id)]

    def events(self, container_id: str | None = None) -> list[str]:
        """Return the types of the events, once all that were written are committed."""
        committed = committed_path(self.locations)
        assert until(lambda: read_committed(committed) == os.stat(self.locations.journal).st_size)
        return [
            event.type for event in read_events(self.locations) if container_id in (None, event.id)
        ]

    def ask_spawner(self, verb: str) -> dict[str, Any]:
        """Ask the spawner, started if need be."""
        connection = converse(reach_spawner(self.locations))
        try:
            answer = converse(ask(connection.channel, {"verb": verb}))
        finally:
            connection.channel.close()
        assert answer is not None
        return dict(answer.message["ok"])

    @property
    def spawner(self) -> int:
        """Pid of the spawner."""
        return int(self.ask_spawner("status")["pid"])

    def ask_monitor(self, container_id: str, verb: str, **arguments: Any) -> dict[str, Any] | None:
        """Ask a container's monitor; None if none listens."""
        folder = self.locations.container_state_dir(container_id)
        connection = converse(open_connection(folder, MONITOR_SOCKET))
        if connection is None:
            return None
        try:
            message = {"verb": verb, "id": container_id, **arguments}
            answer = converse(ask(connection.channel, message, seconds=20))
        finally:
            connection.channel.close()
        assert isinstance(answer, Received)
        return dict(answer.message["ok"])

    def monitor(self, container_id: str) -> int:
        """Pid of a container's monitor; 0 if none listens."""
        status = self.ask_monitor(container_id, "status")
        return 0 if status is None else int(status["pid"])

    def clear(self) -> None:
        """Remove all containers."""
        for view in list_containers(self.locations):
            self.client.delete(view.id, force=True)
        failures = [
            event for event in read_events(self.locations) if event.type.endswith("-failed")
        ]
        assert not failures, failures[0].details
        connection = converse(open_connection(self.locations.engine_dir, SPAWNER_SOCKET))
        if connection is not None:
            # So it needn't wait for other doors, and nor need we.
            converse(ask(connection.channel, {"verb": "retire"}))
            connection.channel.close()

    def helpers(self) -> list[int]:
        """Return the pids of spawners, monitors and their children."""
        mark = b"\0" + os.fsencode(self.locations.state_root) + b"\0"
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                line = Path(f"/proc/{name}/cmdline").read_bytes()
            except OSError:
                continue
            if mark in line:
                found.append(int(name))
        return found

    def cgroups(self) -> list[str]:
        """Return the control groups of this state root."""
        return [folder for home in home_folders(self.locations) for folder, _, _ in os.walk(home)]

    def mounts(self) -> list[str]:
        """Return the host's mounts that belong to this test."""
        with open("/proc/self/mountinfo") as file:
            return [line for line in file if str(self.folder) in line]

    def leftovers(self) -> list[str]:
        """Return what should have gone."""
        left = [f"process {pid}" for pid in self.helpers()] + self.cgroups() + self.mounts()
        engine = Path(self.locations.engine_dir)
        if engine.exists():
            names = {path.name for path in engine.iterdir()}
            left += sorted(names - {"journal.committed", "spawner.lock"})
            left += [name for name in os.listdir(self.locations.state_root) if name != "~engine"]
        containers = Path(self.locations.containers_dir)
        if containers.exists():
            left += [str(path) for path in containers.iterdir()]
        return left


def until(true: Callable[[], object], seconds: float = 8.0) -> bool:
    """Wait until *true* returns something true; False if it never did."""
    deadline = time.monotonic() + patient(seconds)
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def kill(pid: int) -> None:
    """SIGKILL one process and wait until it has gone."""
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: (read_stat(pid) or "Z")[0] in "ZX")

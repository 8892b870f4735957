"""The real program on roots of its own, opened in terminals and asked by words."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from tests.cgroup_home import cgroup_home
from tests.e2e.kernel_view import KernelView, eventually
from tests.e2e.terminal import PATIENCE, Terminal
from tuicontainer.cli.launcher import write_launchers
from tuicontainer.locations import default_locations


class Manager:
    """One installation of tuicontainer: its commands, its state root, its terminals.

    Args:
        folder: an empty folder that everybody may enter.
        state_root: the state root; a folder below *folder* by default.
    """

    def __init__(self, folder: str, state_root: str | None = None) -> None:
        self.folder = folder
        self.state_root = state_root or os.path.join(folder, "state")
        self.data_root = os.path.join(folder, "data")
        commands = os.path.join(folder, "bin")
        os.makedirs(commands)
        write_launchers(commands)
        self.program = os.path.join(commands, "tuicontainer")
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": os.path.join(folder, "home"),
            "LANG": "C.UTF-8",
            "TEXTUAL_ANIMATIONS": "none",
            "TUICONTAINER_ROOT": self.state_root,
            "TUICONTAINER_DATA_ROOT": self.data_root,
        }
        locations = default_locations(root=self.state_root, data_root=self.data_root)
        self.kernel = KernelView(self.state_root, self.data_root, f"{cgroup_home(locations)}/c")
        self._terminals: list[Terminal] = []

    def open(
        self, *words: str, size: tuple[int, int] = (120, 40), before: tuple[str, ...] = ()
    ) -> Screen:
        """Open the terminal user interface and wait until it shows the shipped bundles.

        Args:
            words: the program's arguments.
            size: columns and lines.
            before: a command that executes the program, such as setpriv and its options.
        """
        terminal = Terminal(
            [*before, self.program, *words],
            folder=self.folder, size=size, environment=self.environment,
        )  # fmt: skip
        self._terminals.append(terminal)
        terminal.wait_for("hello", "cpu")
        return Screen(terminal)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one verb of the command line to its end."""
        return subprocess.run(
            [self.program, *words],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return what `ps -a` says, by id."""
        done = self.run("ps", "-a", "--format", "json")
        assert done.returncode == 0, done.stderr
        return {row["id"]: row for row in json.loads(done.stdout)}

    def close(self) -> dict[str, list[str]]:
        """Close all terminals, remove all containers and return what is left of them."""
        for terminal in self._terminals:
            terminal.close()
        if ids := list(self.rows()):
            self.run("rm", "--force", *ids)
        eventually(lambda: not self.kernel.traces())
        return self.kernel.traces()


class Screen:
    """The terminal user interface, by what a person does with it."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.wait_for = terminal.wait_for
        self.wait_until = terminal.wait_until
        self.press = terminal.press

    def choose_bundle(self, name: str) -> None:
        """Put the cursor of the bundles pane on a bundle."""
        self._choose("1", name)

    def choose_container(self, container_id: str) -> None:
        """Put the cursor of the containers pane on a container."""
        self._choose("2", container_id)

    def _choose(self, pane: str, name: str) -> None:
        # Escape leaves a filter that an earlier choice kept.
        self.press(pane, "Escape", pane, "/")
        self.terminal.type(name)
        self.wait_for(name)
        self.press("Enter")

    def start(self, bundle: str, container_id: str, status: str) -> None:
        """Start a container from a bundle with one key and wait until it is shown."""
        self.choose_bundle(bundle)
        self.press("s")
        self.wait_for(rf"{container_id}\b.*\b{status}\b")

    def kill(self, container_id: str) -> None:
        """Kill a container: the dialog opens with KILL chosen."""
        self.choose_container(container_id)
        self.press("K")
        self.wait_for("KILL")
        self.press("Enter")
        self.wait_for(rf"{container_id}\b.*\bstopped\b")

    def delete(self, container_id: str) -> None:
        """Delete a stopped container, agree to it and wait until its row is gone."""
        self.choose_container(container_id)
        self.press("d")
        self.wait_for("Cancel")
        self.press("y")
        self.wait_gone(container_id)

    def wait_gone(self, container_id: str, seconds: float = PATIENCE) -> None:
        """Wait until the containers pane has no row for a container."""
        status = r"\b(creating|created|running|paused|stopped)\b"
        self.terminal.wait_without(rf"{container_id}\b.*{status}", seconds)

    def quit(self) -> None:
        """Leave the program by its key and expect status 0."""
        for _ in range(4):  # one press goes back a level
            self.press("q")
            if eventually(lambda: self.terminal.ended, 2):
                break
        assert self.terminal.ended == "0", self.terminal.screen()

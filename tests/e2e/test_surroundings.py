"""Terminals, rights and paths that aren't the ones the screens were drawn for."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.e2e.kernel_view import eventually
from tests.e2e.manager import Manager
from tests.nobody import NOBODY, needs_open_checkout

pytestmark = [pytest.mark.e2e, pytest.mark.serial]


@pytest.mark.parametrize("size", [(60, 20), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_main_job_fits_into_a_small_terminal(manager: Manager, size: tuple[int, int]) -> None:
    screen = manager.open(size=size)
    screen.choose_bundle("cpu")
    screen.press("s")
    assert eventually(lambda: manager.kernel.processes("cpu-1"))
    # What doesn't fit is left out, not folded: the status comes last of all to go.
    screen.choose_container("cpu-1")
    shown = screen.wait_for(r"cpu-1\b.*\brunning\b")
    assert max(map(len, shown.splitlines())) <= size[0]
    screen.kill("cpu-1")
    screen.delete("cpu-1")
    assert manager.rows() == {}
    screen.quit()


def test_a_window_may_change_its_size(manager: Manager) -> None:
    screen = manager.open(size=(120, 40))
    for size in ((60, 20), (200, 50), (80, 24)):
        screen.terminal.resize(*size)
        screen.wait_for("hello")
    screen.start("cpu", "cpu-1", "running")


def test_read_only_changes_nothing(manager: Manager) -> None:
    assert manager.run("run", "-d", "--name", "kept", "cpu").returncode == 0
    screen = manager.open("--read-only")
    screen.wait_for("READ-ONLY", r"kept\b.*\brunning\b")
    screen.choose_bundle("hello")
    screen.press("s")
    screen.wait_for("read-only")
    screen.choose_container("kept")
    screen.press("K")
    screen.wait_for("read-only")
    assert set(manager.rows()) == {"kept"}
    assert manager.rows()["kept"]["status"] == "running"
    screen.quit()


def test_without_root_it_says_so_and_shows_the_bundles(manager: Manager) -> None:
    before = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv (util-linux)")
    needs_open_checkout()
    screen = manager.open(before=before)
    screen.wait_for("NOT ROOT")
    screen.choose_bundle("hello")
    screen.press("s")
    screen.wait_for("root")
    assert manager.kernel.traces() == {}
    screen.quit()


def test_a_state_root_of_two_hundred_characters(make_manager: Callable[..., Manager]) -> None:
    """A Unix socket's address holds 108 bytes (unix(7)); the state root may be longer."""
    manager = make_manager("/".join(["r" * 60] * 3 + ["state"]))
    assert len(manager.state_root) >= 200
    screen = manager.open()
    screen.start("cpu", "cpu-1", "running")
    screen.kill("cpu-1")
    screen.delete("cpu-1")
    assert manager.rows() == {}
    assert eventually(lambda: not manager.kernel.traces()), manager.kernel.traces()

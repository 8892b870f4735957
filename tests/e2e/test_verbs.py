"""Verbs by keys in one window; after each the kernel is asked."""

from __future__ import annotations

import pytest

from tests.e2e.kernel_view import eventually
from tests.e2e.manager import Manager, Screen

pytestmark = [pytest.mark.e2e, pytest.mark.serial]


def runs(shared: Manager, screen: Screen, name: str, bundle: str = "cpu") -> int:
    """Start a container by words, put the cursor on it and return the pid of its program."""
    done = shared.run("run", "-d", "--name", name, bundle)
    assert done.returncode == 0, done.stderr
    screen.choose_container(name)
    screen.wait_for(rf"{name}\b.*\brunning\b")
    return int(shared.rows()[name]["pid"])


def test_stop_asks_the_program_to_end(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one", "web")
    screen.press("t")
    screen.wait_for(r"one\b.*\bstopped\b")
    assert shared.kernel.processes("one") == []
    events = shared.run(
        "events", "--since", "1h", "--no-follow", "--filter", "container=one"
    ).stdout
    assert "stopping" in events


def test_restart_makes_another_process(shared: Manager, screen: Screen) -> None:
    before = runs(shared, screen, "one")
    screen.press("r")
    assert eventually(
        lambda: (
            shared.rows()["one"]["status"] == "running" and shared.rows()["one"]["pid"] != before
        )
    )
    assert before not in shared.kernel.processes()


def test_another_signal_than_kill(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one")
    screen.press("K")
    screen.wait_for("Send a signal to one")
    screen.press("j", "Enter")
    # TERM is obeyed; KILL would be told as such.
    screen.wait_for(r"one\b.*\bstopped\b.*\bexit 0")
    assert shared.kernel.processes("one") == []


def test_leaving_a_dialog_does_nothing(shared: Manager, screen: Screen) -> None:
    pid = runs(shared, screen, "one")
    for key in ("n", "Escape"):
        screen.press("K")
        screen.wait_for("Send a signal to one")
        screen.press(key)
        screen.terminal.wait_without("Send a signal")
    assert shared.kernel.processes("one") == [pid]


def test_a_delete_is_taken_back(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one")
    screen.kill("one")
    screen.delete("one")
    assert "one" not in shared.rows()
    screen.press("u")
    screen.wait_for(r"one\b.*\bstopped\b")
    assert "one" in shared.rows()
    assert shared.kernel.processes("one") == []


def test_verbs_for_all_that_are_marked(shared: Manager, screen: Screen) -> None:
    for name in ("one", "two", "three"):
        runs(shared, screen, name, "web")
    screen.press("Escape", "2", "*")
    screen.wait_for("3 marked")
    screen.press("t")
    screen.wait_for("Stop 3 containers")
    screen.press("y")
    assert eventually(lambda: not shared.kernel.processes())
    assert {row["status"] for row in shared.rows().values()} == {"stopped"}


def test_what_the_state_forbids_is_said_and_not_done(shared: Manager, screen: Screen) -> None:
    pid = runs(shared, screen, "one")
    screen.press("d")
    screen.wait_for("stop it with t or kill it with K first")
    assert shared.kernel.processes("one") == [pid]


def test_a_container_with_limits_from_the_form(shared: Manager, screen: Screen) -> None:
    screen.choose_bundle("cpu")
    screen.press("S")
    screen.wait_for("New container from cpu")
    screen.terminal.type("formed")
    screen.press("Tab", "Tab")
    screen.terminal.type("48m")
    screen.wait_for("--name formed --memory 50331648")
    screen.press("Enter")
    screen.wait_for(r"formed\b.*\brunning\b")
    limit = shared.kernel.limit("formed", "memory.max", "memory.limit_in_bytes")
    assert limit == str(48 << 20)


def test_the_palette_does_what_its_line_says(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one", "web")
    screen.press(":")
    screen.wait_for("🔎|Search")
    screen.terminal.type("stop one")
    screen.wait_for("Stop one", "tuicontainer.* stop one")
    screen.press("Enter")
    if not eventually(lambda: not shared.kernel.processes("one"), 3):
        screen.press("Enter")
    screen.wait_for(r"one\b.*\bstopped\b")
    assert shared.kernel.processes("one") == []


def test_every_command_is_in_the_activity_as_a_shell_takes_it(
    shared: Manager, screen: Screen
) -> None:
    runs(shared, screen, "one")
    screen.press("p")
    screen.wait_for(r"one\b.*\bpaused\b")
    screen.press("A")
    screen.wait_for(r"tuicontainer --root .*done")
    screen.press("Enter")
    screen.wait_for(r"pause\s+one")
    screen.press("A", "\\")
    assert shared.run("resume", "one").returncode == 0
    screen.wait_for(r"one\b.*\brunning\b")


def test_quitting_leaves_containers_running(shared: Manager, screen: Screen) -> None:
    pid = runs(shared, screen, "one")
    other = shared.open()
    other.wait_for(r"one\b.*\brunning\b")
    other.quit()
    assert shared.kernel.processes("one") == [pid]

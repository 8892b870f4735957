"""What is looked at by keys in one window is what the kernel has."""

from __future__ import annotations

import os

import pytest

from tests.e2e.kernel_view import eventually
from tests.e2e.manager import Manager, Screen
from tests.e2e.test_verbs import runs

pytestmark = [pytest.mark.e2e, pytest.mark.serial]


def test_the_processes_with_both_pids(shared: Manager, screen: Screen) -> None:
    pid = runs(shared, screen, "one")
    screen.press("8")
    screen.wait_for(rf"\b{pid} +1 ")


def test_limits_are_changed_and_the_kernel_has_them(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one")
    screen.press("U")
    screen.wait_for("Limits of one")
    screen.terminal.type("40m")
    screen.press("Tab")
    screen.terminal.type("none")
    screen.wait_for("--memory 41943040 --cpus 0")
    screen.press("Enter")
    screen.wait_for("memory 40.0M")
    assert shared.kernel.limit("one", "memory.max", "memory.limit_in_bytes") == str(40 << 20)
    quota = shared.kernel.limit("one", "cpu.max", "cpu.cfs_quota_us")
    assert quota.split()[0] in ("max", "-1")
    screen.press("A")
    screen.wait_for(r"tuicontainer --root .* memory 40.0M · cpus none")
    screen.press("A")


def test_limits_that_cant_be_are_refused_and_nothing_changes(
    shared: Manager, screen: Screen
) -> None:
    runs(shared, screen, "one")
    before = shared.kernel.limit("one", "memory.max", "memory.limit_in_bytes")
    screen.press("U")
    screen.wait_for("Limits of one")
    screen.terminal.type("lots")
    screen.press("Enter")
    screen.wait_for("memory limit can't be `lots`")
    screen.press("Escape")
    screen.terminal.wait_without("Limits of one")
    assert shared.kernel.limit("one", "memory.max", "memory.limit_in_bytes") == before


def test_one_process_gets_a_signal_and_the_others_go_on(shared: Manager, screen: Screen) -> None:
    first = runs(shared, screen, "one", "web")
    assert eventually(lambda: len(shared.kernel.processes("one")) >= 3)
    others = sorted(pid for pid in shared.kernel.processes("one") if pid != first)
    screen.press("C-x")
    screen.wait_for("Signal which process of one", str(others[-1]))
    screen.press("G", "Enter")
    shown = screen.wait_for(r"Send a signal to process \d+ of one")
    screen.press("Enter")
    victim = int(shown.partition("signal to process ")[2].split()[0])
    assert victim in others
    assert eventually(lambda: victim not in shared.kernel.processes("one"))


def test_another_name_for_what_has_ended(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one")
    screen.press("I")
    screen.wait_for("stop it with t first")
    screen.kill("one")
    screen.press("I")
    screen.wait_for("Rename one")
    screen.terminal.type("renamed")
    screen.press("Enter")
    assert eventually(lambda: set(shared.rows()) == {"renamed"})
    screen.choose_container("renamed")
    screen.press("s")
    screen.wait_for(r"renamed\b.*\brunning\b")
    assert shared.kernel.processes("renamed")
    assert any(path.endswith("/renamed") for path in shared.kernel.cgroups())


def test_two_bundles_side_by_side(shared: Manager, screen: Screen) -> None:
    screen.choose_bundle("cpu")
    screen.press("D")
    screen.wait_for("with the next one")
    screen.choose_bundle("web")
    screen.press("D")
    screen.wait_for("cpu and web", r'-   "hostname": "cpu"', r'\+   "hostname": "web"')
    screen.press("Escape")
    screen.terminal.wait_without("cpu and web")


def test_the_log_follows_and_finds(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one", "logger")
    screen.press("l")
    first = screen.wait_for(r"line \d+|\b\d+\b")
    screen.wait_until(lambda shown: shown != first, "the log to go on")
    screen.press("z", "f")
    screen.terminal.type("out")
    screen.press("Enter")
    screen.wait_for("one")
    assert shared.rows()["one"]["status"] == "running"


def test_state_and_inspect_say_the_pid(shared: Manager, screen: Screen) -> None:
    pid = runs(shared, screen, "one")
    screen.press("5")
    screen.wait_for(rf'"pid": {pid}')
    screen.press("i")
    screen.wait_for('"bundle":|"id": "one"')


def test_a_filter_by_condition(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one")
    runs(shared, screen, "two")
    screen.kill("two")
    screen.press("Escape", "2", "/")
    screen.terminal.type("status:running")
    screen.terminal.wait_without(r"two\b.*\bstopped\b")
    screen.wait_for(r"one\b.*\brunning\b")
    screen.press("Escape")
    screen.wait_for(r"two\b.*\bstopped\b")


def test_a_pane_fills_the_screen_and_the_help_covers_it(shared: Manager, screen: Screen) -> None:
    screen.press("2", "z")
    screen.terminal.wait_without("1 Bundles")
    screen.press("?")
    screen.wait_for("Containers and bundles")
    screen.press("Escape")
    screen.terminal.wait_without("Containers and bundles")
    screen.press("z")
    screen.wait_for("1 Bundles")


def test_the_drift_tells_what_somebody_else_has_changed(shared: Manager, screen: Screen) -> None:
    runs(shared, screen, "one")
    folders = [path for path in shared.kernel.cgroups() if path.endswith("/one")]
    (limited,) = [path for path in folders if os.path.exists(f"{path}/pids.max")]
    with open(f"{limited}/pids.max", "w") as file:
        file.write("7")
    screen.press("4", "[", "[")
    screen.wait_for("pids-limit", r"asked +16", r"has +7")

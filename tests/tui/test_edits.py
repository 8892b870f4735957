"""Another name, other limits, a signal for one process, and what differs between two."""

from __future__ import annotations

from tests.tui.harness import app_over, loaded, press, settled, shows, toasts, until
from tests.tui.test_keys import SIZE, statuses, with_containers
from tests.tui.test_snapshots import typed
from tuicontainer.tui.preferences import CONFIRMED, Preferences
from tuicontainer.tui.screens.compare import CompareScreen
from tuicontainer.tui.screens.kill import KillDialog
from tuicontainer.tui.screens.limits import LimitsForm
from tuicontainer.tui.screens.name import NameDialog
from tuicontainer.tui.screens.processes import ProcessDialog
from tuicontainer.tui.screens.rename import RenameForm


async def test_a_stopped_container_is_renamed_and_stays_current() -> None:
    engine = await with_containers(one="stopped", two="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "g", "I")
        assert isinstance(app.screen, RenameForm)
        await press(pilot, *"two", "enter")
        assert isinstance(app.screen, RenameForm), "taken"
        assert shows(app, "there is a container `two` already")
        await press(pilot, *"-b", "enter")
        await settled(pilot)
        assert await statuses(engine) == {"two": "running", "two-b": "stopped"}
        await until(pilot, lambda: app.main.containers.cursor_key == "two-b", "the cursor")
        assert app.model.activity.entries[-1].command == "tuicontainer rename one two-b"


async def test_what_runs_isnt_renamed_and_says_what_to_do() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "I")
        assert app.screen is app.main
        assert any("stop it with t first" in toast for toast in toasts(app))


async def test_limits_are_changed_and_what_the_kernel_has_is_read_back() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "U")
        assert isinstance(app.screen, LimitsForm)
        assert shows(app, "nothing is changed yet", "Memory limit")
        await press(pilot, *"lots")
        assert shows(app, "memory limit can't be `lots`")
        await press(pilot, *["backspace"] * 4, *"32m", "tab", *typed(tuple("none")))
        assert shows(app, "$ tuicontainer update --memory 33554432 --cpus 0 one")
        await press(pilot, "enter")
        await settled(pilot)
        entry = app.model.activity.entries[-1]
        assert entry.command == "tuicontainer update --memory 33554432 --cpus 0 one"
        assert entry.result.startswith("memory 32.0M")
        assert any("Limits of one: memory 32.0M" in toast for toast in toasts(app))


async def test_limits_of_several_at_once_are_refused() -> None:
    app = app_over(await with_containers(one="running", two="running"))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "asterisk", "U")
        assert app.screen is app.main
        assert any("one container at a time" in toast for toast in toasts(app))


async def test_one_process_gets_the_signal_that_is_chosen() -> None:
    engine = await with_containers(one="running", two="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "g", "8", "ctrl+x")
        await until(pilot, lambda: isinstance(app.screen, ProcessDialog), "the processes")
        assert shows(app, "Signal which process of one?", "/bin/steady")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, KillDialog), "the signals")
        await press(pilot, "j", "enter")
        await settled(pilot)
        assert await statuses(engine) == {"one": "stopped", "two": "running"}
        command = app.model.activity.entries[-1].command
        assert command == "tuicontainer kill -s TERM -p 1000 one"


async def test_the_policy_of_kill_holds_for_one_process_too() -> None:
    engine = await with_containers(one="running")
    preferences = Preferences(confirm={**CONFIRMED, "kill": "name"})
    app = app_over(engine, preferences=preferences)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "ctrl+x")
        await until(pilot, lambda: isinstance(app.screen, ProcessDialog), "the processes")
        await press(pilot, "enter", "enter")
        await until(pilot, lambda: isinstance(app.screen, NameDialog), "the question")
        await press(pilot, "escape")
        assert await statuses(engine) == {"one": "running"}


async def test_read_only_offers_none_of_them() -> None:
    app = app_over(await with_containers(one="running"), read_only=True)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "I", "U", "ctrl+x")
        assert app.screen is app.main
        assert sum("read-only" in toast for toast in toasts(app)) >= 1


async def test_two_marked_containers_are_compared() -> None:
    app = app_over(await with_containers(one="running", two="stopped"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "asterisk", "D")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "the difference")
        assert shows(app, "one and two", "config.json  no difference", "kernel  two has none now")
        await press(pilot, "escape")
        assert app.screen is app.main


async def test_two_bundles_are_compared_one_after_the_other() -> None:
    app = app_over(await with_containers())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "1", "g", "D")
        assert any("quick with the next one" in toast for toast in toasts(app))
        await press(pilot, "j", "D")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "the difference")
        assert shows(
            app, "quick and steady", '-     "io.tuicontainer.description": "what quick is"'
        )
        assert shows(app, '+     "io.tuicontainer.description": "what steady is"')

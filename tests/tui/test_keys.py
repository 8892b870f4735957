"""Every key of the main screen does what DESIGN §3 says, and is remappable by its id."""

from __future__ import annotations

import pytest
from textual import events

from tests.tui.harness import (
    app_over,
    fake_engine,
    line_with,
    loaded,
    press,
    settled,
    shows,
    toasts,
    until,
)
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.tui.keymap import MAIN_KEYS
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.screens.confirm import ConfirmDialog
from tuicontainer.tui.screens.create import CreateForm
from tuicontainer.tui.screens.help import HelpScreen
from tuicontainer.tui.screens.kill import KillDialog

SIZE = (120, 40)


async def statuses(engine: FakeEngine) -> dict[str, str]:
    return {view.id: view.status for view in await engine.containers()}


async def with_containers(**states: str) -> FakeEngine:
    """Return an engine with containers named after their states."""
    engine = fake_engine()
    for name, state in states.items():
        container = await engine.create("steady")
        engine._containers[name] = engine._containers.pop(container.id)
        container.present = container.present.replace(id=name)
        if state != "created":
            await container.start()
        if state == "paused":
            await container.pause()
        if state == "stopped":
            await container.kill()
    return engine


async def test_s_on_a_bundle_starts_it_at_once_and_the_container_becomes_current() -> None:
    engine = fake_engine()
    app = app_over(engine)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "j", "s")
        assert await statuses(engine) == {"steady-1": "running"}
        assert app.main.containers.cursor_key == "steady-1"
        assert app.main.panes.current == "bundles", "the bundles keep the keys"
        await until(pilot, lambda: shows(app, "steady-1", "running", "25% of one core"))
        # The new container is what the next verb means, without a change of pane.
        await press(pilot, "K", "enter")
        assert await statuses(engine) == {"steady-1": "stopped"}
        # Once the cursor moves among the bundles, they are meant again.
        await press(pilot, "k", "s")
        assert await statuses(engine) == {"steady-1": "stopped", "quick-1": "stopped"}
        assert [toast.split(":")[0] for toast in toasts(app)] == ["Unexpected end"]


async def test_container_verbs() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        for keys, status in (
            ("p", "paused"),
            ("p", "running"),
            ("t", "stopped"),
            ("s", "running"),
            ("r", "running"),
            ("K enter", "stopped"),
        ):
            await press(pilot, *keys.split())
            assert await statuses(engine) == {"one": status}, keys
            assert status in line_with(app, "one "), keys
        await press(pilot, "d", "y")
        assert await statuses(engine) == {}
        assert shows(app, "No containers yet.")
        assert toasts(app) == []


async def test_restart_makes_the_next_instance() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "r")
        assert (await (await engine.container("one")).view()).instance == 2


async def test_kill_asks_which_signal_and_kill_is_chosen() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "K")
        assert isinstance(app.screen, KillDialog)
        assert app.screen.accepted() == "KILL"
        await press(pilot, "n")
        assert await statuses(engine) == {"one": "running"}, "n leaves"
        await press(pilot, "K", "escape")
        assert await statuses(engine) == {"one": "running"}, "esc leaves"
        await press(pilot, "K", "G", "y")
        assert await statuses(engine) == {"one": "running"}, "WINCH ends nothing"
        await press(pilot, "K", "j", "enter")
        view = await (await engine.container("one")).view()
        assert view.exit is not None
        assert view.exit.status == 128 + 15, "TERM was the second"


@pytest.mark.parametrize(("keys", "gone"), [
    (("y",), True), (("enter",), True), (("n",), False), (("escape",), False),
    (("right", "enter"), False), (("tab", "enter"), False), (("tab", "tab", "enter"), True),
])  # fmt: skip
async def test_delete_asks(keys: tuple[str, ...], gone: bool) -> None:
    engine = await with_containers(one="stopped")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "d")
        assert isinstance(app.screen, ConfirmDialog)
        assert shows(app, "Delete one?", "its record and its log are lost in 10 s")
        await press(pilot, *keys)
        assert (await statuses(engine) == {}) is gone
        assert app.screen is app.main


async def test_panes_by_digit_and_tab() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        assert app.main.panes.current == "bundles"
        for key, pane in (("2", "containers"), ("3", "gauges"), ("4", "details"), ("1", "bundles")):
            await press(pilot, key)
            assert app.main.panes.current == pane
        for pane in ("containers", "gauges", "details", "bundles"):
            await press(pilot, "tab")
            assert app.main.panes.current == pane
        await press(pilot, "shift+tab")
        assert app.main.panes.current == "details"


async def test_tabs_of_the_details() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        details = app.main.details
        for key, tab in (("5", "state"), ("6", "history"), ("7", "inspect"), ("4", "logs"),
                         ("]", "state"), ("[", "logs"), ("[", "last"), ("8", "processes"),
                         ("9", "mounts"), ("0", "security"), ("]", "groups"), ("l", "logs"),
                         ("i", "inspect")):  # fmt: skip
            await press(
                pilot, {"]": "right_square_bracket", "[": "left_square_bracket"}.get(key, key)
            )
            assert details.tab == tab, key
        assert app.main.panes.current == "details"
        assert shows(app, '"ociVersion": "1.3.0"')
        await press(pilot, "1")
        for key, tab in (("5", "config"), ("6", "lint"), ("4", "about")):
            await press(pilot, key)
            assert details.tab == tab
        assert shows(app, "/bundles/")


async def test_enter_opens_and_esc_and_q_go_back() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        for pane, back in (("2", "escape"), ("2", "q"), ("1", "escape")):
            await press(pilot, pane, "enter")
            assert app.main.panes.current == "details"
            await press(pilot, back)
            assert app.main.panes.current == {"1": "bundles", "2": "containers"}[pane]
        assert app.is_running
        await pilot.press("q")
    assert app.return_value == 0


async def test_q_steps_back_through_zoom_filter_and_marks_before_it_quits() -> None:
    app = app_over(await with_containers(one="running", two="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "space", "slash", "o", "enter", "z")
        main = app.main
        assert (main.panes.zoomed, main.containers.filter, len(main.containers.marks)) == (
            True, "o", 1,
        )  # fmt: skip
        await press(pilot, "q")
        assert not main.panes.zoomed
        await press(pilot, "q")
        assert main.containers.filter == ""
        await press(pilot, "q")
        assert main.containers.marks == set()
        await pilot.press("q")
    assert app.return_value == 0


async def test_moving_in_a_list() -> None:
    names = {f"c{number:02}": "running" for number in range(30)}
    app = app_over(await with_containers(**names))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        table = app.main.containers
        for keys, row in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0), ("G", 29), ("j", 29),
            ("g", 0), ("end", 29), ("home", 0),
        ):  # fmt: skip
            await press(pilot, keys)
            assert table.cursor == row, keys
        await press(pilot, "pagedown")
        assert table.cursor > 5
        await press(pilot, "pageup", "ctrl+d")
        half = table.cursor
        assert half > 2
        await press(pilot, "ctrl+u")
        assert table.cursor == 0
        await press(pilot, "G")
        assert shows(app, "c29"), "the last row scrolled into view"


async def test_zoom_lets_one_pane_fill_the_screen() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "z")
        assert app.main.containers.size.width > 110
        assert not shows(app, "1 Bundles")
        await press(pilot, "1")
        assert shows(app, "1 Bundles"), "another pane is zoomed as it is chosen"
        assert not shows(app, "2 Containers")
        await press(pilot, "escape")
        assert shows(app, "1 Bundles", "2 Containers", "3 Gauges")


async def test_filter_line_enter_keeps_and_goes_to_the_first_match_esc_clears() -> None:
    names = dict.fromkeys(("apple", "banana", "cherry", "banjo"), "running")
    app = app_over(await with_containers(**names))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "G", "slash", "b", "a", "n")
        shown = [row.view.id for row in app.main.containers.items]
        assert sorted(shown) == ["banana", "banjo"], "it filters as it is typed"
        await press(pilot, "enter")
        table = app.main.containers
        assert (table.cursor, table.has_focus, len(table.items)) == (0, True, 2)
        assert shows(app, "2 of 4 match ban")
        await press(pilot, "slash")
        assert shows(app, "ban"), "it begins with the present words"
        await press(pilot, "escape")
        assert len(table.items) == 4
        assert table.has_focus
        await press(pilot, "slash", "x", "x", "enter")
        assert shows(app, "nothing matches the filter")
        await press(pilot, "escape")
        assert len(table.items) == 4


async def test_filter_looks_at_status_and_every_word() -> None:
    app = app_over(await with_containers(one="running", two="paused", three="paused"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "slash", *"paused", "space", *"tw", "enter")
        assert [row.view.id for row in app.main.containers.items] == ["two"]


async def test_o_sorts_by_the_next_column_and_capital_o_the_other_way() -> None:
    engine = await with_containers(b="paused", a="running", c="stopped")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        table = app.main.containers

        def order() -> str:
            return "".join(row.view.id for row in table.items)

        await press(pilot, "o")
        assert (table.order, order()) == ("name", "abc")
        assert shows(app, "by name", "NAME▴")
        await press(pilot, "O")
        assert order() == "cba"
        await press(pilot, "o")
        assert (table.order, order()) == ("status", "abc")
        await press(pilot, "o")
        assert (table.order, order()[0]) == ("cpu", "a")
        await press(pilot, "less_than_sign")
        assert table.order == "status"
        await press(pilot, "less_than_sign", "less_than_sign")
        assert table.order == "newest"


async def test_the_cursor_stays_with_its_container_when_the_order_changes() -> None:
    engine = await with_containers(b="running", a="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "o")
        assert app.main.containers.cursor_key == "a"
        await (await engine.create("steady")).start()
        await until(pilot, lambda: len(app.main.containers.items) == 3)
        await press(pilot, "O")
        assert app.main.containers.cursor_key == "a"
        assert line_with(app, " a ").find("running") > 0


async def test_marks_make_verbs_mean_all_marked() -> None:
    engine = await with_containers(one="running", two="running", three="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "space", "space", "t")
        assert shows(app, "Stop 2 containers?", "running → stopped by TERM, after 10 s KILL")
        await press(pilot, "y")
        assert sorted((await statuses(engine)).values()) == ["running", "stopped", "stopped"]
        await press(pilot, "d")
        assert shows(app, "Delete 2 containers?")
        await press(pilot, "y")
        assert list((await statuses(engine)).values()) == ["running"]
        assert app.main.containers.marks == set()


async def test_help_by_both_keys() -> None:
    app = app_over(fake_engine())
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        for key in ("question_mark", "f1"):
            await press(pilot, key)
            assert isinstance(app.screen, HelpScreen)
            assert shows(app, "Containers and bundles", "K", "kill")
            await press(pilot, "escape")
            assert app.screen is app.main


async def test_palette_by_both_keys_runs_a_verb() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        for key in ("colon", "ctrl+p"):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not app.main, "the palette")
            await until(pilot, lambda: shows(app, "Stop one", "tuicontainer stop"), "commands")
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.main, "the palette to go")
        await pilot.press("colon", *"stop one")
        await until(pilot, lambda: shows(app, "Stop one"))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: engine._containers["one"].present.status == "stopped", "stop")


async def test_the_palette_changes_the_theme() -> None:
    app = app_over(fake_engine())
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        before = app.palette
        await pilot.press("colon", *"theme daylight")
        await until(pilot, lambda: shows(app, "Theme daylight"))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: app.theme == "daylight", "the theme")
        await settled(pilot)
        assert app.palette is not before


async def test_the_create_form_makes_what_it_says() -> None:
    engine = fake_engine()
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "j", "S")
        assert isinstance(app.screen, CreateForm)
        assert shows(app, "$ tuicontainer run -d steady")
        await press(pilot, *"mine", "tab", *"run", "tab", *"32m")
        assert shows(app, "--name mine", "--memory 33554432")
        await press(pilot, "enter")
        view = await (await engine.container("mine")).view()
        assert (view.status, view.args) == ("running", ("run",))
        assert app.main.containers.cursor_key == "mine"


async def test_the_create_form_can_create_without_starting_and_be_left() -> None:
    engine = fake_engine()
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "j", "S", "ctrl+o")
        assert await statuses(engine) == {"steady-1": "created"}
        await press(pilot, "S", "escape")
        assert len(await engine.containers()) == 1


async def test_the_create_form_refuses_what_makes_no_sense() -> None:
    engine = fake_engine()
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "j", "S", *"a/b", "enter")
        assert isinstance(app.screen, CreateForm), "it stays open"
        assert shows(app, "invalid container ID format")
        await press(pilot, *(["backspace"] * 3), "tab", "tab", *"lots")
        assert shows(app, "memory limit can't be `lots`")
        assert await statuses(engine) == {}


async def test_y_copies_the_id() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "y")
        assert app.clipboard == "one"


async def test_ctrl_c_says_how_to_quit_and_ctrl_q_quits() -> None:
    app = app_over(fake_engine())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "ctrl+c")
        assert any("q quits" in toast for toast in toasts(app))
        assert app.is_running
        await pilot.press("ctrl+q")
    assert not app.is_running


def test_every_key_has_an_id_of_its_own() -> None:
    ids = [binding.id for binding in MAIN_KEYS]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    keys = [key for binding in MAIN_KEYS for key in binding.key.split(",")]
    assert len(set(keys)) == len(keys), "no key means two things"


async def test_a_key_can_be_remapped_and_the_footer_and_help_show_it() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine, preferences=Preferences(keys={"container.stop": "h"}))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "t")
        assert await statuses(engine) == {"one": "running"}
        assert shows(app, "h stop")
        await press(pilot, "h")
        assert await statuses(engine) == {"one": "stopped"}
        await press(pilot, "question_mark")
        assert "h " in line_with(app, " stop ")


async def test_keys_typed_at_once_reach_what_they_are_for() -> None:
    """Pasted, or typed on a slow machine: nothing waits for the screen between the keys."""
    engine = await with_containers(cpu="running", web="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        for key in ("2", "slash", *"web", "enter", "K"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: isinstance(app.screen, KillDialog), "the dialog")
        app.post_message(events.Key("enter", None))
        await until(pilot, lambda: app.screen is app.main, "its end")
        await settled(pilot)
        assert app.main.containers.filter == "web"
        assert await statuses(engine) == {"cpu": "running", "web": "stopped"}


async def test_a_verb_means_the_row_that_the_keys_before_it_led_to() -> None:
    engine = await with_containers(a="running", b="running", c="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        row = app.main.containers.items[1].view.id
        for key in ("2", "j", "t"):
            app.post_message(events.Key(key, key))
        await until(pilot, lambda: "stopped" in line_with(app, f" {row} "), "the stop")
        stopped = [name for name, state in (await statuses(engine)).items() if state == "stopped"]
        assert stopped == [row]

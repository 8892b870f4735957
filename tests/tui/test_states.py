"""What the state forbids is faint and explained; what breaks is a toast; nothing is a traceback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.tui.harness import (
    SIZES,
    SMALL,
    app_over,
    bundle,
    fake_engine,
    line_with,
    loaded,
    press,
    shows,
    text_of,
    toasts,
    until,
)
from tests.tui.test_keys import SIZE, statuses, with_containers
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.engine.statistics import StatsTick
from tuicontainer.errors import FailedPrecondition, Unavailable
from tuicontainer.supervise.views import ContainerView

POSSIBLE = {
    "created": {"start", "kill", "delete", "attach", "logs", "inspect"},
    "running": {"stop", "kill", "pause", "restart", "exec", "attach", "logs", "inspect"},
    "paused": {"stop", "kill", "pause", "restart", "logs", "inspect"},
    "stopped": {"start", "delete", "restart", "logs", "inspect"},
}
KEYS = {
    "start": "s", "stop": "t", "kill": "K", "delete": "d", "pause": "p", "restart": "r",
    "exec": "e", "attach": "a", "logs": "l", "inspect": "i",
}  # fmt: skip


@pytest.mark.parametrize("state", POSSIBLE)
async def test_keys_that_the_state_forbids_are_faint(state: str) -> None:
    app = app_over(await with_containers(one=state))
    async with app.run_test(size=(200, 50)) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        active = app.main.active_bindings
        enabled = {verb for verb, key in KEYS.items() if active[key].enabled}
        assert enabled == POSSIBLE[state]
        footer = app.screen._compositor.render_strips()[-1]
        faint = app.palette.style("faint")
        for verb, key in KEYS.items():
            word = {"exec": "shell"}.get(verb, verb)
            word = "resume" if (verb, state) == ("pause", "paused") else word
            segments = [segment for segment in footer if f" {word} " in segment.text]
            assert segments, f"{word} is shown"
            looks_faint = segments[0].style is not None and segments[0].style.color == faint.color
            assert looks_faint is (verb not in enabled), (verb, key)


@pytest.mark.parametrize(("state", "key", "advice"), [
    ("running", "s", "`one` is running: it has a process already"),
    ("running", "d", "`one` is running: stop it with t or kill it with K first"),
    ("stopped", "K", "`one` is stopped: it has no process to signal"),
    ("stopped", "t", "only running containers can be stopped"),
    ("paused", "e", "only running containers can be entered"),
])  # fmt: skip
async def test_a_forbidden_key_says_why_and_does_nothing(state: str, key: str, advice: str) -> None:
    engine = await with_containers(one=state)
    app = app_over(engine)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "2", key)
        assert app.screen is app.main, "no dialog"
        assert any(advice in toast for toast in toasts(app)), toasts(app)
        assert await statuses(engine) == {"one": state}


async def test_read_only_is_marked_and_refuses() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine, read_only=True)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        assert shows(app, "READ-ONLY")
        await press(pilot, "s", "S", "2", *"tKdprea")
        assert await statuses(engine) == {"one": "running"}
        assert app.screen is app.main
        assert {toast.split(": ", 1)[1] for toast in toasts(app)} == {
            "this session is read-only: start without --read-only to act"
        }
        await press(pilot, "l")
        assert app.main.panes.current == "details", "looking is allowed"


async def test_without_root_it_says_so_and_what_works() -> None:
    app = app_over(fake_engine(root=False))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        assert shows(app, "NOT ROOT", "You aren't root.", "sudo tuicontainer")
        assert shows(app, "quick", "steady"), "bundles can be looked at"
        await press(pilot, "s")
        assert any("start with sudo" in toast for toast in toasts(app))


async def test_empty_states_teach() -> None:
    app = app_over(fake_engine(bundles=()))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        assert shows(app, "No bundles here.", "config.json", "No containers yet.")
    app = app_over(fake_engine())
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        assert shows(app, "Press 1, choose a bundle with j and k, and press s")


async def test_a_broken_bundle_shows_its_problem_and_cant_be_started() -> None:
    engine = fake_engine()
    app = app_over(engine)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "G")
        assert shows(app, "! broken", "config.json: line 3: not JSON", "correct it")
        await press(pilot, "s")
        assert await statuses(engine) == {}
        assert any("can't be used" in toast for toast in toasts(app))


async def test_bundles_come_and_go_as_the_folder_changes() -> None:
    engine = fake_engine()
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "j")
        engine.set_bundles([bundle("another"), *await engine.bundles()])
        await until(pilot, lambda: shows(app, "another"), "the new one")
        assert app.main.bundles.cursor_key == "/bundles/steady", "the cursor stays with its bundle"
        engine.set_bundles([bundle("another")])
        await until(pilot, lambda: not shows(app, "steady"), "the old ones to go")
        assert app.main.bundles.cursor_key == "/bundles/another"


async def test_containers_started_elsewhere_appear() -> None:
    engine = fake_engine()
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        container = await engine.create("steady")
        await until(pilot, lambda: "created" in line_with(app, "steady-1"), "it")
        await container.start()
        await until(pilot, lambda: "running" in line_with(app, "steady-1"), "its start")
        await container.delete(force=True)
        await until(pilot, lambda: shows(app, "No containers yet."), "its end")


class Failing(FakeEngine):
    """Whose containers can't be made, in ways of real engines and in one that none should have."""

    def __init__(self, error: Exception) -> None:
        super().__init__((bundle("steady"),))
        self.error = error

    async def create(self, *_: object) -> None:  # type: ignore[override]
        raise self.error


@pytest.mark.parametrize(("error", "title", "words"), [
    (FailedPrecondition("no cgroup `cpu`", hint="mount it"), "Failed precondition",
     ("no cgroup `cpu`", "→ mount it")),
    (Unavailable("the spawner is gone"), "Unavailable", ("the spawner is gone",)),
    (ZeroDivisionError("division by zero"), "Internal", ("ZeroDivisionError",)),
])  # fmt: skip
async def test_failures_are_toasts_with_kind_and_hint(
    error: Exception, title: str, words: Sequence[str]
) -> None:
    app = app_over(Failing(error))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "s")
        await until(pilot, lambda: shows(app, title, *words), "the toast")
        assert app.is_running
        assert not shows(app, "Traceback")


async def test_markup_in_a_failure_is_text() -> None:
    app = app_over(Failing(FailedPrecondition("[red]no[/red] [cgroup")))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, "s")
        await until(pilot, lambda: shows(app, "[red]no[/red] [cgroup"), "the toast")


class Breaking(FakeEngine):
    """Whose list of containers breaks once."""

    broke = False

    async def watch_containers(self) -> AsyncIterator[Sequence[ContainerView]]:
        if not self.broke:
            self.broke = True
            raise Unavailable("the list can't be read", hint="it will be tried again")
        async for views in super().watch_containers():
            yield views


async def test_a_stream_that_breaks_is_told_once_and_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tuicontainer.tui.feed.RETRY_AFTER", 0.05)
    engine = Breaking((bundle("steady"),))
    app = app_over(engine)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        assert [toast for toast in toasts(app) if "the list can't be read" in toast]
        await press(pilot, "s")
        await until(pilot, lambda: shows(app, "steady-1"), "the stream")


async def test_an_engine_that_cant_be_opened_is_a_toast_too() -> None:
    app = app_over(fake_engine())

    def refuse() -> None:
        raise Unavailable("no state root", hint="make one")

    app._open_engine = refuse  # type: ignore[assignment, method-assign]
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: shows(app, "Unavailable", "no state root", "make one"))
        app.clear_notifications()
        await until(pilot, lambda: not shows(app, "Unavailable"), "the toast to go")
        assert shows(app, "no state root", "make one", "q quits"), "it is still said"


async def test_oom_kills_are_told_and_marked() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        engine._containers["one"].run_out_of_memory()
        await until(pilot, lambda: "OOM kill" in line_with(app, " one "), "the row")
        assert any("ran out of memory" in toast for toast in toasts(app))


async def test_a_slow_verb_shows_what_is_being_done() -> None:
    engine = await with_containers(one="running")
    container = engine._containers["one"]
    go_on = asyncio.Event()
    stop = container.stop

    async def slow_stop(timeout: float | None = None) -> None:
        await go_on.wait()
        await stop(timeout)

    container.stop = slow_stop  # type: ignore[method-assign]
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("2", "t")
        await until(pilot, lambda: "stopping…" in line_with(app, " one "), "the note")
        assert "running" in line_with(app, " one "), "the status stays literal"
        go_on.set()
        await until(pilot, lambda: "stopped" in line_with(app, " one "), "the end")
        assert "stopping" not in line_with(app, " one ")


@pytest.mark.parametrize("size", [*SIZES, SMALL], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_main_job_at_every_size(size: tuple[int, int]) -> None:
    engine = fake_engine()
    app = app_over(engine)
    async with app.run_test(size=size) as pilot:
        await loaded(pilot)
        assert shows(app, "steady")
        await press(pilot, "j", "s", "2")
        await until(pilot, lambda: "running" in line_with(app, "steady-1"), "the status word")
        await press(pilot, "K", "enter")
        assert await statuses(engine) == {"steady-1": "stopped"}
        await press(pilot, "d", "y")
        assert await statuses(engine) == {}
        assert max(len(line) for line in text_of(app)) <= size[0]


async def test_the_window_may_change_its_size() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        for width, height in ((60, 20), (200, 50), (80, 24), (20, 6), (120, 40)):
            await pilot.resize_terminal(width, height)
            await pilot.pause(0.1)
        await until(pilot, lambda: shows(app, "1 Bundles", "2 Containers", "one"), "all panes")
        assert app.main.panes.current == "containers"


async def test_the_mouse_chooses_sorts_opens_and_presses_keys() -> None:
    engine = await with_containers(b="running", a="running", c="stopped")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        table = app.main.containers
        assert await pilot.click("#containers", offset=(10, 3))
        await pilot.pause()
        assert (app.main.panes.current, table.cursor) == ("containers", 1)
        await pilot.click("#containers", offset=(4, 1))
        await pilot.pause()
        assert table.order == "name"
        await pilot.click("#containers", offset=(10, 4), times=2)
        await pilot.pause()
        assert app.main.panes.current == "details"
        await pilot.click("#details", offset=(13, 0))
        await pilot.pause()
        assert app.main.details.tab == "state"
        await pilot.click("#footer", offset=(line_with(app, "? help").index("? help") + 1, 0))
        await until(pilot, lambda: app.screen is not app.main, "the help")


async def test_hidden_tabs_cost_nothing() -> None:
    engine = await with_containers(one="running")
    asked = []
    history = engine.stats_history
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "5")
        sized, document = app.main.details.sized, app.main.details.document
        drawn: list[int] = []
        sized.render_line = drawn.append  # type: ignore[method-assign, assignment]
        engine.stats_history = lambda name: asked.append(name) or history(name)  # type: ignore[method-assign, func-returns-value]
        before = document.line_count()
        app.model.tick = tick = engine.tick()
        assert isinstance(tick, StatsTick)
        app.main.changed("tick")
        await until(pilot, lambda: app.main.quiet)
        assert drawn == []
        assert asked == ["one"], "only the gauges asked for the history"
        assert document.line_count() == before


async def test_only_rows_that_changed_are_drawn_again() -> None:
    engine = await with_containers(one="running", two="stopped", three="stopped")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "5")
        table = app.main.containers
        drawn: list[int] = []
        draw = table.render_line
        table.render_line = lambda y: (drawn.append(y), draw(y))[1]  # type: ignore[method-assign, func-returns-value]
        app.main.changed("tick")
        await until(pilot, lambda: app.main.quiet)
        await pilot.pause(0.1)
        assert drawn == [], "nothing is different"
        await engine._containers["one"].pause()
        await until(pilot, lambda: "paused" in line_with(app, " one "), "the change")
        rows = {table.items[y - 1].view.id for y in drawn if y}
        assert rows == {"one"}

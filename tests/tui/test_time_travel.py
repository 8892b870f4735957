"""Looking back in the running application, and playing a recording."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.harness import (
    press,
    replay_engine,
    settled,
    shows,
    text_of,
    until,
)
from tests.tui.looking_back import Clock, live
from tuicontainer.engine.replay import ReplayEngine
from tuicontainer.tui.app import TuiApp


@contextlib.asynccontextmanager
async def replayed(moment: str = "every state") -> AsyncIterator[tuple[TuiApp, Pilot[int]]]:
    """An application that replays the recorded fleet, paused at a moment."""
    engine = replay_engine(moment)

    @contextlib.asynccontextmanager
    async def open_engine() -> AsyncIterator[ReplayEngine]:
        yield engine

    app = TuiApp(open_engine, now_ns=lambda: engine.now_ns, replay=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: shows(app, "RECORDING"), "the bar")
        await press(pilot, "P")
        engine.seek(moment)
        await settled(pilot)
        yield app, pilot


def bar(app: TuiApp) -> str:
    """Return the line that says which moment is shown."""
    return next((line for line in text_of(app)[-3:] if "PAST" in line or "RECORDING" in line), "")


async def test_three_minutes_ago_is_shown_as_it_was() -> None:
    async with live(Clock()) as (app, pilot, _):
        await press(pilot, "P")
        assert "THE PAST" in bar(app)
        assert "paused" in bar(app)
        assert "nothing can be changed" in bar(app)
        await press(pilot, "left_parenthesis")
        await until(pilot, lambda: shows(app, "1 running of 1"), "the container that ran")
        assert "-1m00s" in bar(app)
        await press(pilot, "left_parenthesis", "left_parenthesis")
        await until(pilot, lambda: shows(app, "0 running of 0"), "the time before it")
        await press(pilot, "F")
        await until(pilot, lambda: shows(app, "1 running of 1"), "its start")
        assert not bar(app).startswith("-")


async def test_what_happens_meanwhile_is_there_on_return() -> None:
    clock = Clock()
    async with live(clock) as (app, pilot, engine):
        await press(pilot, "left_parenthesis")
        await until(pilot, lambda: shows(app, "1 running of 1"), "the past")
        clock.wait(5)
        await engine.create("steady")
        await settled(pilot)
        assert app.model.containers is not None
        assert list(app.model.containers) == ["steady-1"]
        await press(pilot, "R")
        await until(pilot, lambda: shows(app, "0 running of 2"), "the present")
        assert not bar(app)


async def test_nothing_can_be_changed_in_the_past() -> None:
    async with live(Clock()) as (app, pilot, engine):
        await press(pilot, "left_parenthesis", "2")
        await until(pilot, lambda: shows(app, "1 running of 1"), "the past")
        for key in ("s", "t", "K", "d", "p", "r", "e", "a", "u", "1", "s", "S"):
            await press(pilot, key)
            assert app.screen is app.main, f"{key} opened a dialog"
        assert [view.status for view in await engine.containers()] == ["stopped"]
        assert app.main.conductor is None
        await press(pilot, "R", "1", "g", "j", "s")
        await until(pilot, lambda: shows(app, "1 running of 2"), "the present to act")


async def test_escape_comes_back_before_q_quits() -> None:
    async with live(Clock()) as (app, pilot, _):
        await press(pilot, "P", "q")
        assert not bar(app)
        assert app.is_running


async def test_the_past_is_played_until_it_is_the_present() -> None:
    async with live(Clock()) as (app, pilot, _):
        await press(pilot, "P", "left_parenthesis", "Q", "Q", "Q", "Q", "P")
        assert "playing 60x" in bar(app)
        await until(pilot, lambda: not bar(app) and shows(app, "0 running of 1"), "the present")


async def test_time_keys_say_why_they_do_nothing() -> None:
    async with live(Clock()) as (app, pilot, _):
        for key in ("right_curly_bracket", "F", "Q", "R"):
            await press(pilot, key)
            assert not bar(app)
        assert any("P holds the view" in note.message for note in app._notifications)


async def test_a_click_on_the_track_goes_to_its_moment() -> None:
    async with live(Clock()) as (app, pilot, _):
        await press(pilot, "P")
        line = bar(app)
        await pilot.click("#time", offset=(line.index("━"), 0))
        await until(pilot, lambda: shows(app, "0 running of 0"), "the beginning")
        assert bar(app).count("━") == 0


async def test_a_recording_is_scrubbed() -> None:
    async with replayed() as (app, pilot):
        assert "READ-ONLY" not in text_of(app)[0]
        running = app.model.count("running", "paused")
        assert running > 1
        for _ in range(3):
            await press(pilot, "left_parenthesis")
        assert app.model.count("running", "paused") < running
        before = bar(app)
        await press(pilot, "R")
        assert bar(app) == before, "a recording has no present"
        await press(pilot, "q")
        assert app.return_value == 0


async def test_before_anything_was_recorded_nothing_is_shown() -> None:
    async with replayed() as (app, pilot):
        for _ in range(4):
            await press(pilot, "left_parenthesis")
        assert app.model.containers == {}


async def test_a_recording_refuses_keys() -> None:
    async with replayed() as (app, pilot):
        await press(pilot, "2", "G", "K", "d", "s", "u", "1", "s")
        assert app.screen is app.main
        assert any("recording" in note.message for note in app._notifications)


async def test_playing_goes_on_to_the_end_and_then_begins_again() -> None:
    async with replayed("many") as (app, pilot):
        await press(pilot, "Q", "Q", "Q", "Q", "P")
        await until(pilot, lambda: "paused" in bar(app), "the end")
        await press(pilot, "P")
        assert "playing" in bar(app)
        await until(pilot, lambda: len(app.model.containers or {}) < 10, "the beginning")


async def test_the_history_is_saved_as_it_was_at_the_moment(tmp_path: Path) -> None:
    async with live(Clock()) as (app, pilot, _):
        await press(pilot, "2", "6")
        for name, keys in (("all.csv", ()), ("then.json", ("P", "left_parenthesis"))):
            await press(pilot, *keys, "ctrl+s")
            line = app.screen.query_one(Input)
            assert line.value.endswith(".csv")
            line.value = str(tmp_path / name)
            await press(pilot, "enter")
    table = (tmp_path / "all.csv").read_text().splitlines()
    then = json.loads((tmp_path / "then.json").read_text())
    assert table[0].startswith("time,instance,cpu_percent_of_core,")
    assert then["container"] == "steady-1"
    assert 0 < len(then["samples"]) < len(table) - 1
    assert {sample["time"] for sample in then["samples"]} < {row.split(",")[0] for row in table}


async def test_what_is_looked_back_at_is_no_news() -> None:
    async with replayed() as (app, pilot):
        # Any pressure would be news.
        thresholds = {**app.preferences.thresholds, "pressure": (0.0, 0.0)}
        app.use_preferences(app.preferences.replace(thresholds=thresholds))
        await press(pilot, "left_parenthesis", "P", "Q", "Q", "Q", "Q")
        await until(pilot, lambda: "paused" in bar(app), "the end")
        assert not app.model.notices.entries

"""Settings in the app: changed, seen at once, saved; policies, columns, keys, themes."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

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
from tests.tui.test_keys import SIZE, statuses, with_containers
from tests.tui.test_tables import tick, uses
from tuicontainer.errors import InvalidArgument
from tuicontainer.tui.preferences import CONFIRMED, THRESHOLDS, Preferences
from tuicontainer.tui.program import fitting_theme
from tuicontainer.tui.widgets.container_columns import CONTAINER_COLUMNS

THEME = '[colors]\nprimary = "{}"\nbackground = "#000000"\nforeground = "#ffffff"\n'


async def test_a_setting_changes_at_once_and_is_saved_on_demand(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    app = app_over(fake_engine(), settings_file=str(file))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "comma", "slash", *"theme", "enter", "enter")
        assert app.theme == "mono"
        assert shows(app, "not saved")
        assert not file.exists()
        await press(pilot, "ctrl+s")
        assert tomllib.loads(file.read_text()) == {"theme": "mono"}
        assert not shows(app, "not saved")
        await press(pilot, "left", "backspace", "escape")
        assert app.theme == "mono", "backspace takes what was saved"
        assert app.screen is app.main


async def test_a_key_is_pressed_to_change_it_and_a_clash_is_told_and_refused() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "comma", "slash", *"container.stop", "enter", "enter")
        assert shows(app, "press the new key for container.stop")
        await press(pilot, "K")
        assert shows(app, "key `K` can't mean both `container.stop` and `container.kill`")
        await press(pilot, "enter", "h")
        assert app.preferences.keys == {"container.stop": "h"}
        await press(pilot, "escape", "2", "h")
        assert await statuses(engine) == {"one": "stopped"}


async def test_a_profile_gives_fingers_their_keys_and_shows_them() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine, preferences=Preferences(profile="lazydocker"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        assert shows(app, "u start", "s stop")
        await press(pilot, "s")
        assert await statuses(engine) == {"one": "stopped"}
        await press(pilot, "x")
        assert "s" in line_with(app, " stop")[:40]


def test_wrong_preferences_are_refused_before_the_screen_opens() -> None:
    with pytest.raises(InvalidArgument, match="`t`"):
        app_over(fake_engine(), preferences=Preferences(keys={"container.start": "t"}))
    with pytest.raises(InvalidArgument, match="no-such-theme"):
        app_over(fake_engine(), preferences=Preferences(theme="no-such-theme"))


@pytest.mark.parametrize(("verb", "key", "policy", "after"), [
    ("stop", "t", "ask", ("y",)), ("stop", "t", "name", (*"one", "enter")),
    ("kill", "K", "never", ()), ("kill", "K", "name", ("enter", *"one", "enter")),
    ("restart", "r", "ask", ("enter",)),
])  # fmt: skip
async def test_each_verb_asks_as_the_person_wants(
    verb: str, key: str, policy: str, after: tuple[str, ...]
) -> None:
    engine = await with_containers(one="running")
    chosen = Preferences(confirm={**CONFIRMED, verb: policy})
    app = app_over(engine, preferences=chosen)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", key)
        view = await (await engine.container("one")).view()
        untouched = (view.status, view.instance) == ("running", 1)
        assert untouched is (policy != "never")
        await press(pilot, *after)
        view = await (await engine.container("one")).view()
        assert (view.status, view.instance) != ("running", 1)
        assert app.screen is app.main


async def test_a_name_that_isnt_the_right_one_does_nothing() -> None:
    engine = await with_containers(one="stopped", two="stopped")
    chosen = Preferences(confirm={**CONFIRMED, "delete": "name", "bulk": "never"})
    app = app_over(engine, preferences=chosen)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "asterisk", "d", *"one", "enter")
        assert shows(app, "that isn't delete")
        app.screen.query_one(Input).value = "delete"
        await press(pilot, "escape")
        assert len(await statuses(engine)) == 2
        await press(pilot, "d", *"delete", "enter")
        assert await statuses(engine) == {}


async def test_columns_are_those_that_were_chosen_in_their_order() -> None:
    app = app_over(
        await with_containers(one="running"),
        preferences=Preferences(columns=("pids", "name", "restarts")),
    )
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        assert line_with(app, "RESTARTS").split("││")[1].split()[:3] == ["PIDS", "NAME", "RESTARTS"]
        assert not shows(app, "MEMORY OF")
        await press(pilot, "comma", "slash", *"columns", "space", *"status", "enter", "enter")
        assert app.preferences.columns == ("name", "status", "pids", "restarts")


async def test_thresholds_colour_numbers() -> None:
    engine = await with_containers(one="running")
    uses(engine, one=30.0)
    app = app_over(engine)
    share = next(column for column in CONTAINER_COLUMNS if column.key == "cpu-limit")
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        await tick(pilot, engine)
        assert share.cell(app.main.containers.items[0]) == (("60%", "text"),)
        changed = {**THRESHOLDS, "cpu": (20.0, 50.0)}
        app.use_preferences(app.preferences.replace(thresholds=changed))
        await tick(pilot, engine)
        assert share.cell(app.main.containers.items[0]) == (("60%", "bad"),)


async def test_the_refresh_rate_is_asked_of_the_engine() -> None:
    engine = fake_engine()
    asked: list[float] = []
    stats = engine.stats

    def counted(interval: float = 1.0) -> Any:
        asked.append(interval)
        return stats(0.05)

    engine.stats = counted  # type: ignore[method-assign]
    app = app_over(engine, preferences=Preferences(refresh=2.0))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        app.use_preferences(app.preferences.replace(refresh=5.0))
        await until(pilot, lambda: asked == [2.0, 5.0], "the new rate")


async def test_a_theme_of_the_persons_folder_is_there_and_reloads_when_it_changes(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    mine = folder / "mine.toml"
    mine.write_text(THEME.format("#ff0000"))
    app = app_over(
        fake_engine(),
        settings_file=str(tmp_path / "config.toml"),
        preferences=Preferences(theme="mine"),
    )
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        assert "mine" in app.theme_names()
        red = app.palette.style("info").color

        def frame() -> Any:
            strip = app.screen._compositor.render_strips()[1]
            return next(s.style for s in strip if s.style is not None and "─" in s.text).color

        before = frame()
        mine.write_text(THEME.format("#00ff00"))
        os.utime(mine, ns=(1, 1))
        app.look_at_themes()
        await until(pilot, lambda: app.palette.style("info").color != red, "the new colour")
        await until(pilot, lambda: frame() != before, "the frame to have it")
        mine.write_text("[colors")
        os.utime(mine, ns=(2, 2))
        app.look_at_themes()
        await settled(pilot)
        assert any("isn't TOML" in toast for toast in toasts(app))
        assert app.is_running


@pytest.mark.parametrize(("environment", "theme"), [
    ({"TERM": "xterm-256color"}, "harbour"), ({"TERM": "linux"}, "ansi"),
    ({"TERM": "linux", "COLORTERM": "truecolor"}, "harbour"),
    ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "mono"), ({"NO_COLOR": ""}, "harbour"),
])  # fmt: skip
def test_the_theme_that_fits_the_terminal(environment: dict[str, str], theme: str) -> None:
    assert fitting_theme(environment.get("TERM", ""), environment) == theme

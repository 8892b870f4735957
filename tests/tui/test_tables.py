"""Lists: any column sorts, rows stand still under a moving cursor, filters, marks, panes, jumps."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.harness import app_over, line_with, loaded, press, shows, text_of, until
from tests.tui.test_keys import SIZE, statuses, with_containers
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.tui.screens.jump import JumpScreen
from tuicontainer.tui.widgets.containers import CONTAINER_COLUMNS


def uses(engine: FakeEngine, **percent: float) -> None:
    """Let containers use so much of a core."""
    for name, value in percent.items():
        container = engine._containers[name]
        container._program = container._program.replace(cpu_percent=value)


async def tick(pilot: Pilot[Any], engine: FakeEngine) -> None:
    """Let one second's statistics arrive."""
    app: Any = pilot.app
    app.model.tick = engine.tick()
    app.main.changed("tick")
    await until(pilot, lambda: app.main.quiet)


def order(app: Any) -> str:
    return "".join(row.view.id for row in app.main.containers.items)


async def test_rows_stand_still_while_the_cursor_moves_and_then_find_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tuicontainer.tui.widgets.table.HOLD", 0.5)
    engine = await with_containers(a="running", b="running", c="running")
    uses(engine, a=30.0, b=20.0, c=10.0)
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        app.main.sort_by("cpu")
        assert order(app) == "abc"
        await press(pilot, "g", "j")
        uses(engine, a=1.0, c=90.0)
        await tick(pilot, engine)
        assert order(app) == "abc", "somebody is going to a row"
        await until(pilot, lambda: order(app) == "cba", "the rows to go on")
        assert app.main.containers.cursor_key == "b"


@pytest.mark.parametrize("column", [c.key for c in CONTAINER_COLUMNS])
async def test_every_column_sorts_both_ways_with_unknown_values_last(column: str) -> None:
    engine = await with_containers(a="running", b="stopped", c="paused")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        read = next(c.value for c in CONTAINER_COLUMNS if c.key == column)
        assert read is not None
        for _ in range(2):
            app.main.sort_by(column)
            assert app.main.containers.order == column
            known = [read(row) is not None for row in app.main.containers.items]
            assert known == sorted(known, reverse=True)


async def test_a_query_filters_by_what_is_used_now() -> None:
    engine = await with_containers(a="running", b="running", c="stopped")
    uses(engine, a=80.0, b=10.0)
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "slash")
        assert shows(app, "cpu>50 · mem>=10M · status:running"), "what can be typed is said"
        await press(pilot, *"cpu>50", "space", *"status:run", "enter")
        assert order(app) == "a"
        assert shows(app, "1 of 3 match cpu>50 status:run")
        uses(engine, b=90.0)
        await tick(pilot, engine)
        assert sorted(order(app)) == ["a", "b"], "it is asked anew with each second"
        assert shows(app, "s start"), "the footer has its keys again"


async def test_a_wrong_query_is_explained_and_leaves_the_list_as_it_was() -> None:
    app = app_over(await with_containers(a="running", b="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "slash", *"a", "space", *"cpux>5")
        assert shows(app, "there is no `cpux` to ask for")
        assert app.main.containers.filter == "a cpux", "the last that made sense"
        await press(pilot, *(["backspace"] * 7), "space", *"/a(", "enter")
        assert app.main.containers.filter == "a /a"


async def test_marks_by_range_and_all_and_only_what_passes_the_filter() -> None:
    names = dict.fromkeys(("web1", "web2", "web3", "job1", "job2"), "running")
    app = app_over(await with_containers(**names))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        app.main.sort_by("name")
        await press(pilot, "g", "j", "space", "j", "V")
        assert app.main.containers.marks == {"job2", "web1", "web2"}
        await press(pilot, "escape", "slash", *"web", "enter", "asterisk")
        assert app.main.containers.marks == {"web1", "web2", "web3"}
        assert shows(app, "3 marked")
        await press(pilot, "asterisk")
        assert app.main.containers.marks == set()


async def test_a_bulk_action_says_what_it_will_do_to_each_and_can_be_left() -> None:
    engine = await with_containers(one="running", two="stopped", three="paused")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "asterisk", "p")
        assert shows(app, "Pause 3 containers?")
        assert "running → paused" in line_with(app, " one    run")
        assert "skipped, it is paused already" in line_with(app, " three  paused:")
        await press(pilot, "n")
        assert (await statuses(engine))["one"] == "running"
        await press(pilot, "p", "y")
        assert await statuses(engine) == {"one": "paused", "two": "stopped", "three": "paused"}


async def test_panes_can_be_resized_hidden_and_restored() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        usual = [app.main.panes.pane(name).outer_size for name in ("bundles", "upper", "gauges")]
        await press(pilot, "2", "shift+right", "shift+right", "shift+down")
        larger = (usual[0].width + 8, usual[1].height + 2)

        def sizes() -> tuple[int, int]:
            upper = app.main.panes.pane("upper")
            return app.main.bundles.outer_size.width, upper.outer_size.height

        await until(pilot, lambda: sizes() == larger, f"{sizes()} to be {larger}")
        assert app.main.panes.pane("gauges").outer_size == usual[2].with_height(
            usual[2].height - 2
        ), "the lower line is its own"
        for _ in range(40):
            await pilot.press("shift+left")
        assert app.main.bundles.outer_size.width >= 16
        await press(pilot, "1", "backslash")
        assert app.main.panes.current == "containers", "the next one has the keys"
        assert not shows(app, "1 Bundles")
        assert app.main.containers.outer_size.width == SIZE[0]
        await press(pilot, "backslash")
        assert not shows(app, "2 Containers")
        assert app.main.details.outer_size.height > 30
        await press(pilot, "2")
        assert shows(app, "2 Containers"), "its number brings it back"
        await press(pilot, "equals_sign")
        assert [
            app.main.panes.pane(name).outer_size for name in ("bundles", "upper", "gauges")
        ] == (usual)


async def test_the_last_pane_stays() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        await press(pilot, *["backslash"] * 5)
        shown = [name for name in ("1 Bundles", "2 Con", "3 Gau", "4 ") if shows(app, name)]
        assert len(shown) == 1


async def test_jump_mode_goes_to_rows_panes_and_tabs() -> None:
    app = app_over(await with_containers(a="running", b="running", c="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        app.main.sort_by("name")
        await press(pilot, "apostrophe")
        assert isinstance(app.screen, JumpScreen)
        row = next(line for line in text_of(app) if "b     " in line and "running" in line)
        letter = row[row.index("││") + 2]
        await press(pilot, letter)
        assert app.main.containers.cursor_key == "b"
        assert app.screen is app.main
        await press(pilot, "ctrl+o", "d")
        assert app.main.panes.current == "gauges", "the third pane"
        await press(pilot, "ctrl+o", "h")
        assert app.main.details.tab == "state", "after four panes and the first tab"
        await press(pilot, "ctrl+o", "escape")
        assert app.screen is app.main


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (160, 48), (250, 70)])
async def test_every_layout_fills_the_screen(
    size: tuple[int, int],
) -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=size) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        assert "running" in line_with(app, " one ")
        names = ["containers", "details"] + (["bundles", "gauges"] if size[0] >= 78 else [])
        regions = [app.main.panes.pane(name).region for name in names]
        assert sum(region.area for region in regions) == size[0] * (size[1] - 2)

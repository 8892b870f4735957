"""The tabs of the kernel: filled when they are in front, and asked again as time passes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.harness import app_over, loaded, press, shows, text_of, until
from tests.tui.test_keys import SIZE, with_containers
from tests.tui.test_tables import tick
from tuicontainer.engine.fake_container import FakeContainer
from tuicontainer.tui.kernel.tabs import KERNEL_TABS

TEXTS = {
    "processes": ("PID", "INSIDE", "/bin/steady"),
    "mounts": ("ext4", "asked: the root"),
    "security": ("no_new_privs on", "capabilities", "System call profile"),
    "groups": ("version 2", "/tuicontainer/c/one", "memory.max"),
    "namespaces": ("CONTAINER", "network", "host"),
    "timeline": ("Instance 1", "running", "started", "Making instance 1", "━━"),
    "drift": ("the kernel has what config.json asked for",),
    "last": ("one hasn't ended yet",),
}


@pytest.mark.parametrize(("tab", "title"), KERNEL_TABS)
async def test_every_tab_shows_what_there_is(tab: str, title: str) -> None:
    app = app_over(await with_containers(one="running", two="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        app.main.containers.select("one")
        await press(pilot, "g")
        app.main.details.choose(tab)
        await until(pilot, lambda: shows(app, *TEXTS[tab]), title)
        assert shows(app, title), "its name is in the frame"


@pytest.mark.parametrize("tab", ["processes", "mounts", "security", "drift"])
async def test_without_a_process_it_says_so(tab: str) -> None:
    app = app_over(await with_containers(one="stopped"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        app.main.details.choose(tab)
        await until(pilot, lambda: shows(app, "one is stopped: it has no process"), "why")
        assert not shows(app, "Traceback")


async def test_titles_that_have_no_room_are_dots_and_the_one_in_front_is_always_there() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "4")
        frame = next(line for line in text_of(app) if "4 Logs" in line)
        assert "…" in frame
        assert "Drift" not in frame
        await press(pilot, "left_square_bracket")
        frame = next(line for line in text_of(app) if "Drift" in line)
        assert "4 Logs" not in frame
        left = frame.index("Timeline")
        await pilot.click(offset=(left + 1, text_of(app).index(frame)))
        await pilot.pause()
        assert app.main.details.tab == "timeline"


async def test_the_kernel_is_asked_only_for_the_tab_in_front() -> None:
    engine = await with_containers(one="running")
    asked: list[str] = []
    container = engine._containers["one"]
    kernel = container.kernel

    async def counted() -> Any:
        asked.append("one")
        return await kernel()

    assert isinstance(container, FakeContainer)
    container.kernel = counted  # type: ignore[method-assign]
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        await tick(pilot, engine)
        assert asked == []
        await press(pilot, "8")
        await until(pilot, lambda: asked, "the first question")
        first = len(asked)
        await tick(pilot, engine)
        await until(pilot, lambda: len(asked) > first, "the next one")
        await press(pilot, "4")
        before = len(asked)
        for _ in range(3):
            await tick(pilot, engine)
        assert len(asked) == before

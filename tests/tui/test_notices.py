"""Notices through the chosen channels, their history, and the window to undo a delete."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.harness import app_over, line_with, loaded, press, settled, shows, toasts, until
from tests.tui.test_keys import SIZE, statuses, with_containers
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.tui.app import TuiApp
from tuicontainer.tui.preferences import NOTIFIED, Preferences


def listen(app: TuiApp, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is written to the terminal beside the screen: bells and sequences."""
    heard: list[str] = []
    monkeypatch.setattr(app, "bell", lambda: heard.append("bell"))
    driver: Any = app._driver
    monkeypatch.setattr(driver, "write", heard.append)
    return heard


@pytest.mark.parametrize("channels", [(), ("toast",), ("bell",), ("desktop",), ("toast", "bell")])
async def test_each_channel_can_be_switched(
    channels: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    engine = await with_containers(one="running")
    app = app_over(engine, preferences=Preferences(notify={**NOTIFIED, "oom": channels}))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        heard = listen(app, monkeypatch)
        engine._containers["one"].run_out_of_memory()
        await until(pilot, lambda: app.model.notices.unseen == 1, "the notice")
        await settled(pilot)
        text = "one ran out of memory: the kernel killed a process"
        assert any(text in toast for toast in toasts(app)) is ("toast" in channels)
        assert ("bell" in heard) is ("bell" in channels)
        assert (f"\x1b]9;OOM kill: {text}\x07" in heard) is ("desktop" in channels)


async def test_the_header_counts_them_and_the_history_leads_to_the_container() -> None:
    engine = await with_containers(one="running", two="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        engine._containers["one"]._end(3)
        await until(pilot, lambda: shows(app, "! 1 notice "), "the count")
        await press(pilot, "exclamation_mark")
        assert "one ended with status 3, and nobody had asked it to" in line_with(app, "Unexpected")
        await press(pilot, "enter")
        assert app.main.containers.cursor_key == "one"
        assert app.main.panes.current == "containers"
        assert not shows(app, "! 1 notice ")


async def test_what_people_ask_for_is_no_surprise() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "K", "enter")
        assert app.model.notices.unseen == 0
        await press(pilot, "exclamation_mark")
        assert shows(app, "No notices in this session.")


async def deleted(pilot: Any, engine: FakeEngine) -> None:
    await loaded(pilot)
    await press(pilot, "2", "d", "y")
    assert await statuses(engine) == {}


async def test_a_delete_can_be_taken_back_for_a_while() -> None:
    engine = await with_containers(one="stopped")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await deleted(pilot, engine)
        assert shows(app, "u brings one back", "u undo")
        await press(pilot, "u")
        await until(pilot, lambda: "stopped" in line_with(app, " one "), "it to come back")
        assert app.main.containers.cursor_key == "one"
        assert not shows(app, "u undo")


async def test_the_window_ends_and_then_it_is_gone_for_good() -> None:
    engine = await with_containers(one="stopped")
    app = app_over(engine, preferences=Preferences(undo=0.2))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await deleted(pilot, engine)
        await until(pilot, lambda: not app.model.undoable, "the end of the window")
        await settled(pilot)
        assert engine._kept == {}
        await press(pilot, "u")
        assert any("nothing was deleted" in toast for toast in toasts(app))


async def test_leaving_ends_the_window_too() -> None:
    engine = await with_containers(one="stopped")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await deleted(pilot, engine)
        assert list(engine._kept) == ["one"]
        await pilot.press("ctrl+q")
    assert engine._kept == {}


async def test_without_a_window_a_delete_is_for_good_at_once() -> None:
    engine = await with_containers(one="stopped")
    app = app_over(engine, preferences=Preferences(undo=0))
    async with app.run_test(size=SIZE) as pilot:
        await deleted(pilot, engine)
        assert engine._kept == {}
        assert not app.model.undoable

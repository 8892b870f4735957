"""Terminals in the pane: keys go to the program, tabs survive, the way out is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from textual import events

from tests.tui.harness import (
    app_over,
    fake_engine,
    loaded,
    press,
    replay_engine,
    shows,
    toasts,
    until,
)
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.tui.app import TuiApp

SIZE = (120, 40)
LEAVE = "ctrl+right_square_bracket"


async def with_shell(pilot: Any) -> None:
    """Open a shell in the container under the cursor and wait for its prompt."""
    await loaded(pilot)
    await press(pilot, "2", "e")
    await until(pilot, lambda: shows(pilot.app, "│#", "ctrl+] leaves"), "the prompt")


async def enter(pilot: Any, text: str) -> None:
    names = {" ": "space", "/": "slash", "'": "apostrophe", "\\": "backslash"}
    await press(pilot, *(names.get(sign, sign) for sign in text), "enter")


async def running() -> tuple[FakeEngine, TuiApp]:
    engine = fake_engine()
    await (await engine.create("steady")).start()
    return engine, app_over(engine)


async def test_every_key_is_the_programs_but_the_one_that_leaves() -> None:
    engine, app = await running()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await with_shell(pilot)
        await enter(pilot, "echo jkgGqtKd?")
        await until(pilot, lambda: shows(app, "│jkgGqtKd?"))
        await press(pilot, "ctrl+q", "ctrl+p", "tab", "f1")
        assert app.main.panes.current == "terminals"
        assert app.screen is app.main
        assert (await engine.containers())[0].status == "running"
        await press(pilot, LEAVE, "t")
        assert (await engine.containers())[0].status == "stopped", "keys are ours again"
        assert toasts(app) == []


async def test_what_is_typed_before_the_shell_is_there_waits_for_it() -> None:
    _, app = await running()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("2")
        app.main.action_verb("exec")
        front = app.main.terminals.front
        assert front is not None
        assert front.link is None
        front.on_key(events.Key("w", "w"))
        await until(pilot, lambda: shows(app, "│# w"))


async def test_it_goes_on_behind_other_panes_and_ends_with_its_status() -> None:
    _, app = await running()
    async with app.run_test(size=SIZE) as pilot:
        await with_shell(pilot)
        await enter(pilot, "echo kept")
        await press(pilot, LEAVE, "3")
        assert shows(app, "3 Gauges", "4 Logs")
        assert not shows(app, "kept")
        await press(pilot, "grave_accent")
        assert shows(app, "│kept", "enter types")
        await press(pilot, "enter")
        await enter(pilot, "exit 3")
        await until(pilot, lambda: shows(app, "it ended with status 3 · x closes"))
        assert shows(app, "│kept")
        await press(pilot, "x")
        await until(pilot, lambda: not shows(app, "│kept"))
        assert app.main.panes.current == "containers"


async def test_several_are_tabs() -> None:
    _, app = await running()
    async with app.run_test(size=SIZE) as pilot:
        await with_shell(pilot)
        await enter(pilot, "echo first")
        await press(pilot, LEAVE, "2", "a")
        await until(pilot, lambda: shows(app, "steady-1: sh  steady-1", "│listening"))
        await press(pilot, LEAVE, "left_square_bracket")
        assert shows(app, "│first")
        await press(pilot, "right_square_bracket", "x")
        await until(pilot, lambda: shows(app, "│first"))


async def test_the_program_learns_the_size_of_the_pane() -> None:
    _, app = await running()
    async with app.run_test(size=SIZE) as pilot:
        await with_shell(pilot)
        await enter(pilot, "stty size")
        await until(pilot, lambda: shows(app, "│22 118"))
        await press(pilot, LEAVE, "z", "enter")
        await enter(pilot, "stty size")
        await until(pilot, lambda: shows(app, "│36 118"))
        await pilot.resize_terminal(90, 30)
        await enter(pilot, "stty size")
        await until(pilot, lambda: shows(app, "│26 88"))


async def test_what_scrolled_out_can_be_looked_at() -> None:
    _, app = await running()
    async with app.run_test(size=SIZE) as pilot:
        await with_shell(pilot)
        await enter(pilot, "printf '" + "a\\nb\\n" * 30 + "'")
        await until(pilot, lambda: not shows(app, "printf"))
        await press(pilot, LEAVE, "g")
        assert shows(app, "│# printf", "lines back")
        await press(pilot, "G")
        assert not shows(app, "printf")


async def test_a_recording(tmp_path: Path) -> None:
    _, app = await running()
    path = tmp_path / "shell.cast"
    async with app.run_test(size=SIZE) as pilot:
        await with_shell(pilot)
        await enter(pilot, "echo before")
        await press(pilot, LEAVE, "ctrl+r")
        app.screen.query_one("#save-path").value = str(path)  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert shows(app, "● steady-1: sh")
        await press(pilot, "enter")
        await enter(pilot, "echo during")
        await until(pilot, lambda: shows(app, "│during"))
        await press(pilot, LEAVE, "ctrl+r")
        assert not shows(app, "● steady-1")
    assert path.stat().st_mode & 0o777 == 0o600
    header, *events = map(json.loads, path.read_text().splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, 118, 22)
    shown = "".join(text for _, kind, text in events if kind == "o")
    assert shown.index("before") < shown.index("\r\nduring\r\n")


async def test_a_session_that_may_change_nothing_opens_none() -> None:
    app = app_over(replay_engine("every state"), read_only=True)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await loaded(pilot)
        for key in ("e", "a", "E"):
            await press(pilot, "2", key)
        assert app.main.terminals.views == []
        await press(pilot, "grave_accent")
        assert "there is no terminal" in toasts(app)[-1]


async def test_colours_are_drawn() -> None:
    _, app = await running()
    async with app.run_test(size=SIZE) as pilot:
        await with_shell(pilot)
        await enter(pilot, r"printf '\x1b[48;2;1;2;3mcolour\x1b[0m\n'")
        await until(pilot, lambda: shows(app, "│colour"))
        view = app.main.terminals.front
        assert view is not None
        segments = [part for part in view.render_line(1) if "colour" in part.text]
        assert segments[0].style is not None
        assert segments[0].style.bgcolor.triplet == (1, 2, 3)  # type: ignore[union-attr]

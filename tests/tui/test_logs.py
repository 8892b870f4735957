"""The log follows, never fights the reader, stays bounded, and can't write to our terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from textual.pilot import Pilot

from tests.tui.harness import (
    START_NS,
    app_over,
    fake_engine,
    loaded,
    press,
    settled,
    shows,
    text_of,
    until,
)
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.engine.fake_container import FakeContainer
from tuicontainer.supervise.views import LogLine
from tuicontainer.tui.widgets.logs import KEPT_LINES, LogView


def logged(screen: list[str]) -> list[str]:
    """Return the texts of the log on a screen."""
    return [found for line in screen for found in re.findall(r"[│┃] (line \d+) ", line)]


async def running() -> tuple[FakeEngine, FakeContainer]:
    engine = fake_engine()
    container = await engine.create("steady")
    await container.start()
    return engine, container


async def at_the_log(pilot: Pilot[Any]) -> LogView:
    await loaded(pilot)
    await press(pilot, "2", "l")
    await until(pilot, lambda: shows(pilot.app, "listening"), "the log")
    view = pilot.app.main.details.logs  # type: ignore[attr-defined]
    assert isinstance(view, LogView)
    return view


async def test_it_follows_until_the_reader_scrolls_up_and_again_at_the_end() -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        view = await at_the_log(pilot)
        for number in range(100):
            container.write(f"line {number}")
        await until(pilot, lambda: shows(app, "line 99"), "the last line")
        await press(pilot, "k", "k", "k")
        before = text_of(app)
        top = view.scroll_y
        for number in range(100, 150):
            container.write(f"line {number}")
        await until(pilot, lambda: view.unseen == 50, "what is unseen to be counted")
        assert view.scroll_y == top, "the reader stays where they are"
        assert logged(before) == logged(text_of(app))
        await until(pilot, lambda: shows(app, "50 new · G follows"), "how many wait below")
        await press(pilot, "G")
        await until(pilot, lambda: shows(app, "line 149"), "the end")
        container.write("one more")
        await until(pilot, lambda: shows(app, "one more"), "the end to be followed")


async def test_both_streams_are_told_apart_and_times_are_shown() -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await at_the_log(pilot)
        container.write("broken", "stderr")
        await until(pilot, lambda: shows(app, "┃ broken"), "stderr")
        assert shows(app, "20:26:40 │ listening"), START_NS


async def test_a_stopped_containers_log_is_whole_and_the_next_instance_follows() -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await at_the_log(pilot)
        container.write("last words")
        await container.kill()
        await until(pilot, lambda: shows(app, "last words", "stopped"), "the end")
        await container.start()
        await until(pilot, lambda: "\n".join(text_of(app)).count("listening") == 2, "both")


async def test_the_buffer_is_bounded_and_the_reader_keeps_the_place() -> None:
    engine, _ = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        view = await at_the_log(pilot)
        view.add(lines(range(KEPT_LINES)))
        await settled(pilot)
        view.scroll_to(y=KEPT_LINES - 1000, animate=False)
        await settled(pilot)
        seen = view.line_at(round(view.scroll_y))
        view.add(lines(range(KEPT_LINES, KEPT_LINES + 600)))
        await settled(pilot)
        assert view.line_count() == KEPT_LINES
        assert view.line_at(round(view.scroll_y)) == seen


def lines(numbers: Sequence[int]) -> list[LogLine]:
    return [LogLine(time_ns=START_NS, stream="stdout", text=f"line {n}") for n in numbers]


async def test_parts_of_a_line_are_joined() -> None:
    engine, _ = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        view = await at_the_log(pilot)
        first = LogLine(time_ns=START_NS, stream="stdout", text="be", partial=True)
        other = LogLine(time_ns=START_NS, stream="stdout", text="ginning and end")
        view.add([first])
        view.add([other])
        await until(pilot, lambda: shows(app, "beginning and end"), "one line")


async def test_escape_sequences_can_colour_but_do_nothing_else() -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await at_the_log(pilot)
        container.write("\x1b[31mred\x1b[0m \x1b]52;c;c3RvbGVu\x07\x1b[2Jsafe \x1b]0;title\x07end")
        await until(pilot, lambda: shows(app, "red safe end"), "the line")
        strips = [strip for strip in app.screen._compositor.render_strips() if "red" in strip.text]
        red = next(segment for segment in strips[0] if segment.text == "red")
        assert red.style is not None
        assert red.style.color is not None
        plain = next(segment for segment in strips[0] if "safe" in segment.text)
        assert plain.style is not None
        assert red.style.color != plain.style.color
        assert not any("\x1b" in line for line in text_of(app))


async def test_the_log_can_be_filtered() -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await at_the_log(pilot)
        for number in range(30):
            container.write(f"line {number}")
        await until(pilot, lambda: shows(app, "line 29"), "the lines")
        await press(pilot, "slash", *"line", "space", "7", "enter")
        await until(pilot, lambda: logged(text_of(app)) == ["line 7", "line 17", "line 27"])
        await press(pilot, "escape")
        await until(pilot, lambda: len(logged(text_of(app))) > 3, "the others")


async def test_another_container_shows_its_own_log() -> None:
    engine, container = await running()
    other = await engine.create("steady")
    await other.start()
    container.write("of the first")
    other.write("of the second")
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        await until(pilot, lambda: shows(app, "of the first"), "the first")
        await press(pilot, "j")
        await until(pilot, lambda: shows(app, "of the second"), "the second")
        assert not shows(app, "of the first")


async def test_text_can_be_selected_with_the_mouse_and_copied() -> None:
    engine, _ = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        view = await at_the_log(pilot)
        y = view.region.y
        x = view.region.x + 1
        await pilot.mouse_down(offset=(x + 11, y))
        await pilot.hover(offset=(x + 15, y))
        await pilot.mouse_up(offset=(x + 15, y))
        await pilot.pause()
        assert (app.screen.get_selected_text() or "").startswith("list")
        await press(pilot, "ctrl+c")
        assert app.clipboard.startswith("list")

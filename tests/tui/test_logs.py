"""The log follows, never fights the reader, stays bounded, and can't write to our terminal."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.harness import (
    START_NS,
    app_over,
    fake_engine,
    loaded,
    press,
    settled,
    shows,
    text_of,
    toasts,
    until,
)
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.engine.fake_container import FakeContainer
from tuicontainer.supervise.views import LogLine
from tuicontainer.tui.log_actions import MOST_MERGED
from tuicontainer.tui.logbook import KEPT_LINES
from tuicontainer.tui.widgets.logs import LogView


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
        await until(pilot, lambda: shows(app, "50 new, G follows"), "how many wait below")
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
        view.add(lines(range(KEPT_LINES, KEPT_LINES + 6000)))
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


async def written(pilot: Pilot[Any], container: FakeContainer, count: int) -> LogView:
    """Go to the log and let it have so many lines."""
    view = await at_the_log(pilot)
    for number in range(count):
        container.write(f"line {number}", "stderr" if number % 5 == 0 else "stdout")
    await until(pilot, lambda: shows(pilot.app, f"line {count - 1}"), "the lines")
    return view


@pytest.mark.parametrize(("typed", "left"), [
    ("/line 1[0-2]/", ["line 10", "line 11", "line 12"]),
    ("!/line [0-9]/ !listening", []),
    ("stream:stderr !0", ["line 5", "line 15"]),
    ("~l19", []),
    ('"line 1" time>20:00', ["line 1", *(f"line {n}" for n in range(10, 20))]),
    ('time<20:00', []),
])  # fmt: skip
async def test_filters_by_pattern_inversion_stream_and_time(typed: str, left: list[str]) -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 60)) as pilot:
        view = await written(pilot, container, 20)
        view.set_filter(typed)
        await settled(pilot)
        assert logged(text_of(app)) == left


async def test_search_goes_up_from_the_end_and_n_and_capital_n_go_on() -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        view = await written(pilot, container, 300)
        await press(pilot, "f", *"/line", "space", *"[12]50/", "enter")
        await until(pilot, lambda: shows(app, "line 250"), "the last hit")
        assert not view.follows
        await press(pilot, "N")
        await until(pilot, lambda: shows(app, "line 150"), "the one before")
        await press(pilot, "n")
        await until(pilot, lambda: shows(app, "line 250"), "the next one")
        row = next(s for s in app.screen._compositor.render_strips() if "line 250" in s.text)
        hit = next(segment for segment in row if segment.text == "line 250")
        assert hit.style is not None
        assert hit.style.bgcolor == app.palette.style("found-now").bgcolor
        await press(pilot, "n")
        assert any("no later line" in toast for toast in toasts(app))
        await press(pilot, "escape")
        assert view.search == ""


async def test_a_time_window_a_mark_and_the_way_back_to_it() -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        view = await written(pilot, container, 3)
        old = LogLine(time_ns=START_NS - 120 * 10**9, stream="stdout", text="of old")
        view.prepend([old])
        await until(pilot, lambda: shows(app, "of old"), "the old line")
        await press(pilot, "W")
        assert not shows(app, "of old")
        assert shows(app, "line 2", "since 20:25:40")
        await press(pilot, *"WWWW")
        assert shows(app, "of old"), "the window is open again"
        await press(pilot, "m")
        for number in range(200):
            container.write(f"after {number}")
        await until(pilot, lambda: shows(app, "after 199"), "more")
        assert not shows(app, "mark 1")
        await press(pilot, "M")
        assert shows(app, "── mark 1 · 20:26:40 ──", "after 0")


async def test_another_log_begins_with_an_open_window_and_keeps_the_filter() -> None:
    engine, container = await running()
    other = await engine.create("steady")
    await other.start()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        view = await written(pilot, container, 3)
        await press(pilot, "W", "slash", *"line", "enter")
        assert (view.has_window, view.filter) == (True, "line")
        app.main.make_current(other.id)
        await settled(pilot)
        assert (view.has_window, view.filter) == (False, "line")
        await press(pilot, "4", "W")
        assert shows(app, "of 1 match line"), "the filter holds for the next log too"
        assert view.book.since_ns == START_NS - 60 * 10**9, "the first window again"


async def test_not_more_logs_are_followed_at_once_than_there_is_use_for() -> None:
    engine, _ = await running()
    for _ in range(MOST_MERGED):
        await (await engine.create("steady")).start()
    app = app_over(engine)
    told: list[str] = []
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        app.main.stage.advise = told.append  # type: ignore[method-assign]
        await press(pilot, "2", "L")
        assert len(app.main.filler.merged) == MOST_MERGED
        assert "mark those you mean" in told[0]


async def test_long_lines_are_wrapped_and_nothing_is_lost() -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        view = await at_the_log(pilot)
        text = " ".join(f"word{number}" for number in range(60))
        container.write(text)
        container.write("weit 宽宽宽 " * 30)
        await until(pilot, lambda: shows(app, "weit"), "the lines")
        assert not shows(app, "word59")
        await press(pilot, "w")
        assert shows(app, "wrapped")
        seen = "".join(line[54:-1].strip(" │") for line in text_of(app)[15:-2])
        assert "word59" in seen
        assert view.line_count() > 7
        assert max(map(len, text_of(app))) <= 120
        await press(pilot, "w")
        assert not shows(app, "word59")


async def test_times_are_shown_whole_or_not_at_all() -> None:
    engine, _ = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await at_the_log(pilot)
        await press(pilot, "T")
        assert shows(app, "2026-05-28 20:26:40.000 │ listening")
        await press(pilot, "T")
        assert not shows(app, "20:26:40")


async def test_logs_of_several_containers_are_put_together_by_time() -> None:
    engine, first = await running()
    second = await engine.create("steady")
    await second.start()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "L")
        await until(pilot, lambda: "\n".join(text_of(app)).count("listening") == 2, "both")
        view = app.main.details.logs
        for source, seconds in ((0, 1), (1, 2), (0, 4), (1, 3)):
            at = START_NS + seconds * 10**9
            view.add([LogLine(time_ns=at, stream="stdout", text=f"line {seconds}")], source)
        await settled(pilot)
        assert logged(text_of(app)) == ["line 1", "line 2", "line 3", "line 4"]
        assert shows(app, "steady-1 │ line 1", "steady-2 │ line 2")
        first.write("news of the first")
        await until(pilot, lambda: shows(app, "news of the first"), "what comes later")
        view.set_filter("id:steady-2")
        await settled(pilot)
        assert logged(text_of(app)) == ["line 2", "line 3"]
        await press(pilot, "escape", "escape")
        assert app.main.filler.merged == ()
        await until(pilot, lambda: not shows(app, "steady-1 │"), "one log again")


async def test_a_log_is_saved_as_it_is_shown_and_never_over_another_file(tmp_path: Path) -> None:
    engine, container = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await written(pilot, container, 12)
        await press(pilot, "slash", *"line", "space", "1", "enter", "ctrl+s")
        assert shows(app, "Save to a file", "steady-1-20260528-202640.log")
        path = tmp_path / "out.log"
        app.screen.query_one(Input).value = str(path)
        await press(pilot, "enter")
        saved = [("stdout", 1), ("stderr", 10), ("stdout", 11)]
        assert path.read_text().splitlines() == [
            f"2026-05-28 20:26:40.000 {stream} line {number}" for stream, number in saved
        ]
        assert path.stat().st_mode & 0o777 == 0o600
        assert any("saved 3 lines" in toast for toast in toasts(app))
        await press(pilot, "ctrl+s")
        app.screen.query_one(Input).value = str(path)
        await press(pilot, "enter")
        assert shows(app, "is there already", "choose another name")
        app.screen.query_one(Input).value = str(tmp_path / "no" / "folder")
        await press(pilot, "enter")
        assert shows(app, "no such file or directory")
        await press(pilot, "escape")
        assert app.screen is app.main


async def test_older_lines_come_when_the_reader_asks_for_the_first() -> None:
    engine, container = await running()
    for number in range(3000):
        container.write(f"line {number}")
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await press(pilot, "2", "l")
        view = app.main.details.logs
        await until(pilot, lambda: shows(app, "line 2999"), "the end")
        assert view.book.count == 1000
        await press(pilot, "g")
        await until(pilot, lambda: shows(app, "listening", "line 0 "), "the very first lines")
        assert view.book.count == 3001
        assert not view.follows
        assert [entry.line.text for entry in view.book.shown[1:]] == [
            f"line {number}" for number in range(3000)
        ], "none twice, none lost"


async def test_a_hundred_thousand_lines_scroll_search_and_wrap_at_once() -> None:
    engine, _ = await running()
    app = app_over(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        view = await at_the_log(pilot)
        view.add(lines(range(KEPT_LINES - 1)))
        await settled(pilot)
        began = time.process_time()
        for _ in range(20):
            view.action_page(-1)
            await pilot.pause()
        view.set_search("line 17 ")
        view.set_search("line 17")
        view.toggle_wrap()
        view.action_bottom()
        await settled(pilot)
        assert time.process_time() - began < 5, "seconds on a slow machine, not minutes"
        assert shows(app, f"line {KEPT_LINES - 2}")


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

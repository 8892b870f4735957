"""Every command is recorded with its form for a shell; the palette and the help know all keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.harness import app_over, fake_engine, line_with, loaded, press, shows, until
from tests.tui.test_keys import SIZE, with_containers
from tests.tui.test_states import Failing
from tuicontainer.cli.main import main as cli
from tuicontainer.errors import FailedPrecondition
from tuicontainer.spec.limits import Limits
from tuicontainer.tui.activity import KEPT, ActivityLog
from tuicontainer.tui.command_lines import rename_line, signal_line, update_line, verb_line
from tuicontainer.tui.keymap import GROUPS, MAIN_KEYS, SCROLLING
from tuicontainer.tui.palette_commands import PaletteCommands
from tuicontainer.tui.quantities import short_span
from tuicontainer.tui.screens.help import help_lines
from tuicontainer.tui.spans import plain
from tuicontainer.tui.verbs import VERBS


async def test_commands_are_listed_newest_first_with_their_results() -> None:
    engine = await with_containers(one="running")
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        assert not shows(app, "A Activity"), "it isn't there until somebody asks for it"
        await press(pilot, "j", "s", "2", "p", "p", "K", "j", "enter", "A")
        assert app.main.panes.current == "activity"
        commands = [entry.command for entry in app.main.activity.items]
        assert commands == [
            "tuicontainer kill -s TERM steady-1",
            "tuicontainer resume steady-1",
            "tuicontainer pause steady-1",
            "tuicontainer run -d steady",
        ]
        assert "0ms  done" in line_with(app, "run -d steady")
        await press(pilot, "j", "y")
        assert app.clipboard == "tuicontainer resume steady-1"
        await press(pilot, "slash", *"kill", "enter")
        assert len(app.main.activity.items) == 1
        await press(pilot, "escape", "A")
        assert not shows(app, "A Activity")


async def test_a_failure_is_kept_with_its_reason() -> None:
    app = app_over(Failing(FailedPrecondition("no cgroup `cpu`")))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "s", "A")
        assert "no cgroup `cpu`" in line_with(app, "run -d steady")


def test_the_log_is_bounded_and_counts_durations() -> None:
    now = iter(range(0, 10**12, 5_000_000))
    log = ActivityLog(lambda: next(now))
    numbers = [log.begin(f"command {number}") for number in range(KEPT + 10)]
    log.end(numbers[-1], "it broke")
    log.end(numbers[0])
    assert len(log.entries) == KEPT
    last = log.entries[-1]
    assert (last.took_ns, last.failure) == (5_000_000, "it broke")
    assert log.entries[0].took_ns is None


@pytest.mark.parametrize(("nanoseconds", "text"), [
    (None, ""), (4_999_999, "4ms"), (1_250_000_000, "1.2s"), (125_000_000_000, "2m05s"),
])  # fmt: skip
def test_short_spans(nanoseconds: int | None, text: str) -> None:
    assert short_span(nanoseconds) == text


LINES = {
    "rename": rename_line("one", "two"),
    "update": update_line("one", Limits(pids_limit=7)),
    "signal": signal_line("one", 4711, "TERM"),
}
"""Of verbs that need more words than containers' ids."""


@pytest.mark.parametrize("verb", [*VERBS, "resume", "state", "gauges"])
def test_command_lines_are_ones_that_the_command_line_knows(
    verb: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = (LINES.get(verb) or verb_line(verb, ["one"], signal="TERM")).split()
    assert words[0] == "tuicontainer"
    roots = ["--root", str(tmp_path / "run"), "--data-root", str(tmp_path / "data")]
    status = cli([words[1], *roots, *words[2:]])
    said = capfd.readouterr().err
    assert status != 2, said
    assert "no container matches `one`" in said or "needs a terminal" in said


async def test_the_palette_has_every_action_of_the_moment_and_its_command_line() -> None:
    app = app_over(await with_containers(one="running"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "2")
        provider = PaletteCommands(app.main)
        found = {title: text for title, text, _ in provider._commands()}
        assert found["Stop one"] == "t   $ tuicontainer stop one"
        assert found["Shell one"] == "e   $ tuicontainer exec -i -t one /bin/sh"
        assert found["Go to the containers"] == "2   $ tuicontainer ps -a"
        assert found["Go to the gauges"] == "3   $ tuicontainer stats one"
        assert found["Second tab"].endswith("$ tuicontainer state one")
        assert found["Zoom"] == "z   only in here"
        assert found["Sort containers by pressure"] == "only in here"
        assert found["Start bundle steady"] == "$ tuicontainer run -d steady"
        active = app.main.active_bindings
        names = [key.key.split(",")[0] for key in MAIN_KEYS]
        possible = [name for name in names if name in active and active[name].enabled]
        assert len([text for text in found.values() if "   " in text]) == len(possible) - 1
        await press(pilot, "4")
        assert "Log: wrap lines" in {title for title, _, _ in provider._commands()}


@pytest.mark.parametrize("where", ["bundles", "containers", "gauges", "details", "log", "activity"])
@pytest.mark.parametrize("width", [56, 100])
def test_the_help_begins_where_one_is_and_knows_every_key(where: str, width: int) -> None:
    lines = [plain(line) for line in help_lines({}, where, width)]
    assert lines[0].startswith(" You are in the ")
    text = "\n".join(lines)
    for _, group in GROUPS:
        for binding in group:
            assert binding.description in text
    assert {binding for _, group in GROUPS for binding in group} == {*MAIN_KEYS, *SCROLLING}
    assert all(len(line) <= width + 4 for line in lines)


async def test_the_help_is_about_the_pane_that_has_the_keys() -> None:
    app = app_over(fake_engine())
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        for key, words in (("1", "the bundles"), ("2", "the containers"), ("3", "the gauges")):
            await press(pilot, key, "question_mark")
            await until(pilot, lambda words=words: shows(app, f"You are in {words}"), words)
            await press(pilot, "escape")

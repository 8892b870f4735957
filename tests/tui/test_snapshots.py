"""The screens as they were agreed: as pictures (SVG) and as text at 120x40, layouts at more sizes.

They are drawn from recordings of real containers (tests.tui.record). After a change that is meant,
`pytest tests/tui/test_snapshots.py --snapshot-update` writes both kinds anew; read the difference
of the text files before committing them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.harness import (
    app_over,
    fake_engine,
    loaded,
    press,
    replay_engine,
    settled,
    shows,
    text_of,
    until,
)
from tests.tui.looking_back import Clock, live, three_minutes
from tuicontainer.tui.app import TuiApp
from tuicontainer.tui.preferences import NOTIFIED, Preferences
from tuicontainer.tui.themes import theme_files

LAYOUTS = ((60, 20), (80, 24), (160, 48), (250, 70))
QUIET = Preferences(notify=dict.fromkeys(NOTIFIED, ()))
"""Toasts of notices would go after some seconds, sooner or later on other machines."""
GOLDENS = Path(__file__).parent / "goldens"

TO_CONTAINER = ("2", "slash")
SCENES: dict[str, tuple[str, tuple[str, ...]]] = {
    "empty": ("empty", ("2",)),
    "bundles": ("empty", ("j", "j")),
    "bundle-menu": ("empty", ("j", "B")),
    "bundle-new": ("empty", ("B", "n", *"web", "down", "down")),
    "editor": ("empty", ("j", "B", "e", "f8", "f8")),
    "lint": ("empty", ("j", "j", "6", "z")),
    "many": ("many", ("2", "o", "o")),
    "creating": ("every state", (*TO_CONTAINER, *"slow", "enter", "escape")),
    "created": ("every state", (*TO_CONTAINER, *"hooks", "enter", "escape", "i")),
    "running": ("every state", (*TO_CONTAINER, *"cpu", "enter", "escape", "6")),
    "paused": ("every state", (*TO_CONTAINER, *"user", "enter", "escape", "5")),
    "stopped": ("every state", (*TO_CONTAINER, *"hello-1", "enter", "escape")),
    "oom-killed": ("every state", (*TO_CONTAINER, *"memory-2", "enter", "escape", "6")),
    "last-moments": (
        "every state",
        (*TO_CONTAINER, *"memory-2", "enter", "escape", "left_square_bracket"),
    ),
    "logs": ("every state", (*TO_CONTAINER, *"logger", "enter", "escape", "z", "l")),
    "log-search": ("every state", (*TO_CONTAINER, *"cpu-", "enter", "l", "f", *"/50+", "enter")),
    "log-filter": ("every state", ("2", "L", "slash", *"stream:stderr !id:cpu")),
    "log-merged": ("many", ("2", "L", "T", "w", "m")),
    "save": ("every state", (*TO_CONTAINER, *"logger", "enter", "l", "ctrl+s")),
    "confirm": ("every state", (*TO_CONTAINER, *"hello-1", "enter", "escape", "d")),
    "kill": ("every state", (*TO_CONTAINER, *"web", "enter", "escape", "K")),
    "create": ("empty", ("S",)),
    "help": ("every state", ("question_mark",)),
    "toast": ("every state", ("s",)),
    "filter": ("every state", ("2", "slash", *"mem<1M status:run")),
    "wrong-filter": ("every state", ("2", "slash", *"run memm>5")),
    "activity": ("every state", ("A", "1", "s", "2", "G", "p", "A")),
    "palette": ("every state", (*TO_CONTAINER, *"web", "enter", "colon", *"sto")),
    "settings": ("every state", ("comma",)),
    "settings-keys": ("every state", ("comma", "slash", *"keys", "enter", "j", "enter")),
    "notices": ("every state", ("exclamation_mark",)),
    "processes": ("every state", (*TO_CONTAINER, *"web", "enter", "8")),
    "mounts": ("every state", (*TO_CONTAINER, *"user", "enter", "9", "z")),
    "security": ("every state", (*TO_CONTAINER, *"shell", "enter", "0")),
    "groups": ("every state", (*TO_CONTAINER, *"cpu", "enter", "0", "right_square_bracket")),
    "namespaces": (
        "every state",
        (*TO_CONTAINER, *"user", "enter", "0", *["right_square_bracket"] * 2),
    ),
    "timeline": (
        "every state",
        (*TO_CONTAINER, *"cpu", "enter", "0", *["right_square_bracket"] * 3),
    ),
    "timeline-steps": ("hooks", ("2", "0", *["right_square_bracket"] * 3, "z", "G")),
    "drift": ("every state", (*TO_CONTAINER, *"web", "enter", "4", *["left_square_bracket"] * 2)),
    "no-process": ("every state", (*TO_CONTAINER, *"failing", "enter", "8")),
    "limits": ("every state", (*TO_CONTAINER, *"cpu", "enter", "escape", "U", *"64m")),
    "rename": ("every state", (*TO_CONTAINER, *"hello-1", "enter", "escape", "I", *"shop")),
    "signal-process": ("every state", (*TO_CONTAINER, *"web", "enter", "escape", "ctrl+x")),
    "compare": (
        "every state",
        (
            *(*TO_CONTAINER, *"cpu", "enter", "escape", "space"),
            *("slash", *"web", "enter", "escape", "space", "D"),
        ),
    ),
    "bulk": ("every state", ("2", "asterisk", "t")),
    "jump": ("every state", ("2", "apostrophe")),
    "hidden-panes": ("every state", ("3", "backslash", "1", "backslash", "shift+down")),
}
"""Name: the recording's moment, and the keys that lead to the screen."""


@pytest.fixture
def same_text(request: pytest.FixtureRequest) -> Callable[[str, list[str]], None]:
    """Compare a screen with its text file, or write that with `--snapshot-update`."""

    def compare(name: str, lines: list[str]) -> None:
        golden = GOLDENS / f"{name}.txt"
        shown = "\n".join(lines).rstrip() + "\n"
        if request.config.getoption("--snapshot-update"):
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(shown, encoding="utf-8")
        assert shown == golden.read_text(encoding="utf-8")

    return compare


def typed(keys: tuple[str, ...]) -> list[str]:
    """Return keys with Textual's names for signs that a filter contains."""
    names = {" ": "space", "<": "less_than_sign", ">": "greater_than_sign", ":": "colon"}
    return [names.get(key, key) for key in keys]


@pytest.mark.parametrize("scene", SCENES)
def test_screen(scene: str, snap_compare: Any, same_text: Callable[[str, list[str]], None]) -> None:
    moment, keys = SCENES[scene]
    lines: list[str] = []

    async def lead(pilot: Pilot[Any]) -> None:
        await loaded(pilot)
        await press(pilot, *typed(keys))
        lines.extend(text_of(pilot.app))

    assert snap_compare(
        app_over(replay_engine(moment), preferences=QUIET), terminal_size=(120, 40), run_before=lead
    )
    same_text(f"{scene}-120x40", lines)


@pytest.mark.parametrize("size", LAYOUTS, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    "scene", ["many", "running", "bulk", "kill", "create", "help", "timeline-steps"]
)
async def test_layout(
    scene: str, size: tuple[int, int], same_text: Callable[[str, list[str]], None]
) -> None:
    moment, keys = SCENES[scene]
    app = app_over(replay_engine(moment), preferences=QUIET)
    async with app.run_test(size=size) as pilot:
        await loaded(pilot)
        await press(pilot, *keys)
        lines = text_of(app)
    same_text(f"{scene}-{size[0]}x{size[1]}", lines)


async def replayed(pilot: Pilot[Any]) -> None:
    """Hold a replay near the end, and look at the history of a container that was killed."""
    app = pilot.app
    assert isinstance(app, TuiApp)
    await until(pilot, lambda: app.main.time.away, "the recording")
    await press(pilot, "P")
    app.main.time.to_share(0.9)
    await loaded(pilot)
    await press(pilot, *TO_CONTAINER, *"memory", "enter", "6")


def test_replay(snap_compare: Any, same_text: Callable[[str, list[str]], None]) -> None:
    lines: list[str] = []

    async def lead(pilot: Pilot[Any]) -> None:
        await replayed(pilot)
        lines.extend(text_of(pilot.app))

    app = app_over(replay_engine("every state"), preferences=QUIET, replay=True)
    assert snap_compare(app, terminal_size=(120, 40), run_before=lead)
    same_text("replay-120x40", lines)


@pytest.mark.parametrize("size", [*LAYOUTS, (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_past(size: tuple[int, int], same_text: Callable[[str, list[str]], None]) -> None:
    async with live(Clock(), size=size) as (app, pilot, _):
        await press(pilot, "P", "2", "left_parenthesis")
        await until(pilot, lambda: shows(app, "1 running"), "the past")
        await settled(pilot)
        lines = text_of(app)
    same_text(f"past-{size[0]}x{size[1]}", lines)


def test_past_in_colour(snap_compare: Any) -> None:
    """The banner is what tells: in colour too."""
    clock = Clock()
    engine = fake_engine()

    async def lead(pilot: Pilot[Any]) -> None:
        await three_minutes(pilot, engine, clock)
        await press(pilot, "P", "2", "left_parenthesis")
        await until(pilot, lambda: shows(pilot.app, "1 running"), "the past")
        await settled(pilot)

    app = app_over(engine, now_ns=clock)
    assert snap_compare(app, terminal_size=(120, 40), run_before=lead)


@pytest.mark.parametrize("theme", sorted(theme_files()))
def test_theme(theme: str, snap_compare: Any) -> None:
    moment, keys = SCENES["running"]

    async def lead(pilot: Pilot[Any]) -> None:
        await loaded(pilot)
        await press(pilot, *keys)

    app = app_over(replay_engine(moment), theme=theme, preferences=QUIET)
    assert snap_compare(app, terminal_size=(120, 40), run_before=lead)

"""The application over an engine in memory or a recording, and ways to look at its screen."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import Engine
from tuicontainer.engine.fake import FAKE_INFO, FakeEngine
from tuicontainer.engine.fake_container import Program
from tuicontainer.engine.recording_reader import read_tape
from tuicontainer.engine.replay import ReplayEngine
from tuicontainer.engine.tape import Tape
from tuicontainer.tui.app import TuiApp

RECORDINGS = Path(__file__).parent / "recordings"
FLEET = RECORDINGS / "fleet.jsonl"
START_NS = 1_780_000_000_000_000_000
"""The fakes' clock stands still here unless a test moves it."""

SIZES = ((80, 24), (120, 40), (200, 50))
SMALL = (60, 20)


def bundle(name: str, **changes: Any) -> BundleView:
    """Return a bundle that can be used."""
    values = {
        "name": name,
        "path": f"/bundles/{name}",
        "description": f"what {name} is",
        "args": ("/bin/" + name,),
        "namespaces": ("mount", "pid"),
    }
    return BundleView(**(values | changes))


BUNDLES = (
    bundle("broken", problem="config.json: line 3: not JSON", hint="correct it"),
    bundle("quick"),
    bundle("steady", cpus=0.5, memory_limit=64 << 20),
)
PROGRAMS = {
    "quick": Program(output=(("stdout", "out"), ("stderr", "err")), ends_with=3),
    "steady": Program(
        output=(("stdout", "listening"),), cpu_percent=25.0, memory=16 << 20, processes=3
    ),
}


def fake_engine(bundles: Sequence[BundleView] = BUNDLES, **changes: Any) -> FakeEngine:
    """Return an engine in memory; *changes* are facts of its host."""
    return FakeEngine(
        bundles, PROGRAMS, facts=FAKE_INFO.replace(**changes), now_ns=lambda: START_NS
    )


def replay_engine(moment: str) -> ReplayEngine:
    """Return a recording at a moment: the fleet's, or `hooks` of the one named so."""
    return ReplayEngine(_tape("hooks" if moment == "hooks" else "fleet"), moment=moment)


@functools.cache
def _tape(recording: str) -> Tape:
    return read_tape((RECORDINGS / f"{recording}.jsonl").read_bytes().splitlines())


def app_over(engine: Engine, **options: Any) -> TuiApp:
    """Return the application over *engine*, with its clock."""

    @contextlib.asynccontextmanager
    async def open_engine() -> AsyncIterator[Engine]:
        yield engine

    now = engine.now_ns if isinstance(engine, ReplayEngine) else START_NS
    return TuiApp(open_engine, **({"now_ns": lambda: now} | options))


async def until(pilot: Pilot[Any], holds: Callable[[], object], what: str = "it") -> None:
    """Let the application work until *holds*; fail after a few seconds."""
    for _ in range(150):
        await pilot.pause(0.02)
        if holds():
            return
    shown = "\n".join(text_of(pilot.app))
    raise AssertionError(f"waited in vain for {what}:\n{shown}")


async def loaded(pilot: Pilot[Any]) -> None:
    """Wait until everything that streams in at first is drawn and nothing waits to be."""
    app = pilot.app
    assert isinstance(app, TuiApp)
    model = app.model

    def complete() -> bool:
        known = (model.info, model.bundles, model.containers, model.tick)
        return all(part is not None for part in known) and app.main.quiet

    await until(pilot, complete, "the first data")


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after the other and let what they started be drawn."""
    for key in keys:
        await pilot.press(key)
    await settled(pilot)


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until verbs have been carried out and what they changed is drawn."""
    app = pilot.app
    assert isinstance(app, TuiApp)
    await pilot.pause()
    await until(pilot, lambda: not app.model.doing and app.main.quiet, "quiet")
    # The editor checks a text once nothing has been typed for a moment.
    await until(pilot, lambda: getattr(app.screen, "quiet", True), "the screen in front")
    # What was drawn may have changed the scroll range, and that the next layout.
    await pilot.pause()
    await pilot.pause()


def text_of(app: Any) -> list[str]:
    """Return the screen's lines as text."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def shows(app: Any, *texts: str) -> bool:
    """Return whether every text is on the screen."""
    screen = "\n".join(text_of(app))
    return all(text in screen for text in texts)


def line_with(app: Any, text: str) -> str:
    """Return the first line that contains *text*."""
    return next((line for line in text_of(app) if text in line), "")


def toasts(app: Any) -> list[str]:
    """Return title and message of every toast on the screen."""
    return [f"{note.title}: {note.message}" for note in app._notifications]

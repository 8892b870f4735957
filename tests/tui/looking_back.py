"""An application that has something to look back on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from textual.pilot import Pilot

from tests.tui.harness import START_NS, app_over, fake_engine, loaded, shows, until
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.tui.app import TuiApp

SECOND = 1_000_000_000


class Clock:
    """A clock that goes when a test says so."""

    def __init__(self) -> None:
        self.now_ns = START_NS

    def __call__(self) -> int:
        return self.now_ns

    def wait(self, seconds: float) -> None:
        self.now_ns += int(seconds * SECOND)


async def three_minutes(pilot: Pilot[Any], engine: FakeEngine, clock: Clock) -> None:
    """Let `steady-1` start in the first minute, run for two, and be killed."""
    app = pilot.app
    assert isinstance(app, TuiApp)
    engine.now_ns = clock
    await loaded(pilot)
    clock.wait(60)
    container = await engine.create("steady")
    await container.start()
    engine.tick()
    await until(pilot, lambda: shows(app, "1 running"), "a container")
    for _ in range(4):
        clock.wait(30)
        engine.tick()
        await until(pilot, lambda: app.model.tick.time_ns == clock.now_ns, "a tick")
    await container.kill()
    await until(pilot, lambda: shows(app, "0 running"), "its end")


@contextlib.asynccontextmanager
async def live(
    clock: Clock, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[TuiApp, Pilot[int], FakeEngine]]:
    """Run an application over an engine in memory after `three_minutes`."""
    engine = fake_engine()
    app = app_over(engine, now_ns=clock)
    async with app.run_test(size=size) as pilot:
        await three_minutes(pilot, engine, clock)
        yield app, pilot, engine

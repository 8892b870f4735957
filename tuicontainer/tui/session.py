"""What goes on while an engine is open: it is watched, kept for looking back, perhaps recorded."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, cast

from tuicontainer.engine.api import Engine
from tuicontainer.engine.past import Ring
from tuicontainer.tui.feed import Feed

if TYPE_CHECKING:
    from tuicontainer.engine.recording_file import RecordingWriter
    from tuicontainer.engine.replay import ReplayEngine
    from tuicontainer.tui.app import TuiApp


async def run_session(
    app: TuiApp, engine: Engine, *, recorder: RecordingWriter | None, replay: bool
) -> None:
    """Show *engine* until cancelled.

    Args:
        app: shows it.
        engine: a real one; with *replay* that of a recording.
        recorder: takes a recording.
        replay: whether *engine* is to be played.
    """
    screen = app.main
    try:
        if replay:
            screen.time.replay(cast("ReplayEngine", engine))
            await asyncio.Event().wait()
        screen.connect(engine)
        ring = Ring(app.model.now_ns)
        feed = Feed(engine, app.model, screen, ring)
        screen.time.begin(engine, feed, ring)
        async with _recorded(app, engine, recorder):
            await feed.run()
            await asyncio.Event().wait()
    finally:
        conductor = screen.time.close()
        if conductor is not None:
            await conductor.close()


@contextlib.asynccontextmanager
async def _recorded(
    app: TuiApp, engine: Engine, writer: RecordingWriter | None
) -> AsyncIterator[None]:
    """Record *engine* meanwhile; tell when that has to end before."""
    if writer is None:
        yield
        return
    from tuicontainer.engine.recording import Recorder

    async def tell() -> None:
        await recorder.failed.wait()
        app.model.recording = ""
        if recorder.failure is not None:
            app.main.tell(recorder.failure)
        app.main.changed("info")

    async with Recorder(engine, writer, logs=False, hide_environment=True) as recorder:
        app.model.recording = writer.path
        if not writer.compressed:
            app.notify(
                "the recording isn't compressed: this Python has no Zstandard",
                severity="warning",
                markup=False,
            )
        telling = asyncio.get_running_loop().create_task(tell())
        try:
            yield
        finally:
            telling.cancel()

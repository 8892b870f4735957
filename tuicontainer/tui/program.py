"""From settings to a running application."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from tuicontainer.locations import invoking_ids
from tuicontainer.settings import user_file
from tuicontainer.tui.app import OpenEngine, TuiApp
from tuicontainer.tui.preferences import read_preferences
from tuicontainer.tui.themes import ANSI_THEME, DEFAULT_THEME, MONO_THEME

if TYPE_CHECKING:
    from tuicontainer.engine.api import Engine
    from tuicontainer.engine.recording_file import RecordingWriter
    from tuicontainer.settings import Settings

_FEW_COLORS = frozenset(("linux", "vt100", "vt220", "ansi", "xterm", "screen"))
"""Values of TERM that promise sixteen colours or fewer."""


def run(settings: Settings, *, record: str | None = None, replay: str | None = None) -> int:
    """Run the application until it is left; return the exit status.

    Args:
        settings: flags over environment over files.
        record: a new file that the session is recorded to.
        replay: a recording that is shown instead of this machine.

    Raises:
        TuiContainerError: the file can't be made, or isn't a recording.
    """

    def open_engine() -> AbstractAsyncContextManager[Engine]:
        if replay is not None:
            from tuicontainer.engine.replay import open_replay

            return open_replay(replay)
        # The engine's modules are imported after the first paint: they take as long as it.
        from tuicontainer.engine.open import open_engine

        return open_engine(
            settings.root,
            data_root=settings.data_root,
            bundles=settings.bundles or None,
            read_only=settings.read_only,
        )

    if replay is not None:
        from tuicontainer.engine.replay import check_recording

        # In words on the terminal, before the application takes it.
        check_recording(replay)
    with _recording(record) as recorder:
        return _run(settings, open_engine, recorder, replay=replay is not None)


@contextlib.contextmanager
def _recording(path: str | None) -> Iterator[RecordingWriter | None]:
    if path is None:
        yield None
        return
    from tuicontainer.engine.recording_file import RecordingWriter

    writer = RecordingWriter(path, owner=invoking_ids(os.environ))
    try:
        yield writer
    finally:
        # A full disk was told when it was met.
        with contextlib.suppress(OSError):
            writer.close()


def _run(
    settings: Settings, open_engine: OpenEngine, recorder: RecordingWriter | None, *, replay: bool
) -> int:
    app = TuiApp(
        open_engine,
        now_ns=time.time_ns,
        theme=fitting_theme(os.environ.get("TERM", ""), os.environ),
        read_only=settings.read_only,
        preferences=read_preferences(settings.tui, theme=settings.theme or "", keys=settings.keys),
        settings_file=user_file(os.environ),
        recorder=recorder,
        replay=replay,
    )
    status = app.run()
    return 0 if status is None else status


def fitting_theme(term: str, environment: os._Environ[str] | dict[str, str]) -> str:
    """Return our dark theme, the terminal's own colours where there are only sixteen, or none.

    Sources: https://no-color.org for NO_COLOR; COLORTERM is what terminals agreed on.
    """
    if environment.get("NO_COLOR"):
        return MONO_THEME
    if environment.get("COLORTERM") in ("truecolor", "24bit"):
        return DEFAULT_THEME
    return ANSI_THEME if term in _FEW_COLORS else DEFAULT_THEME

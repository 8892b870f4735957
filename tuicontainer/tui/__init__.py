"""The terminal UI: it asks the engine and draws what streams back.

The only room that imports textual, and only when `main` is called. What it shows is made by pure
code (quantities, gauges, history, documents, ansi, verbs) as lines of toned spans; widgets draw
lines; `model` holds what streams in, `painter` brings panes up to date, `conductor` carries out
verbs. Nothing here knows how containers work: that is the engine's.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.settings import Settings


def main(settings: Settings, *, record: str | None = None, replay: str | None = None) -> int:
    """Open the terminal user interface and return the exit status once it is left.

    Args:
        settings: flags over environment over files.
        record: a new file that the session is recorded to.
        replay: a recording that is shown instead of this machine.

    Raises:
        InvalidArgument: the settings name a theme or a key that doesn't exist, or the file isn't
            a recording.
        TuiContainerError: the recording can't be made or read.
    """
    import gc

    # Until the first paint almost everything that is made stays: looking through it again and
    # again for garbage takes a tenth of the time to that paint. The application turns it on.
    gc.disable()
    from tuicontainer.tui.program import run

    return run(settings, record=record, replay=replay)

"""Tells notices through the channels that the person has chosen: toast, bell, desktop."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tuicontainer.tui.notices import Notice, desktop_sequence

if TYPE_CHECKING:
    from textual.screen import Screen

    from tuicontainer.tui.model import Model

_QUIET = 2.0
"""Seconds between two bells: a storm of notices rings once."""


class Notifier:
    """Tells each notice once."""

    def __init__(self, screen: Screen[None], model: Model) -> None:
        self._screen = screen
        self._model = model
        self._rang = -_QUIET

    def tell(self, notice: Notice) -> None:
        """Use every channel that is on for this kind."""
        preferences = self._model.preferences
        channels = preferences.notify[notice.kind]
        app = self._screen.app
        if "toast" in channels:
            severity = "error" if notice.severe else "warning"
            app.notify(notice.text, title=notice.title, severity=severity, markup=False)  # type: ignore[arg-type]
        now = time.monotonic()
        if "bell" in channels and now - self._rang >= _QUIET:
            self._rang = now
            app.bell()
        driver = app._driver  # noqa: SLF001 - Textual writes its own sequences, such as OSC 52, the same way
        if "desktop" in channels and driver is not None:
            driver.write(
                desktop_sequence(notice.title, notice.text, preferences.desktop, os.environ)
            )

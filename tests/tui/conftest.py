"""Screens must be the same wherever they are drawn."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from textual.widgets import Input


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One time zone, no colours or animations of the developer's own terminal."""
    monkeypatch.setenv("TZ", "UTC")
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    # A cursor that blinks is there or not by chance, also in dialogs that open later.
    monkeypatch.setattr(Input.cursor_blink, "_default", False)
    yield
    monkeypatch.undo()
    time.tzset()

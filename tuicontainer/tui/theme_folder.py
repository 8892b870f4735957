"""Theme files: those shipped, and the person's own, which are read again when they change."""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument
from tuicontainer.tui.themes import ThemeFile, read_theme, theme_files


class ThemeFolder:
    """Finds themes by name; those of the person's folder win over shipped ones."""

    def __init__(self, own: str | None) -> None:
        """Look into *own* too, which needn't exist."""
        self._own = own
        self._shipped = theme_files()
        self._found: dict[str, str] = {}
        self._traces: dict[str, int] = {}
        self.changes()

    @property
    def names(self) -> list[str]:
        """All names, the shipped ones first."""
        return [*self._shipped, *(name for name in self._found if name not in self._shipped)]

    def read(self, name: str) -> ThemeFile | None:
        """Return a theme; None if there is no file of this name.

        Raises:
            InvalidArgument: its file can't be used.
        """
        path = self._found.get(name) or self._shipped.get(name)
        if path is None:
            return None
        try:
            return read_theme(path)
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise InvalidArgument(f"theme `{path}` can't be read: {reason}") from error

    def changes(self) -> set[str]:
        """Look at the person's folder; return the names of themes that came, went or changed."""
        found: dict[str, str] = {}
        traces: dict[str, int] = {}
        if self._own is not None:
            try:
                found = theme_files(self._own)
            except OSError:
                found = {}
        for name, path in list(found.items()):
            try:
                traces[name] = os.stat(path).st_mtime_ns
            except OSError:
                del found[name]
        changed = {
            name for name in traces.keys() | self._traces.keys()
            if traces.get(name) != self._traces.get(name)
        }  # fmt: skip
        self._found, self._traces = found, traces
        return changed

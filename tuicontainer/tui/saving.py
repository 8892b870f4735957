"""Writes changed preferences into the person's settings file."""

from __future__ import annotations

import tomllib

from tuicontainer.errors import FailedPrecondition, InvalidArgument, PermissionDenied
from tuicontainer.tui.own_files import replace_file
from tuicontainer.tui.preferences import Preferences, changed_settings
from tuicontainer.tui.toml_edit import set_value


def save_changes(path: str | None, now: Preferences, before: Preferences) -> str:
    """Write what differs, leaving everything else in the file as it is; return its path.

    Raises:
        FailedPrecondition: there is no file, the person having no home.
        InvalidArgument: the file isn't TOML any more.
        Unsupported: its shape doesn't allow a single value to be changed.
        PermissionDenied: it can't be read or written.
    """
    if path is None:
        raise FailedPrecondition(
            "there is no place for settings", hint="set HOME or XDG_CONFIG_HOME"
        )
    text = _read(path)
    try:
        for place, value in changed_settings(now, before).items():
            text = set_value(text, place, value)
    except tomllib.TOMLDecodeError as error:
        raise InvalidArgument(f"settings `{path}` aren't TOML: {error}") from error
    replace_file(path, text)
    return path


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise PermissionDenied(f"settings `{path}` can't be read: {error}") from error

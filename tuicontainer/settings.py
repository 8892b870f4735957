"""What a person may set once instead of saying each time: two TOML files and the environment.

    /etc/tuicontainer/config.toml                       the machine's
    $XDG_CONFIG_HOME/tuicontainer/config.toml           the invoking user's; wins key by key

A flag wins over the environment, the environment over the files, the files over the default.
Under sudo the invoking user's file is that of `SUDO_USER`, since sudo takes HOME and
XDG_CONFIG_HOME away. The TOML parser is imported only when a file exists, because every quick
verb passes here.
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument, PermissionDenied
from tuicontainer.locations import shipped_dir
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.locations import Locations

MACHINE_FILE = "/etc/tuicontainer/config.toml"


class Settings(Record):
    """Every setting; None and empty mean that nothing was said and the default holds."""

    bundles: tuple[str, ...] = ()
    """Bundle roots, absolute."""
    theme: str | None = None
    read_only: bool = False
    root: str | None = None
    """State root."""
    data_root: str | None = None
    keys: Mapping[str, str] = {}
    """Keys of the terminal user interface by their ids, such as `container.kill`."""
    tui: Mapping[str, Any] = {}
    """What else that interface may be told (`tui.preferences` checks it)."""


_EXPECTED = {
    "bundles": "a list of paths",
    "theme": "a string",
    "read_only": "true or false",
    "root": "a path",
    "data_root": "a path",
    "keys": "a table of key ids and keys",
    "tui": "a table",
}


def load_settings(
    *, environment: Mapping[str, str] | None = None, machine_file: str = MACHINE_FILE
) -> Settings:
    """Read both files, if they exist, and lay the environment over them.

    The variables are `TUICONTAINER_BUNDLES` (paths separated by colons), `TUICONTAINER_THEME`,
    `TUICONTAINER_READ_ONLY` (1 or 0), `TUICONTAINER_ROOT` and `TUICONTAINER_DATA_ROOT`.

    Raises:
        InvalidArgument: a file isn't TOML, or holds an unknown key or a value of the wrong type;
            names file, line, key and the nearest valid key.
        PermissionDenied: a file exists but can't be read.
    """
    env = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for path in (machine_file, user_file(env)):
        if path is not None:
            found = _read_file(path)
            if "tui" in found and "tui" in values:
                found["tui"] = _merged(values["tui"], found["tui"])
            values |= found
    return Settings(**(values | _read_environment(env)))


def bundle_roots(settings: Settings, locations: Locations) -> tuple[str, ...]:
    """Return where bundles are looked for: the settings', else the shipped and the person's own."""
    own = os.path.join(locations.data_root, "bundles")
    return settings.bundles or (shipped_dir("bundles"), own)


def user_file(env: Mapping[str, str]) -> str | None:
    """Return where the invoking user's file would be; None if that user has no home."""
    if env.get("XDG_CONFIG_HOME"):
        folder = env["XDG_CONFIG_HOME"]
    elif env.get("SUDO_USER") and os.geteuid() == 0:
        home = _home_of(env["SUDO_USER"])
        if home is None:
            return None
        folder = os.path.join(home, ".config")
    elif env.get("HOME"):
        folder = os.path.join(env["HOME"], ".config")
    else:
        return None
    return os.path.join(folder, "tuicontainer", "config.toml")


def _home_of(user: str) -> str | None:
    import pwd

    try:
        return pwd.getpwnam(user).pw_dir
    except KeyError:
        return None


def _read_file(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise PermissionDenied(
            f"reading settings `{path}`: {(error.strerror or '').lower()}", errno=error.errno
        ) from error
    import tomllib

    try:
        text = content.decode()
        document = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidArgument(f"settings `{path}` aren't TOML: {error}") from error
    return {key: _checked(path, text, key, value) for key, value in document.items()}


def _checked(path: str, text: str, key: str, value: object) -> Any:
    """Return *value* as the type that *key* has in `Settings`; relative paths become absolute."""
    where = f"`{path}` line {_line_of(text, key)}"
    if key not in _EXPECTED:
        import difflib

        nearest = difflib.get_close_matches(key, _EXPECTED, n=1, cutoff=0.0)[0]
        raise InvalidArgument(
            f"{where}: unknown key `{key}`",
            hint=f"did you mean `{nearest}`? keys are {', '.join(_EXPECTED)}",
        )
    folder = os.path.dirname(path)
    if key == "bundles" and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(_absolute(entry, folder) for entry in value)
    if key in ("root", "data_root") and isinstance(value, str) and value:
        return _absolute(value, folder)
    if (key == "theme" and isinstance(value, str)) or (
        key == "read_only" and isinstance(value, bool)
    ):
        return value
    if key == "tui" and isinstance(value, dict):
        return value
    if (
        key == "keys"
        and isinstance(value, dict)
        and all(isinstance(v, str) for v in value.values())
    ):
        return value
    raise InvalidArgument(f"{where}: `{key}` must be {_EXPECTED[key]}, not `{value!r}`")


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one table over another, key by key, also in tables inside."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _absolute(path: str, folder: str) -> str:
    """Resolve a path of a settings file: `~` and relative ones from the file's own folder."""
    return os.path.normpath(os.path.join(folder, os.path.expanduser(path)))


def _line_of(text: str, key: str) -> int:
    """Return the number of the line that names *key*, which the TOML parser doesn't tell."""
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip().lstrip("[").lstrip().replace('"', "").replace("'", "")
        if word.startswith(key) and not word[len(key) :].lstrip()[:1].isalnum():
            return number
    return 1


def _read_environment(env: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if env.get("TUICONTAINER_BUNDLES"):
        entries = env["TUICONTAINER_BUNDLES"].split(":")
        values["bundles"] = tuple(os.path.abspath(entry) for entry in entries if entry)
    if env.get("TUICONTAINER_READ_ONLY"):
        word = env["TUICONTAINER_READ_ONLY"]
        if word not in ("0", "1"):
            raise InvalidArgument(f"`TUICONTAINER_READ_ONLY` must be 0 or 1, not `{word}`")
        values["read_only"] = word == "1"
    for key in ("theme", "root", "data_root"):
        variable = f"TUICONTAINER_{key.upper()}"
        if env.get(variable):
            values[key] = env[variable]
    return values

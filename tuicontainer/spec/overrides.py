"""Merges what a person chose for one container into the bundle's config.json.

The result is a document again, because the container's record keeps it as JSON; `decode_config`
checks it like any other.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.decode_process import environment_name
from tuicontainer.spec.fields import ID, refuse, show
from tuicontainer.spec.limits import Limits, merge_limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_UNCHANGED = Limits()
_NOTHING: Mapping[str, str] = {}


def parse_user(text: str) -> tuple[int, int | None]:
    """Return the ids in `uid[:gid]`, with None for a group that isn't given.

    Only plain decimal numbers count: a lenient parser made root of `1` (CVE-2026-30892).

    Raises:
        InvalidArgument: anything else, and ids above 2147483647 (CVE-2024-40635).
    """
    uid, colon, gid = text.partition(":")
    return _parse_id(uid, text), _parse_id(gid, text) if colon else None


def apply_overrides(
    document: Mapping[str, Any],
    *,
    args: Sequence[str] = (),
    env: Sequence[str] = (),
    cwd: str | None = None,
    user: str | None = None,
    terminal: bool | None = None,
    console_size: tuple[int, int] | None = None,
    annotations: Mapping[str, str] = _NOTHING,
    limits: Limits = _UNCHANGED,
) -> dict[str, Any]:
    """Return a copy of *document* with what is given; None and empty leave the bundle's own.

    Args:
        document: a parsed config.json; it isn't changed.
        args: the program with its arguments.
        env: `NAME=value` entries; each replaces the bundle's of the same name.
        cwd: absolute path in the container.
        user: `uid[:gid]`. Without a group the bundle's stays; additional groups go, for they
            were the other user's.
        terminal: whether the program has a terminal.
        console_size: height and width in characters, used if there is a terminal.
        annotations: those that are given replace the bundle's.
        limits: those that are given replace the bundle's.

    Raises:
        InvalidArgument: a value breaks a rule, or the document has no place for it.
    """
    merged = dict(document)
    process: dict[str, Any] = {}
    if args:
        process["args"] = list(args)
    if env:
        process["env"] = _merged_env(_object(document, "process"), env)
    if cwd is not None:
        process["cwd"] = cwd
    if user is not None:
        process["user"] = _merged_user(_object(document, "process"), user)
    if terminal is not None:
        process["terminal"] = terminal
    if console_size is not None:
        process["consoleSize"] = {"height": console_size[0], "width": console_size[1]}
    if process:
        merged["process"] = {"cwd": "/", **_object(document, "process"), **process}

    if annotations:
        merged["annotations"] = {**_object(document, "annotations"), **annotations}

    resources = _object(_object(document, "linux"), "resources", "linux.resources")
    changed = merge_limits(resources, limits)
    if changed:
        merged["linux"] = {**_object(document, "linux"), "resources": {**resources, **changed}}
    return merged


def _parse_id(text: str, whole: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= 10
    if not is_number or int(text) > ID[1]:
        raise InvalidArgument(
            f"user {show(whole)} must be `uid` or `uid:gid`, numbers up to {ID[1]}"
        )
    return int(text)


def _object(parent: Mapping[str, Any], name: str, path: str = "") -> dict[str, Any]:
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refuse(path or name, value, "must be an object")
    return value


def _merged_env(process: Mapping[str, Any], entries: Sequence[str]) -> list[Any]:
    own = process.get("env") or []
    if not isinstance(own, list):
        raise refuse("process.env", own, "must be a list")
    names = {environment_name("environment entry", entry) for entry in entries}
    return [each for each in own if str(each).partition("=")[0] not in names] + list(entries)


def _merged_user(process: Mapping[str, Any], user: str) -> dict[str, Any]:
    own = _object(process, "user", "process.user")
    uid, gid = parse_user(user)
    merged = {**own, "uid": uid, "gid": own.get("gid", 0) if gid is None else gid}
    merged.pop("additionalGids", None)
    return merged

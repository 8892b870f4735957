"""Version numbers as `ociVersion` writes them.

Source: Semantic Versioning 2.0.0, §2, §9 and §10.
"""

from __future__ import annotations

_LETTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")


def parse_version(text: str) -> tuple[int, int, int] | None:
    """Return major, minor and patch of *text*, or None if it isn't a semantic version."""
    rest, plus, build = text.partition("+")
    core, dash, pre_release = rest.partition("-")
    numbers = core.split(".")
    if len(numbers) != 3 or not all(map(_is_number, numbers)):
        return None
    if plus and not all(map(_is_identifier, build.split("."))):
        return None
    if dash:
        for part in pre_release.split("."):
            if not _is_identifier(part) or (part.isdigit() and not _is_number(part)):
                return None
    major, minor, patch = map(int, numbers)
    return major, minor, patch


def _is_number(text: str) -> bool:
    is_plain = text.isascii() and text.isdigit() and len(text) < 10
    return is_plain and (text == "0" or text[0] != "0")


def _is_identifier(text: str) -> bool:
    return bool(text) and _LETTERS.issuperset(text)

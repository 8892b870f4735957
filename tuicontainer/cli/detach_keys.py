r"""The keys that leave a container's terminal while the container goes on.

Written as in docker-attach(1): a character, or `ctrl-` and one of `a` to `z`, `@`, `[`, `\`, `]`,
`^` and `_`; several are separated by commas.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument

DEFAULT = "ctrl-p,ctrl-q"
_CONTROL = "@abcdefghijklmnopqrstuvwxyz[\\]^_"


class Detached(Exception):
    """The keys were typed."""


def parse_detach_keys(words: str) -> bytes:
    """Return what a terminal sends for the keys; empty for none, which disables leaving.

    Raises:
        InvalidArgument: no such key.
    """
    keys = b""
    for word in words.split(",") if words else ():
        name = word.removeprefix("ctrl-").lower()
        if word.startswith("ctrl-") and len(name) == 1 and name in _CONTROL:
            keys += bytes((_CONTROL.index(name),))
        elif len(word) == 1 and word.isascii() and word.isprintable():
            keys += word.encode()
        else:
            raise InvalidArgument(
                f"`{word}` isn't a key", hint=f"such as `a` or `ctrl-p`; the default is {DEFAULT}"
            )
    return keys


class DetachKeys:
    """Watches what is typed. The first keys of the sequence are held back until it is clear."""

    def __init__(self, keys: bytes) -> None:
        self._keys = keys
        self._held = b""

    def take(self, typed: bytes) -> bytes:
        """Return what of it the container gets now.

        Raises:
            Detached: the sequence is complete.
        """
        passed = b""
        for number in typed:
            self._held += bytes((number,))
            if self._held == self._keys:
                raise Detached
            # A key that breaks the sequence off may itself begin it again.
            while self._held and not self._keys.startswith(self._held):
                passed, self._held = passed + self._held[:1], self._held[1:]
        return passed

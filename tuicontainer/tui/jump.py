"""Letters for jump mode: as few as there can be, none the beginning of another. Pure."""

from __future__ import annotations

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""The ones that lie under the fingers first."""


def labels(count: int) -> list[str]:
    """Return *count* different labels of one letter, or of two where one isn't enough.

    With n letters for beginnings of pairs, there are 26 - n single ones and 26 n pairs.
    """
    total = len(LETTERS)
    beginnings = 0
    while total - beginnings + beginnings * total < count and beginnings < total:
        beginnings += 1
    single = list(LETTERS[: total - beginnings])
    pairs = [first + second for first in LETTERS[total - beginnings :] for second in LETTERS]
    return (single + pairs)[:count]

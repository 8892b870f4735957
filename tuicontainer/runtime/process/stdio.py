"""The three descriptors that a container's program gets as 0, 1 and 2."""

from __future__ import annotations

from tuicontainer.record import Record


class Stdio(Record):
    """Descriptors of the caller; they stay open there and may be equal to each other."""

    stdin: int
    stdout: int
    stderr: int


INHERITED = Stdio(stdin=0, stdout=1, stderr=2)
"""The caller's own standard streams."""

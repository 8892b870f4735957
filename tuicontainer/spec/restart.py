"""Restart policies: when a container that has ended is started again, and after which pause.

Source: docker-run(1), `--restart`: no, on-failure[:n], always, unless-stopped; Docker's back-off
begins at 100 ms, doubles up to a minute, and begins anew after a run of ten seconds.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    RestartKind = Literal["no", "on-failure", "always", "unless-stopped"]

ANNOTATION = "io.tuicontainer.restart"
GOOD_RUN_SECONDS = 10.0
"""A run of this length makes the next pause the shortest again."""
_KINDS: tuple[RestartKind, ...] = ("no", "on-failure", "always", "unless-stopped")
_SHORTEST_SECONDS = 0.1
_LONGEST_SECONDS = 60.0
_MOST = 1_000_000


class RestartPolicy(Record):
    """When to start a container again."""

    kind: RestartKind = "no"
    most: int | None = None
    """How often in a row, for `on-failure`; None for any number."""

    def __str__(self) -> str:
        return self.kind if self.most is None else f"{self.kind}:{self.most}"

    def applies(self, *, status: int | None, wanted: bool, restarts: int) -> bool:
        """Return whether to start again after an end.

        Args:
            status: the exit status; None for one that nobody saw, which counts as a failure.
            wanted: nobody has stopped it.
            restarts: how often it was started again in a row.
        """
        if not wanted or self.kind == "no":
            return False
        if self.kind == "on-failure":
            return status != 0 and (self.most is None or restarts < self.most)
        return True

    def applies_at_boot(self, *, status: int | None, wanted: bool) -> bool:
        """Return whether to start it when the host has booted.

        What `always` shall run is started even if somebody had stopped it, as Docker does.
        """
        if self.kind == "on-failure":
            return wanted and status != 0
        return self.kind == "always" or (self.kind == "unless-stopped" and wanted)


def parse_restart_policy(text: str) -> RestartPolicy:
    """Return the policy that is written so.

    Raises:
        InvalidArgument: it is none.
    """
    word, colon, number = text.partition(":")
    for kind in _KINDS:
        if word != kind:
            continue
        if not colon:
            return RestartPolicy(kind=kind)
        is_number = number.isascii() and number.isdigit() and 0 < int(number) <= _MOST
        if kind == "on-failure" and is_number:
            return RestartPolicy(kind=kind, most=int(number))
    raise InvalidArgument(
        f"`{text}` isn't a restart policy",
        hint="`no`, `on-failure`, `on-failure:3`, `always` or `unless-stopped`",
    )


def pause_before(restart: int) -> float:
    """Return the seconds to wait before the *restart*-th restart in a row, from 0."""
    return float(min(_LONGEST_SECONDS, _SHORTEST_SECONDS * 2 ** min(restart, 16)))

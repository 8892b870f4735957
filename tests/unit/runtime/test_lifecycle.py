"""Every operation in every status: the table is the specification's, with two known additions."""

from __future__ import annotations

import pytest

from tuicontainer.errors import FailedPrecondition
from tuicontainer.runtime.lifecycle import ALLOWED, STATUSES, check_allowed

TABLE = """
           creating  created  running  paused  stopped
start      -         yes      -        -       -
kill       -         yes      yes      yes     -
delete     -         yes      -        -       yes
pause      -         yes      yes      -       -
resume     -         -        -        yes     -
exec       -         yes      yes      -       -
ps         -         yes      yes      yes     -
update     -         yes      yes      yes     -
events     -         yes      yes      yes     -
checkpoint -         -        yes      yes     -
"""


def pairs() -> list[tuple[str, str, bool]]:
    heading, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return [
        (row[0], status, word == "yes")
        for row in rows
        for status, word in zip(heading, row[1:], strict=True)
    ]


def test_the_table_has_every_pair() -> None:
    assert {(operation, status) for operation, status, _ in pairs()} == {
        (operation, status) for operation in ALLOWED for status in STATUSES
    }


@pytest.mark.parametrize(("operation", "status", "allowed"), pairs())
def test_pair(operation: str, status: str, *, allowed: bool) -> None:
    if allowed:
        check_allowed(operation, status, "c1")  # type: ignore[arg-type]
        return
    with pytest.raises(FailedPrecondition) as caught:
        check_allowed(operation, status, "c1")  # type: ignore[arg-type]
    assert caught.value.message


@pytest.mark.parametrize(
    ("operation", "status", "text"),
    [
        ("kill", "stopped", "container not running"),
        ("start", "running", "cannot start an already running container"),
        ("start", "stopped", "cannot start a container that has stopped"),
        ("exec", "stopped", "cannot exec in a stopped container"),
        ("resume", "running", "container not paused"),
        ("update", "stopped", "container not running"),
        ("events", "stopped", "container with id c1 is not running"),
        ("delete", "running", "cannot delete container c1 that is not stopped: running"),
    ],
)
def test_texts_that_other_programs_match(operation: str, status: str, text: str) -> None:
    with pytest.raises(FailedPrecondition) as caught:
        check_allowed(operation, status, "c1")  # type: ignore[arg-type]
    assert caught.value.message == text

"""What people read before something happens to several containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.jump import labels
from tuicontainer.tui.preview import outcome, preview_lines, preview_title
from tuicontainer.tui.spans import plain
from tuicontainer.tui.verbs import VERBS, possible

if TYPE_CHECKING:
    from tuicontainer.supervise.views import Status

STATES: tuple[Status, ...] = ("creating", "created", "running", "paused", "stopped")


def view(status: Status, name: str = "one", **changes: object) -> ContainerView:
    values = {"id": name, "status": status, "pid": 0, "bundle": "/b", "created_ns": 1}
    return ContainerView(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("verb", "status", "text"), [
    ("start", "created", "never started → running"),
    ("start", "stopped", "stopped → running, instance 2"),
    ("stop", "running", "running → stopped by TERM, after 10 s KILL"),
    ("restart", "running", "running → running, instance 2; before that TERM, after 10 s KILL"),
    ("pause", "running", "running → paused"),
    ("pause", "paused", "paused: skipped, it is paused already"),
    ("resume", "running", "running: skipped, it isn't paused"),
    ("resume", "stopped", "stopped: skipped, only running containers can be paused"),
    ("delete", "stopped", "stopped → gone"),
    ("delete", "running", "running: skipped, stop it with t or kill it with K first"),
])  # fmt: skip
def test_outcomes(verb: str, status: Status, text: str) -> None:
    assert outcome(verb, view(status))[0] == text


def test_the_containers_own_way_to_stop_is_told() -> None:
    own = {"io.tuicontainer.stop-signal": "SIGINT", "io.tuicontainer.stop-timeout": "3"}
    assert outcome("stop", view("running", annotations=own))[0].endswith("INT, after 3 s KILL")


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "delete"])
@pytest.mark.parametrize("status", STATES)
def test_what_is_skipped_is_what_the_verb_cant_do(verb: str, status: Status) -> None:
    skipped = outcome(verb, view(status))[1] == "dim"
    assert skipped is (possible(verb, [view(status)]) == [])
    assert verb in VERBS


def test_many_are_counted_and_those_that_change_come_first() -> None:
    views = [view("running", f"r{n}") for n in range(8)] + [view("stopped", f"s{n}") for n in "ab"]
    views += [view("running", "last")] * 3
    lines = [plain(line) for line in preview_lines("delete", views)]
    assert preview_title("delete", views) == "Delete 13 containers?"
    assert [line.split()[0] for line in lines[:3]] == ["sa", "sb", "r0"]
    assert " and 3 more, 3 of them skipped" in lines
    assert "records and logs are lost" in lines[-1]


@pytest.mark.parametrize("count", [0, 1, 26, 27, 100, 676])
def test_no_jump_label_is_the_beginning_of_another(count: int) -> None:
    found = labels(count)
    assert len(set(found)) == count
    assert not any(a != b and b.startswith(a) for a in found for b in found)
    assert all(len(label) == 1 for label in found) is (count <= 26)

"""The journal: cursors, commits, rotation, many writers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tuicontainer.locations import Locations
from tuicontainer.supervise.journal import (
    Journal,
    JournalFollower,
    append_event,
    committed_path,
    read_events,
)


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(state_root=str(tmp_path / "state"), data_root=str(tmp_path / "data"))


def types(locations: Locations, since: int | None = None) -> list[str]:
    return [event.type for event in read_events(locations, since)]


def test_events_come_back(locations: Locations) -> None:
    append_event(locations, "exited", "web", instance=3, details={"status": 7})
    (event,) = read_events(locations)
    assert (event.type, event.id, event.instance, event.details) == (
        "exited",
        "web",
        3,
        {"status": 7},
    )
    assert event.time_ns > 10**18


def test_an_absent_journal_is_empty(locations: Locations) -> None:
    assert types(locations) == []
    assert JournalFollower(locations).read_new() == []


def test_reading_goes_on_after_a_cursor(locations: Locations) -> None:
    for name in "abc":
        append_event(locations, name, "web")
    events = list(read_events(locations))
    assert [types(locations, event.cursor) for event in events] == [["b", "c"], ["c"], []]
    assert types(locations, 0) == ["a", "b", "c"]


def test_nothing_is_seen_before_its_commit(locations: Locations) -> None:
    journal = Journal(locations)
    follower = JournalFollower(locations)
    journal.append("created", "web")
    assert journal.uncommitted
    assert types(locations) == []
    assert follower.read_new() == []
    journal.commit()
    assert not journal.uncommitted
    assert [event.type for event in follower.read_new()] == ["created"]
    assert follower.read_new() == []


def test_one_commit_serves_all_who_wrote_before(locations: Locations) -> None:
    one, other = Journal(locations), Journal(locations)
    one.append("a", "web")
    other.append("b", "web")
    other.commit()
    assert types(locations) == ["a", "b"]
    one.commit()
    append_event(locations, "c", "web")
    assert types(locations) == ["a", "b", "c"]


def test_after_a_boot_all_that_is_left_is_seen(locations: Locations) -> None:
    journal = Journal(locations)
    journal.append("a", "web")
    os.unlink(committed_path(locations))
    assert types(locations) == ["a"]
    assert JournalFollower(locations, 0).read_new()[0].type == "a"
    after = Journal(locations)
    after.append("b", "web")
    assert types(locations) == ["a"]


def test_a_torn_line_spoils_nothing(locations: Locations) -> None:
    append_event(locations, "a", "web")
    with open(locations.journal, "ab") as file:
        file.write(b'{"time_ns":1,"ty')
    append_event(locations, "b", "web")
    assert types(locations) == ["a", "b"]


def test_rotation_keeps_cursors(locations: Locations) -> None:
    journal = Journal(locations, size_limit=1000)
    follower = JournalFollower(locations)
    seen = []
    for number in range(100):
        journal.append(str(number), "web")
        journal.commit()
        if number % 4 == 0:
            seen += follower.read_new()
    seen += follower.read_new()
    assert [event.type for event in seen] == [str(number) for number in range(100)]
    cursors = [event.cursor for event in seen]
    assert cursors == sorted(set(cursors))
    kept = list(read_events(locations))
    assert kept == seen[-len(kept) :]
    assert 5 < len(kept) < 40
    assert sorted(os.listdir(os.path.dirname(locations.journal))) == ["journal", "journal.1"]
    assert types(locations, seen[-3].cursor) == ["98", "99"]
    assert types(locations, 1) == [event.type for event in kept], "what is gone is skipped"


def test_many_writers_at_once(locations: Locations) -> None:
    children = []
    for writer in range(4):
        child = os.fork()
        if child == 0:
            try:
                journal = Journal(locations, size_limit=4000)
                for number in range(40):
                    journal.append(f"{writer}-{number}", "web")
                    journal.commit()
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    events = list(read_events(locations))
    assert len(events) > 20
    for writer in range(4):
        mine = [int(event.type.split("-")[1]) for event in events if event.type[0] == str(writer)]
        assert mine == sorted(mine)
    last = {event.type for event in events}
    assert any(f"{writer}-39" in last for writer in range(4))

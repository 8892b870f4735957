"""A log that can't be written: what is lost is counted, said in the log, and told as an event."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuicontainer.locations import Locations
from tuicontainer.supervise.log_format import format_chunk
from tuicontainer.supervise.log_writer import RETRY_SECONDS, LogWriter
from tuicontainer.supervise.logs import read_log

ID = "box-1"
NOTICE = "tuicontainer: {} bytes of output were lost, the log could not be written"

REASON = "Invalid argument"
"""A device can't be cut back to where the line began, and that is the last error."""


class Place:
    """A log whose disk is full or isn't, and a clock that goes when it is told."""

    def __init__(self, folder: Path) -> None:
        self.locations = Locations(state_root=str(folder / "state"), data_root=str(folder / "data"))
        self.folder = Path(self.locations.container_data_dir(ID))
        self.folder.mkdir(parents=True)
        (self.folder / "record.json").write_text("{}")
        self.now = 100.0
        self.events: list[tuple[str, dict[str, object]]] = []
        self.writer = LogWriter(str(self.folder), 1, note=self._note)

    def _note(self, event: str, **details: object) -> None:
        self.events.append((event, details))

    def fill(self) -> None:
        """Let every write fail from now on, as the kernel's own full device does."""
        self.writer.close()
        (self.folder / "log").replace(self.folder / "kept")
        (self.folder / "log").symlink_to("/dev/full")

    def make_room(self) -> None:
        """Let writes succeed again, after the pause in which nobody tries."""
        self.writer.close()
        (self.folder / "log").unlink()
        (self.folder / "kept").replace(self.folder / "log")
        self.now += 2 * RETRY_SECONDS

    def lines(self) -> list[tuple[str, bool]]:
        """Return text and partiality of the lines."""
        self.writer.close()
        return [(line.text, line.partial) for line in read_log(self.locations, ID)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    found = Place(tmp_path)
    found.writer.write("stdout", b"before\n")
    monkeypatch.setattr("tuicontainer.supervise.log_writer.time.monotonic", lambda: found.now)
    return found


def test_a_full_disk_loses_and_counts(place: Place) -> None:
    place.fill()
    place.writer.write("stdout", b"x" * 100)
    place.writer.write("stderr", b"y" * 50)
    place.make_room()
    place.writer.write("stdout", b"back\n")
    assert place.lines() == [("before", False), (NOTICE.format(150), False), ("back", False)]
    assert place.events == [
        ("log-failing", {"reason": REASON}),
        ("log-lost", {"bytes": 150}),
    ]


def test_a_refusing_disk_isnt_asked_all_the_time(place: Place) -> None:
    place.fill()
    place.writer.write("stdout", b"x" * 100)
    place.make_room()
    place.now -= 1.5 * RETRY_SECONDS
    place.writer.write("stdout", b"too early\n")
    assert place.lines() == [("before", False)]
    place.now += RETRY_SECONDS
    place.writer.write("stdout", b"back\n")
    assert place.lines()[1:] == [(NOTICE.format(110), False), ("back", False)]


def test_a_line_that_was_open_isnt_continued_by_another(place: Place) -> None:
    place.writer.write("stdout", b"begun ")
    place.fill()
    place.writer.write("stdout", b"and ended\nand another\n")
    place.make_room()
    place.writer.write("stdout", b"back\n")
    assert place.lines()[1:] == [
        ("begun ", True),
        ("", False),
        (NOTICE.format(22), False),
        ("back", False),
    ]


def test_the_last_output_is_lost_and_counted(place: Place) -> None:
    place.writer.write("stdout", b"begun ")
    place.fill()
    place.writer.write("stdout", b"x" * 10)
    place.make_room()
    place.writer.finish()
    assert place.lines()[1:] == [("begun ", True), ("", False), (NOTICE.format(10), False)]
    assert place.events[-1] == ("log-lost", {"bytes": 10})


def test_the_disk_is_full_to_the_end(place: Place) -> None:
    place.fill()
    place.writer.write("stdout", b"x" * 10)
    place.writer.finish()
    assert [event for event, _ in place.events] == ["log-failing", "log-lost"]
    place.make_room()
    assert place.lines() == [("before", False)]


def test_an_open_line_is_all_that_a_full_disk_costs(place: Place) -> None:
    place.writer.write("stdout", b"begun")
    place.fill()
    place.writer.finish()
    assert place.events == []


def test_what_fits_only_in_part_leaves_no_torn_line(tmp_path: Path) -> None:
    whole = format_chunk("stdout", b"whole\n", 10**18, 1)
    place = Place(tmp_path)
    (place.folder / "log").write_bytes(whole)
    place.fill()
    place.writer.write("stdout", b"lost\n")
    place.make_room()
    assert (place.folder / "log").read_bytes() == whole

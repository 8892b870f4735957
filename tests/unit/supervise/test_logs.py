"""The log: its lines, its rotation, and every way to read it."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import NotFound
from tuicontainer.locations import Locations
from tuicontainer.supervise.log_format import (
    ends_line,
    format_chunk,
    format_time,
    parse_line,
    parse_time,
)
from tuicontainer.supervise.log_writer import LogWriter
from tuicontainer.supervise.logs import LogFollower, read_log, read_written

if TYPE_CHECKING:
    from tuicontainer.supervise.views import Stream

ID = "box-1"
STREAMS = st.sampled_from(["stdout", "stderr"])
# From the epoch to the year 9999.
TIMES = st.integers(0, 253402300799 * 10**9)


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    found = Locations(state_root=str(tmp_path / "state"), data_root=str(tmp_path / "data"))
    folder = Path(found.container_data_dir(ID))
    folder.mkdir(parents=True)
    (folder / "record.json").write_text("{}")
    return found


def folder_of(locations: Locations) -> Path:
    return Path(locations.container_data_dir(ID))


def unheard(event: str, **details: object) -> None:
    raise AssertionError(f"nothing goes wrong here: {event} {details}")


def texts(locations: Locations, **options: int) -> list[str]:
    return [line.text for line in read_log(locations, ID, **options)]


@given(TIMES)
def test_times_come_back_and_sort_as_text(time_ns: int) -> None:
    text = format_time(time_ns)
    assert parse_time(text) == time_ns
    assert text < format_time(time_ns + 1) or len(format_time(time_ns + 1)) > len(text)


def test_a_time_as_others_write_it() -> None:
    assert format_time(1_700_000_000_123_456_789) == b"2023-11-14T22:13:20.123456789Z"
    assert parse_time(b"2024-02-29T00:00:00.000000000Z") == 1_709_164_800_000_000_000
    assert parse_time(b"2023-11-14T22:13:20.123456789+") is None
    assert parse_time(b"2023-11-14") is None


@given(STREAMS, st.binary(min_size=1, max_size=300), TIMES, st.integers(1, 99))
def test_bytes_come_back(stream: Stream, data: bytes, time_ns: int, instance: int) -> None:
    text = format_chunk(stream, data, time_ns, instance)
    assert text.endswith(b"\n")
    lines = [parse_line(line) for line in text.split(b"\n")[:-1]]
    assert b"".join(line.written() for line in lines if line is not None) == data
    assert None not in lines
    assert {(line.stream, line.time_ns, line.instance) for line in lines if line} == {
        (stream, time_ns, instance)
    }
    assert [ends_line(line) for line in text.split(b"\n")[:-1]] == [
        line is not None and not line.partial for line in lines
    ]


@pytest.mark.parametrize(
    ("data", "instance", "expected"),
    [
        (b"whole\n", 1, [b"F whole"]),
        (b"part", 1, [b"P part"]),
        (b"a\nb\nc", 1, [b"F a", b"F b", b"P c"]),
        (b"\n", 1, [b"F "]),
        (b"again\n", 2, [b"F:2 again"]),
        (b"cr\r\n", 1, [b"F cr\r"]),
    ],
)
def test_lines_as_the_container_runtime_interface_has_them(
    data: bytes, instance: int, expected: list[bytes]
) -> None:
    head = b"2023-11-14T22:13:20.000000000Z stdout "
    text = format_chunk("stdout", data, 1_700_000_000 * 10**9, instance)
    assert text.splitlines(keepends=False) == [head + line for line in expected] or (
        text == b"".join(head + line + b"\n" for line in expected)
    )


@pytest.mark.parametrize(
    "line",
    [b"", b"garbage", b"2023-11-14T22:13:20.000000000Z stdin F x",
     b"2023-11-14T22:13:20.000000000Z stdout X x", b"2023-11-14T22:13:20.000000000Z stdout F:x x",
     b"yesterday stdout F x", b"2023-11-14T22:13:20.000000000Z stdout F"],
)  # fmt: skip
def test_damaged_lines_are_left_out(line: bytes) -> None:
    assert parse_line(line) is None


def test_bytes_that_are_not_text_are_replaced(locations: Locations) -> None:
    writer = LogWriter(str(folder_of(locations)), 1, note=unheard)
    writer.write("stdout", b"\xff\xfe\n")
    writer.close()
    assert texts(locations) == ["\N{REPLACEMENT CHARACTER}" * 2]


def test_rotation_loses_only_the_oldest_whole_file(locations: Locations) -> None:
    writer = LogWriter(str(folder_of(locations)), 1, note=unheard, size_limit=1000, files=3)
    for number in range(200):
        writer.write("stdout", b"line %d\n" % number)
    writer.close()
    sizes = {path.name: path.stat().st_size for path in folder_of(locations).glob("log*")}
    assert set(sizes) == {"log", "log.1", "log.2"}
    assert all(size <= 1000 for size in sizes.values())
    left = texts(locations)
    first = int(left[0].split()[1])
    assert left == [f"line {number}" for number in range(first, 200)]
    assert 30 < len(left) < 70


def test_one_file_only(locations: Locations) -> None:
    writer = LogWriter(str(folder_of(locations)), 1, note=unheard, size_limit=200, files=1)
    for number in range(20):
        writer.write("stdout", b"line %d\n" % number)
    writer.close()
    assert [path.name for path in folder_of(locations).glob("log*")] == ["log"]
    assert texts(locations)[-1] == "line 19"


def test_an_unfinished_line_is_ended(locations: Locations) -> None:
    writer = LogWriter(str(folder_of(locations)), 1, note=unheard)
    writer.write("stdout", b"no ")
    writer.write("stdout", b"newline")
    writer.write("stderr", b"whole\n")
    writer.finish()
    writer.close()
    lines = list(read_log(locations, ID))
    assert [(line.text, line.partial) for line in lines] == [
        ("no ", True), ("newline", True), ("whole", False), ("", False),
    ]  # fmt: skip


def test_a_torn_line_spoils_nothing(locations: Locations) -> None:
    path = folder_of(locations) / "log"
    path.write_bytes(format_chunk("stdout", b"good\n", 10**18, 1) + b"2023-11-14T22:13")
    writer = LogWriter(str(folder_of(locations)), 1, note=unheard)
    writer.write("stdout", b"after\n")
    writer.close()
    assert texts(locations) == ["good", "after"]


def fill(locations: Locations, lines: int, size_limit: int = 700) -> list[str]:
    writer = LogWriter(str(folder_of(locations)), 1, note=unheard, size_limit=size_limit, files=50)
    for number in range(lines):
        writer.write("stdout", b"line %d\r" % number)
        writer.write("stderr" if number % 3 else "stdout", b" end\n")
    writer.close()
    return texts(locations)


@pytest.mark.parametrize("tail", [0, 1, 2, 7, 39, 40, 41, 100000])
def test_tail_counts_whole_lines_across_files(locations: Locations, tail: int) -> None:
    everything = fill(locations, 40)
    found = list(read_log(locations, ID, tail=tail))
    assert sum(not line.partial for line in found) == min(tail, 40)
    assert [line.text for line in found] == (everything[-len(found) :] if found else [])


@given(st.integers(0, 12), st.lists(st.binary(max_size=40), max_size=12))
def test_tail_of_anything(tail: int, chunks: list[bytes]) -> None:
    import tempfile

    from tuicontainer.supervise.logs import tail_start

    text = b"".join(format_chunk("stdout", chunk, 10**18, 1) for chunk in chunks if chunk)
    with tempfile.TemporaryFile() as file:
        file.write(text)
        file.flush()
        start, found = tail_start(file.fileno(), tail)
    ends = [line for line in text[start:].split(b"\n")[:-1] if ends_line(line)]
    assert len(ends) == found <= tail
    assert start == 0 or text[start - 1 : start] == b"\n"


def test_since(locations: Locations, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count(10**18, 10**9)
    monkeypatch.setattr("tuicontainer.supervise.log_writer.time.time_ns", lambda: next(ticks))
    writer = LogWriter(str(folder_of(locations)), 1, note=unheard)
    for number in range(5):
        writer.write("stdout", b"%d\n" % number)
    writer.close()
    assert texts(locations, since_ns=10**18 + 2 * 10**9) == ["2", "3", "4"]
    assert texts(locations, since_ns=10**18 + 2 * 10**9 + 1) == ["3", "4"]


def test_a_follower_reads_on_across_rotations(locations: Locations) -> None:
    writer = LogWriter(str(folder_of(locations)), 1, note=unheard, size_limit=300, files=4)
    seen: list[str] = []
    with LogFollower(locations, ID) as follower:
        for number in range(60):
            writer.write("stdout", b"%d\n" % number)
            if number % 5 == 0:
                seen += [line.text for line in follower.read_new()]
        seen += [line.text for line in follower.read_new()]
        assert follower.read_new() == []
        assert not follower.ended
    writer.close()
    assert seen == [str(number) for number in range(60)]


def test_a_follower_begins_before_the_log(locations: Locations) -> None:
    with LogFollower(locations, ID, tail=3) as follower:
        assert follower.read_new() == []
        writer = LogWriter(str(folder_of(locations)), 1, note=unheard)
        writer.write("stdout", b"first\n")
        writer.close()
        assert [line.text for line in follower.read_new()] == ["first"]


def test_a_follower_waits_for_the_rest_of_a_line(locations: Locations) -> None:
    path = folder_of(locations) / "log"
    whole = format_chunk("stdout", b"whole line\n", 10**18, 1)
    with LogFollower(locations, ID) as follower, path.open("ab", buffering=0) as file:
        file.write(whole[:40])
        assert follower.read_new() == []
        file.write(whole[40:])
        assert [line.text for line in follower.read_new()] == ["whole line"]


def test_a_follower_reads_what_a_deleted_container_left(locations: Locations) -> None:
    fill(locations, 30)
    with LogFollower(locations, ID) as follower:
        first = follower.read_new(limit=5)
        for path in folder_of(locations).iterdir():
            path.unlink()
        folder_of(locations).rmdir()
        assert not follower.ended
        rest = follower.read_new(limit=10000)
        assert len(first) + len(rest) == 60
        assert follower.ended


def test_no_such_container(locations: Locations) -> None:
    with pytest.raises(NotFound):
        LogFollower(locations, "other")
    with pytest.raises(NotFound):
        list(read_log(locations, "other"))


def test_what_one_instance_has_written_up_to_a_place(locations: Locations) -> None:
    folder = str(folder_of(locations))
    first = LogWriter(folder, 1, note=unheard, size_limit=400)
    first.write("stdout", b"old\n")
    first.close()
    second = LogWriter(folder, 2, note=unheard, size_limit=400)
    for number in range(9):
        second.write("stdout", b"%d\n" % number)
    inode, size = second.position()
    second.write("stdout", b"live\n")
    second.close()
    found = b"".join(line.written() for line in read_written(folder, 2, inode, size))
    assert found == b"".join(b"%d\n" % number for number in range(9))
    assert os.path.exists(os.path.join(folder, "log.1"))

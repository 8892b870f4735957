"""Recordings on disk: what is written comes back; what is torn, hostile or foreign is refused."""

from __future__ import annotations

import json
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.test_recording import record
from tuicontainer.engine import compression, recording_file, recording_reader
from tuicontainer.engine.recording_file import RecordingText, RecordingWriter
from tuicontainer.engine.recording_reader import read_tape
from tuicontainer.engine.replay import ReplayEngine, check_recording, open_replay
from tuicontainer.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Unsupported,
)

HEADER = '{"recording":1}'
EVENT = '{"t":5,"event":{"cursor":1,"time_ns":5,"type":"started","id":"a"}}'


@pytest.fixture(params=["zstd", "plain"])
def written(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Path]:
    """Return what writes text to a recording, compressed or as where Zstandard is missing."""
    if request.param == "plain":
        monkeypatch.setattr(recording_file, "zstd_writer", lambda: None)

    def write(text: str) -> Path:
        path = tmp_path / "recording"
        writer = RecordingWriter(str(path))
        assert writer.compressed is (request.param == "zstd")
        writer.write(text)
        writer.close()
        return path

    return write


async def test_what_was_recorded_is_replayed(written: Callable[[str], Path]) -> None:
    lines = await record()
    path = written("\n".join(lines) + "\n")
    async with open_replay(str(path)) as engine:
        assert not engine.torn
        assert engine.now_ns == engine.tape.first_ns
        engine.seek("running")
        assert [view.status for view in await engine.containers()] == ["running"]
        assert engine.stats_history("steady-1")


def test_only_its_owner_can_read_a_recording(written: Callable[[str], Path]) -> None:
    assert stat.S_IMODE(os.stat(written("x\n")).st_mode) == 0o600


def test_a_recording_never_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        with pytest.raises(AlreadyExists):
            RecordingWriter(str(tmp_path / name))
    assert (tmp_path / "there").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_a_torn_end_costs_only_what_was_torn(written: Callable[[str], Path]) -> None:
    text = "".join(f'{{"t":{n},"moment":"m{os.urandom(16).hex()}"}}\n' for n in range(1, 3000))
    path = written(f"{HEADER}\n{text}")
    whole = path.read_bytes()
    for share in (0.3, 0.9, 0.999):
        path.write_bytes(whole[: int(len(whole) * share)])
        torn = RecordingText(str(path))
        lines = list(torn.lines())
        assert torn.torn
        assert lines == [HEADER.encode(), *text.encode().splitlines()][: len(lines)]


def test_what_was_flushed_survives_the_writers_death(tmp_path: Path) -> None:
    writer = RecordingWriter(str(tmp_path / "recording"))
    writer.write(f"{HEADER}\n{EVENT}\n")
    writer.flush()
    text = RecordingText(str(tmp_path / "recording"))
    assert read_tape(text.lines()).count("event") == 1
    assert text.torn
    writer.close()


def test_a_full_recording_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_file, "MOST_TEXT", 100)
    writer = RecordingWriter(str(tmp_path / "recording"))
    writer.write("x" * 99 + "\n")
    with pytest.raises(FailedPrecondition, match="full"):
        writer.write("y\n")
    writer.close()
    assert len(list(RecordingText(writer.path).lines())) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no whole line"),
        (b"\x7fELF\x02\x01\n\x00", "not a recording"),
        (b"[1, 2]\n", "not a recording"),
        (b'{"recording": "x"}\n', "its version is `x`"),
        (b'{"recording": 2}\n', "a newer tuicontainer"),
        (b'{"recording": 1}\n', "before anything was recorded"),
        (b'{"recording": 1}\nnot json\n', "line 2 .* is wrong"),
        (b"\x28\xb5\x2f\xfd rubbish and more rubbish", "damaged"),
    ],
)
async def test_what_isnt_a_recording_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InvalidArgument, match=says) as refusal:
        async with open_replay(str(path)):
            pass
    assert str(path) in refusal.value.message


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF\n", b'{"recording": 2}\n', b"\x28\xb5\x2f\xfdx"]
)
def test_the_first_look_tells_what_isnt_a_recording(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InvalidArgument, match="recording"):
        check_recording(str(path))


def test_only_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(InvalidArgument, match="isn't a file"):
        list(RecordingText(str(tmp_path / "fifo")).lines())
    with pytest.raises(InvalidArgument, match="isn't a file"):
        list(RecordingText(str(tmp_path)).lines())
    with pytest.raises(NotFound):
        list(RecordingText(str(tmp_path / "none")).lines())


def test_without_zstandard_a_compressed_one_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "recording"
    path.write_bytes(zstandard.compress(HEADER.encode()))

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(compression.importlib, "import_module", missing)
    with pytest.raises(Unsupported, match="Zstandard") as refusal:
        list(RecordingText(str(path)).lines())
    assert "zstandard" in refusal.value.hint


def test_a_compression_bomb_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    compressor = zstandard.ZstdCompressor().compressobj()
    with path.open("wb") as file:
        for _ in range(1024):
            file.write(compressor.compress(bytes(1 << 20)))
        file.write(compressor.flush())
    assert path.stat().st_size < 1 << 18, "a gibibyte of zeros"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidArgument, match="line of more than 16 MiB"):
        list(RecordingText(str(path)).lines())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 << 10, "kibibytes"


def test_a_bomb_of_short_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_file, "MOST_TEXT", 1 << 20)
    monkeypatch.setattr(recording_reader, "MOST_ENTRIES", 1000)
    path = tmp_path / "bomb"
    path.write_bytes(zstandard.compress(b"\n" * (8 << 20)))
    with pytest.raises(InvalidArgument, match="more than 1 MiB"):
        list(RecordingText(str(path)).lines())
    with pytest.raises(InvalidArgument, match="more than 1000 lines"):
        read_tape([HEADER, *[EVENT] * 1000])


@pytest.mark.parametrize(
    "line",
    [
        '{"t":5,"event":{"cursor":"1","time_ns":5,"type":"started","id":"a"}}',
        '{"t":5,"event":{"cursor":1,"time_ns":5,"type":"started","id":"../a"}}',
        '{"t":5,"event":{"cursor":1,"time_ns":5,"type":"\\u001b[2J","id":"a"}}',
        '{"t":5,"event":{"cursor":1,"time_ns":5,"type":"\\ud800","id":"a"}}',
        '{"t":5,"event":{"cursor":1,"time_ns":1e400,"type":"started","id":"a"}}',
        '{"t":5,"event":{"cursor":1,"time_ns":NaN,"type":"started","id":"a"}}',
        '{"t":5,"event":{"cursor":1,"type":"started","id":"a"}}',
        '{"t":-5,"moment":"x"}',
        '{"t":true,"moment":"x"}',
        '{"t":5,"moment":["x"]}',
        '{"t":5,"moment":"x","event":{}}',
        '{"t":5}',
        '{"t":5,"surprise":1}',
        '{"t":5,"containers":[{"id":"a","status":"dancing","pid":0,"bundle":"","created_ns":1}]}',
        '{"t":5,"containers":{"a":1}}',
        '{"t":5,"state":{"id":"a","document":[]}}',
        '{"t":5,"log":{"id":["a"],"line":{"time_ns":1,"stream":"stdout","text":""}}}',
        '{"t":5,"log":{"id":"a","line":{"time_ns":1,"stream":"stdfoo","text":""}}}',
        "[" * 100_000,
        '{"t":' + "9" * 5000 + ',"moment":"x"}',
    ],
)
def test_a_line_that_lies_is_refused(line: str) -> None:
    with pytest.raises(InvalidArgument, match="line 2 of the recording is wrong"):
        read_tape([HEADER, line])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "t", "document", "containers", "host", "line", "view", "cursor"])
            | st.text(max_size=4),
            inside,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from((*recording_reader.KINDS, "moment", "surprise"))


@given(st.lists(st.tuples(st.integers(), KINDS, VALUES), max_size=5))
def test_any_json_is_read_or_refused(entries: list[tuple[int, str, object]]) -> None:
    lines = [json.dumps({"t": at, kind: value}) for at, kind, value in entries]
    try:
        tape = read_tape([HEADER, *lines])
    except InvalidArgument:
        return
    for key in tape.keys:
        tape.until(key, tape.last_ns)


@pytest.fixture(scope="module")
def fleet() -> list[bytes]:
    """Return some of the lines of the recorded fleet, of every kind."""
    path = Path(__file__).parents[2] / "tui" / "recordings" / "fleet.jsonl"
    kept: dict[bytes, int] = {}
    lines = []
    for line in path.read_bytes().splitlines():
        kind = line.partition(b',"')[2].partition(b'"')[0]
        kept[kind] = kept.get(kind, 0) + 1
        if kept[kind] <= 3:
            lines.append(line)
    return lines


@settings(deadline=None, max_examples=60)
@given(data=st.data())
async def test_a_damaged_recording_is_read_or_refused(
    fleet: list[bytes], data: st.DataObject
) -> None:
    lines = list(fleet)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        line = bytearray(lines[place])
        for _ in range(data.draw(st.integers(1, 4))):
            line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
        lines[place] = bytes(line)
    try:
        engine = ReplayEngine(read_tape(lines))
    except InvalidArgument:
        return
    for moment in (engine.tape.first_ns, engine.tape.last_ns):
        engine.seek(moment)
        for view in await engine.containers():
            engine.stats_history(view.id)
            await (await engine.container(view.id)).view()

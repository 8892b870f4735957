"""A config.json that is edited: nothing is lost, nothing else is touched."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tuicontainer.bundles.editing import read_text, save_text
from tuicontainer.errors import FailedPrecondition, InvalidArgument, NotFound, TuiContainerError
from tuicontainer.locations import Locations, shipped_dir
from tuicontainer.spec.default import default_document


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(state_root=str(tmp_path / "s"), data_root=str(tmp_path / "d"))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(default_document()))
    return folder


def test_what_is_saved_is_read_again(bundle: Path, locations: Locations) -> None:
    config = bundle / "config.json"
    config.chmod(0o640)
    first = read_text(str(bundle), locations)
    second = save_text(first, "{ä\r\n}", locations)
    assert config.read_bytes() == "{ä\r\n}".encode()
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert read_text(str(bundle), locations) == second
    save_text(second, "third", locations)
    assert config.read_text() == "third"
    assert os.listdir(bundle) == ["config.json"]


def test_somebody_elses_change_is_not_lost(bundle: Path, locations: Locations) -> None:
    first = read_text(str(bundle), locations)
    (bundle / "config.json").write_text("theirs")
    with pytest.raises(FailedPrecondition, match="changed meanwhile"):
        save_text(first, "mine", locations)
    assert (bundle / "config.json").read_text() == "theirs"
    assert os.listdir(bundle) == ["config.json"]


def test_a_file_that_has_gone_does_not_come_back(bundle: Path, locations: Locations) -> None:
    first = read_text(str(bundle), locations)
    (bundle / "config.json").unlink()
    with pytest.raises(FailedPrecondition, match="taken away"):
        save_text(first, "mine", locations)
    assert os.listdir(bundle) == []


def test_a_symbolic_link_is_read_but_never_written(
    bundle: Path, tmp_path: Path, locations: Locations
) -> None:
    (bundle / "config.json").rename(tmp_path / "other.json")
    (bundle / "config.json").symlink_to(tmp_path / "other.json")
    read = read_text(str(bundle), locations)
    assert "symbolic link" in read.fixed
    with pytest.raises(FailedPrecondition, match="symbolic link"):
        save_text(read, "mine", locations)
    assert "mine" not in (tmp_path / "other.json").read_text()


def test_one_that_becomes_a_link_is_not_written(
    bundle: Path, tmp_path: Path, locations: Locations
) -> None:
    read = read_text(str(bundle), locations)
    (tmp_path / "victim").write_text("precious")
    (bundle / "config.json").unlink()
    (bundle / "config.json").symlink_to(tmp_path / "victim")
    with pytest.raises(FailedPrecondition):
        save_text(read, "mine", locations)
    assert (tmp_path / "victim").read_text() == "precious"


def test_a_shipped_bundle_stays_as_it_is(locations: Locations) -> None:
    path = os.path.join(shipped_dir("bundles"), "hello")
    read = read_text(path, locations)
    assert "shipped" in read.fixed
    before = Path(path, "config.json").read_bytes()
    with pytest.raises(FailedPrecondition) as refused:
        save_text(read, "mine", locations)
    assert refused.value.hint == "copy the bundle"
    assert Path(path, "config.json").read_bytes() == before


def test_a_full_disk_leaves_the_old_text(
    bundle: Path, locations: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_text(str(bundle), locations)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FailedPrecondition, match="no space left"):
        save_text(read, "mine", locations)
    assert json.loads((bundle / "config.json").read_text()) == default_document()
    assert os.listdir(bundle) == ["config.json"]


@pytest.mark.parametrize("content", [b"\xff\xfe{", b" " * (4 * 2**20 + 1)])
def test_what_cannot_be_edited_is_refused(
    content: bytes, bundle: Path, locations: Locations
) -> None:
    (bundle / "config.json").write_bytes(content)
    with pytest.raises(InvalidArgument):
        read_text(str(bundle), locations)


def test_a_fifo_does_not_hang(bundle: Path, locations: Locations) -> None:
    (bundle / "config.json").unlink()
    os.mkfifo(bundle / "config.json")
    with pytest.raises(InvalidArgument, match="regular file"):
        read_text(str(bundle), locations)


def test_what_is_missing_or_no_unicode_is_named(bundle: Path, locations: Locations) -> None:
    with pytest.raises(NotFound):
        read_text(str(bundle / "no"), locations)
    read = read_text(str(bundle), locations)
    with pytest.raises(TuiContainerError, match="isn't Unicode"):
        save_text(read, "\ud800", locations)
    assert os.listdir(bundle) == ["config.json"]

"""Files that are kept open between readings."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from tuicontainer.runtime.cgroups.descriptors import OpenFiles


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "memory.current"
    path.write_text("1\n")
    return path


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_each_reading_sees_the_present_text(file: Path) -> None:
    files = OpenFiles("/web-1")
    assert files.read(str(file)) == "1\n"
    file.write_text("22\n")
    assert files.read(str(file)) == "22\n"
    files.close()


def test_a_file_is_opened_once_and_closed_at_the_end(file: Path) -> None:
    before = open_descriptors()
    files = OpenFiles("/web-1")
    for _ in range(3):
        files.read(str(file))
    assert open_descriptors() == before + 1
    files.close()
    files.close()
    assert open_descriptors() == before
    assert OpenFiles.kept == 0


def test_an_absent_file_is_none_and_not_looked_for_again(tmp_path: Path) -> None:
    files = OpenFiles("/web-1")
    path = tmp_path / "memory.peak"
    assert files.read(str(path)) is None
    path.write_text("1\n")
    assert files.read(str(path)) is None
    files.close()


def test_half_of_the_descriptors_are_left_to_others(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    monkeypatch.setattr(OpenFiles, "kept", limit // 2)
    before = open_descriptors()
    files = OpenFiles("/web-1")
    assert files.read(str(file)) == "1\n"
    file.write_text("2\n")
    assert files.read(str(file)) == "2\n"
    assert files.read(f"{file}.absent") is None
    assert open_descriptors() == before
    files.close()

"""Which file a name means, and what environment the program gets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tuicontainer.errors import NotFound, PermissionDenied
from tuicontainer.runtime.process.environment import (
    complete_environment,
    find_home,
    read_passwd,
)
from tuicontainer.runtime.process.lookup import find_program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for folder, name, mode in (("a", "plain", 0o644), ("b", "tool", 0o755), ("c", "tool", 0o755)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("#!/bin/true\n")
        (tmp_path / folder / name).chmod(mode)
    (tmp_path / "a/tool").mkdir()
    return tmp_path


def path_of(folders: Path, *names: str) -> list[str]:
    return ["PATH=" + ":".join(str(folders / name) for name in names)]


def test_the_first_on_path_that_can_be_executed(folders: Path) -> None:
    env = path_of(folders, "nope", "a", "b", "c")
    assert find_program("tool", env) == str(folders / "b/tool")


def test_the_last_path_counts(folders: Path) -> None:
    env = [*path_of(folders, "b"), *path_of(folders, "c")]
    assert find_program("tool", env) == str(folders / "c/tool")


def test_an_empty_entry_is_the_working_folder(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folders / "b")
    assert find_program("tool", ["PATH=/nope:"]) == "././tool"


@pytest.mark.parametrize("env", [[], ["PATH="], ["PATH=/nope"]])
def test_nothing_on_path(env: list[str]) -> None:
    with pytest.raises(NotFound, match=r'exec: "tool": executable file not found in \$PATH'):
        find_program("tool", env)


def test_paths_are_not_looked_up(folders: Path) -> None:
    assert find_program(str(folders / "b/tool"), []) == str(folders / "b/tool")
    with pytest.raises(NotFound, match="no such file or directory"):
        find_program(str(folders / "nope"), [])
    with pytest.raises(PermissionDenied, match="is a directory: permission denied"):
        find_program(str(folders / "a"), [])
    with pytest.raises(PermissionDenied, match="permission denied"):
        find_program(str(folders / "a/plain"), [])


PASSWD = b"root:x:0:0:root:/root:/bin/sh\nbad line\n:x:5::\nu:x:1000:1000::/home/u:/bin/sh\n"


@pytest.mark.parametrize(
    ("uid", "home"), [(0, "/root"), (1000, "/home/u"), (5, "/"), (7, "/"), (100, "/")]
)
def test_home(uid: int, home: str) -> None:
    assert find_home(PASSWD, uid) == home


def test_later_variables_replace_earlier_ones_in_place() -> None:
    env = ["A=1", "HOME=/h", "A=2", "B="]
    assert complete_environment(env, 0) == ["A=2", "HOME=/h", "B="]


def test_only_a_regular_passwd_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert read_passwd(str(tmp_path / "fifo")) == b""
    assert read_passwd("/dev/zero") == b""
    assert read_passwd(str(tmp_path / "nope")) == b""
    assert read_passwd(str(tmp_path)) == b""
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(2**30)
    assert len(read_passwd(str(tmp_path / "huge"))) <= 4 * 2**20

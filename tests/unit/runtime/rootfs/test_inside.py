"""Paths in a hostile folder never lead out of it; needs neither root nor namespaces."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument, SyscallError
from tuicontainer.runtime.rootfs.inside import file_in, make_file, make_folder, open_inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    return folder


@pytest.fixture
def root(folder: Path) -> Iterator[int]:
    fd = os.open(folder, os.O_PATH)
    yield fd
    os.close(fd)


def place(fd: int) -> str:
    """Return the real path of a descriptor, which it closes."""
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    finally:
        os.close(fd)


@pytest.mark.parametrize(
    ("links", "path", "expected"),
    [
        ({}, "/a/b/c", "a/b/c"),
        ({}, "a", "a"),
        ({"a": "/x/y"}, "/a/b", "x/y/b"),
        ({"a": "x/y"}, "/a/b", "x/y/b"),
        ({"a": "../../../x"}, "/a/b", "x/b"),
        ({"a": "/b", "b": "c/./d/../e"}, "/a", "c/e"),
        ({"a": "/"}, "/a/b", "b"),
        ({"a": "../outside"}, "/a/b", "outside/b"),
    ],
)
def test_what_is_missing_is_made_where_links_lead(
    root: int, folder: Path, links: dict[str, str], path: str, expected: str
) -> None:
    for name, target in links.items():
        (folder / name).symlink_to(target)
    assert place(make_folder(root, path)) == str(folder / expected)
    assert place(make_file(root, f"{path}/new/file")) == str(folder / expected / "new/file")
    assert (folder / expected / "new/file").is_file()
    assert place(make_folder(root, path)) == str(folder / expected), "again, now that it is there"


def test_a_file_is_made_where_a_dangling_link_points(root: int, folder: Path) -> None:
    (folder / "resolv.conf").symlink_to("/run/stub/resolv.conf")
    assert place(make_file(root, "/resolv.conf")) == str(folder / "run/stub/resolv.conf")
    assert (folder / "resolv.conf").is_symlink()


@pytest.mark.parametrize("target", ["/elsewhere", "x", "../outside"])
def test_no_link_is_followed_where_it_is_forbidden(root: int, folder: Path, target: str) -> None:
    (folder / "a").symlink_to(target)
    for path in ("/a", "/a/b"):
        with pytest.raises(InvalidArgument, match="symbolic link"):
            make_folder(root, path, links=False)
        with pytest.raises(InvalidArgument, match="symbolic link"):
            make_file(root, path, links=False)
    with pytest.raises(InvalidArgument, match="symbolic link"):
        file_in(root, "a")
    assert [entry.name for entry in folder.iterdir()] == ["a"]


def test_a_loop_ends(root: int, folder: Path) -> None:
    (folder / "a").symlink_to("b/x")
    (folder / "b").symlink_to("a")
    for make in (make_folder, make_file):
        with pytest.raises((InvalidArgument, SyscallError)):
            make(root, "/a/c")


def test_a_file_in_the_way(root: int, folder: Path) -> None:
    (folder / "a").touch()
    with pytest.raises(SyscallError, match="not a directory"):
        make_folder(root, "/a/b")
    with pytest.raises(SyscallError, match="not a directory"):
        make_folder(root, "/a")


def test_a_fifo_is_opened_without_waiting(root: int, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert place(make_file(root, "/pipe")) == str(folder / "pipe")


def test_magic_links_are_refused(folder: Path) -> None:
    proc = os.open("/proc", os.O_PATH)
    try:
        with pytest.raises(SyscallError, match="too many levels"):
            open_inside(proc, "self/root/etc")
    finally:
        os.close(proc)
    assert folder.exists()


NAMES = st.sampled_from(["a", "b", "c"])
TARGETS = st.lists(st.sampled_from(["a", "b", "c", "..", ".", "/"]), min_size=1, max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    links=st.dictionaries(NAMES, TARGETS, max_size=3),
    inner=st.dictionaries(NAMES, TARGETS, max_size=2),
    path=st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4),
    as_file=st.booleans(),
)
@example(links={"a": ["b", ".."]}, inner={}, path=["a"], as_file=False)
def test_no_links_lead_out(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    links: dict[str, list[str]],
    inner: dict[str, list[str]],
    path: list[str],
    as_file: bool,
) -> None:
    """What the kernel finds afterwards with the folder as root is what was made."""
    top = tmp_path_factory.mktemp("top")
    folder = top / "root"
    (folder / "d").mkdir(parents=True)
    for name, target in links.items():
        (folder / name).symlink_to("/".join(target))
    for name, target in inner.items():
        (folder / "d" / name).symlink_to("/".join(target))
    root = os.open(folder, os.O_PATH)
    try:
        made = (make_file if as_file else make_folder)(root, "/".join(path))
        again = open_inside(root, "/".join(path))
        assert os.path.sameopenfile(made, again)
        assert f"{place(made)}/".startswith(f"{folder}/")
        os.close(again)
    except (InvalidArgument, SyscallError):
        pass  # a loop, or a file where a folder should be
    finally:
        os.close(root)
    assert [entry.name for entry in top.iterdir()] == ["root"]

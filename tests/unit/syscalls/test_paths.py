"""openat2 as the rest of the program relies on it."""

from __future__ import annotations

import os
from errno import ELOOP, ENOENT, EXDEV
from typing import TYPE_CHECKING

import pytest

from tuicontainer.errors import SyscallError
from tuicontainer.syscalls.paths import (
    RESOLVE_BENEATH,
    RESOLVE_IN_ROOT,
    RESOLVE_NO_MAGICLINKS,
    RESOLVE_NO_SYMLINKS,
    openat2,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "file").write_text("content")
    (tmp_path / "link").symlink_to("/file")
    fd = os.open(tmp_path, os.O_PATH)
    yield fd
    os.close(fd)


@pytest.mark.parametrize("path", ["file", "/file", "../../file", "link"])
def test_in_root(folder: int, path: str) -> None:
    fd = openat2(folder, path, os.O_RDONLY, resolve=RESOLVE_IN_ROOT)
    assert os.read(fd, 10) == b"content"
    assert not os.get_inheritable(fd)
    os.close(fd)


@pytest.mark.parametrize(
    ("path", "resolve", "errno"),
    [
        ("../x", RESOLVE_BENEATH, EXDEV),
        ("link", RESOLVE_BENEATH, EXDEV),
        ("link", RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS, ELOOP),
        ("none", RESOLVE_IN_ROOT, ENOENT),
    ],
)
def test_refusals(folder: int, path: str, resolve: int, errno: int) -> None:
    with pytest.raises(SyscallError) as caught:
        openat2(folder, path, os.O_PATH, resolve=resolve)
    assert (caught.value.call, caught.value.path, caught.value.errno) == ("openat2", path, errno)


def test_magic_links() -> None:
    proc = os.open("/proc", os.O_PATH)
    try:
        with pytest.raises(SyscallError):
            openat2(proc, "self/cwd", os.O_PATH, resolve=RESOLVE_NO_MAGICLINKS)
    finally:
        os.close(proc)


def test_mode_of_a_new_file(folder: int, tmp_path: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    os.close(openat2(folder, "new", flags, resolve=RESOLVE_BENEATH, mode=0o600))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600

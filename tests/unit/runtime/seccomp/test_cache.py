"""The cache of compiled filters gives back what was kept, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tuicontainer.runtime.seccomp.cache import FOLDER, MOST_FILES, FilterCache, cache_key
from tuicontainer.spec.seccomp import Seccomp, SeccompArgument, SeccompRule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY, OTHER = "a" * 64, "b" * 64
PROGRAM = bytes(range(80))


@pytest.fixture
def cache(tmp_path: Path) -> FilterCache:
    cache = FilterCache(str(tmp_path))
    cache.store(KEY, PROGRAM)
    return cache


def test_what_is_kept_is_given_back(cache: FilterCache, tmp_path: Path) -> None:
    assert cache.load(KEY) == PROGRAM
    assert cache.load(OTHER) is None
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert (tmp_path / FOLDER / KEY).stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / FOLDER) == [KEY]


def test_an_empty_cache(tmp_path: Path) -> None:
    assert FilterCache(str(tmp_path)).load(KEY) is None


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8])


def rename_another(file: Path) -> None:
    FilterCache(str(file.parent.parent)).store(OTHER, PROGRAM)
    (file.parent / OTHER).rename(file)


def make_readable_for_all(file: Path) -> None:
    file.chmod(0o604)


def make_link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def make_fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


def open_the_folder(file: Path) -> None:
    file.parent.chmod(0o707)


@pytest.mark.parametrize(
    "spoil",
    [
        flip_a_bit,
        cut,
        rename_another,
        make_readable_for_all,
        make_link,
        make_fifo,
        open_the_folder,
    ],
)
def test_what_is_corrupt_or_foreign_is_not_loaded(
    cache: FilterCache, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(tmp_path / FOLDER / KEY)
    assert cache.load(KEY) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a file away")
@pytest.mark.parametrize("name", [".", KEY])
def test_what_belongs_to_somebody_else_is_not_loaded(
    cache: FilterCache, tmp_path: Path, name: str
) -> None:
    os.chown(tmp_path / FOLDER / name, 1000, 1000)
    assert cache.load(KEY) is None


def test_a_corrupt_file_is_replaced(cache: FilterCache, tmp_path: Path) -> None:
    flip_a_bit(tmp_path / FOLDER / KEY)
    cache.store(KEY, PROGRAM)
    assert cache.load(KEY) == PROGRAM


def test_it_does_not_grow_without_end(tmp_path: Path) -> None:
    cache = FilterCache(str(tmp_path))
    for number in range(2 * MOST_FILES):
        cache.store(f"{number:064}", PROGRAM)
    assert len(os.listdir(tmp_path / FOLDER)) <= MOST_FILES


def test_a_root_that_can_not_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = FilterCache(str(tmp_path / "file"))
    cache.store(KEY, PROGRAM)
    assert cache.load(KEY) is None


def test_the_key_covers_what_the_program_depends_on() -> None:
    def key(value: int = 1, native: str = "SCMP_ARCH_X86_64", version: int = 1, **more: str) -> str:
        condition = SeccompArgument(index=0, operator="SCMP_CMP_EQ", value=value)
        rule = SeccompRule(names=("read",), action="SCMP_ACT_ALLOW", arguments=(condition,))
        seccomp = Seccomp(default_action="SCMP_ACT_ERRNO", rules=(rule,), **more)  # type: ignore[arg-type]
        return cache_key(seccomp, native, version)

    others = [key(value=2), key(native="SCMP_ARCH_AARCH64"), key(version=2)]
    assert len({key(), *others}) == 4
    assert key() == key(listener_path="/a", listener_metadata="b")

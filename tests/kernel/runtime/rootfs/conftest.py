"""A container for each test, and the proof that the host's mounts are as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.rootfs.container import Container, mount_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def host_mounts(own: Path) -> list[str]:
    """Return the host's mounts but for those of other tests that run beside this one."""
    others = str(own.parent.parent)
    return [line for line in mount_lines().splitlines() if str(own) in line or others not in line]


@pytest.fixture(autouse=True)
def host_mounts_stay(tmp_path: Path) -> Iterator[None]:
    before = host_mounts(tmp_path)
    yield
    assert host_mounts(tmp_path) == before


@pytest.fixture
def container(tmp_path: Path) -> Container:
    tmp_path.chmod(0o711)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    return Container(bundle)

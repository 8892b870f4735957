"""A container for each test, and the proof that the host's mounts are as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.rootfs.container import Container, mount_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def host_mounts_stay() -> Iterator[None]:
    before = mount_lines()
    yield
    assert mount_lines() == before


@pytest.fixture
def container(tmp_path: Path) -> Container:
    tmp_path.chmod(0o711)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    return Container(bundle)

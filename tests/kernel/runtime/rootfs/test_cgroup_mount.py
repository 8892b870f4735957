"""Mounts of type `cgroup`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import attempt, by_point, mount_lines
from tuicontainer.runtime.cgroups.hierarchies import Hierarchies, read_hierarchies
from tuicontainer.runtime.cgroups.open import open_cgroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kernel.runtime.rootfs.container import Container
    from tuicontainer.runtime.cgroups.api import Cgroup

pytestmark = pytest.mark.kernel


@pytest.fixture
def group() -> Iterator[Cgroup]:
    if read_hierarchies().mode == "none":
        pytest.skip("no control groups are mounted")
    group = open_cgroup(f"/tuicontainer-test-{os.getpid()}/rootfs")
    group.create()
    yield group
    group.remove()


@pytest.fixture(autouse=True)
def basic(container: Container, group: Cgroup) -> None:
    container.proc()
    container.mount("/sys", "sysfs", "ro")
    container.mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")
    container.cgroup_path = group.path
    container.prepare = group.attach


@pytest.fixture
def v1_names() -> list[str]:
    names = [os.path.basename(mount.mountpoint) for mount in read_hierarchies().v1_mounts]
    if not names:
        pytest.skip("this host has no v1 hierarchy")
    return names


@pytest.mark.parametrize("namespace", [False, True])
@pytest.mark.parametrize("user", [False, True])
def test_v1_shows_the_own_group_only(
    container: Container, group: Cgroup, v1_names: list[str], *, namespace: bool, user: bool
) -> None:
    if namespace:
        container.namespaces.append("cgroup")
    if user:
        container.user_namespace()

    def look() -> list[Any]:
        place = "/sys/fs/cgroup"
        folders = {
            name: "cgroup.procs" in os.listdir(f"{place}/{name}") for name in os.listdir(place)
        }
        groups = [name for name in folders if os.path.exists(f"{place}/{name}{group.path}")]
        return [mount_lines(), folders, groups, attempt(os.mkdir, f"{place}/x")]

    mounts, folders, whole, made = container.run(look)
    assert folders == dict.fromkeys(v1_names, True)
    assert whole == []
    assert made == "EROFS"
    for name in v1_names:
        mount = by_point(mounts)[f"/sys/fs/cgroup/{name}"]
        assert {"ro", "nosuid", "nodev", "noexec"} <= set(mount.options)
        assert mount.root == ("/" if namespace else group.path)


class TestV2:
    """On a hybrid host the unified tree stands in for the whole."""

    @pytest.fixture(autouse=True)
    def unified(self, container: Container) -> None:
        mount = read_hierarchies().unified
        if mount is None:
            pytest.skip("this host has no unified hierarchy")
        container.hierarchies = Hierarchies(mode="v2", mounts=(mount,))

    @pytest.mark.parametrize("user", [False, True])
    def test_with_a_namespace(self, container: Container, group: Cgroup, *, user: bool) -> None:
        container.namespaces.append("cgroup")
        if user:
            container.user_namespace()
        mounts, below = container.run(
            lambda: [mount_lines(), os.path.exists(f"/sys/fs/cgroup{group.path}")]
        )
        mount = by_point(mounts)["/sys/fs/cgroup"]
        assert (mount.type, mount.root, below) == ("cgroup2", "/", False)
        assert {"ro", "nosuid", "nodev", "noexec"} <= set(mount.options)

    @pytest.mark.parametrize("user", [False, True])
    def test_without_a_namespace(self, container: Container, group: Cgroup, *, user: bool) -> None:
        """All is shown, bound: a new mount would take options away from the host's."""
        if user:
            container.user_namespace()
        before = Path("/proc/self/mountinfo").read_text()
        mounts, below = container.run(
            lambda: [mount_lines(), os.path.exists(f"/sys/fs/cgroup{group.path}")]
        )
        mount = by_point(mounts)["/sys/fs/cgroup"]
        assert (mount.type, below) == ("cgroup2", True)
        assert "ro" in mount.options
        assert Path("/proc/self/mountinfo").read_text() == before

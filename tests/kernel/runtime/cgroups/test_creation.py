"""Making and removing groups where the kernel or another process makes it hard."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.contracts.cgroups.worlds import BASE, FOLDER_WORLDS, KernelWorld, open_world
from tuicontainer.errors import FailedPrecondition, InvalidArgument, NotFound, TuiContainerError
from tuicontainer.runtime.cgroups.v1.group import V1Cgroup
from tuicontainer.runtime.cgroups.v2.group import V2Cgroup
from tuicontainer.spec.config import HugepageLimit, Memory, Pids, Resources

pytestmark = pytest.mark.kernel


@pytest.fixture(params=FOLDER_WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[KernelWorld]:
    opened = open_world(request.param)
    assert isinstance(opened, KernelWorld)
    yield opened
    opened.close()


def test_a_name_that_the_kernel_uses_is_refused_and_leaves_nothing(world: KernelWorld) -> None:
    with pytest.raises(InvalidArgument, match=r"cgroup\.procs"):
        world.group(f"{BASE}/c/cgroup.procs").create()
    for mount in world.hierarchies.mounts:
        assert not os.path.exists(mount.mountpoint + BASE)


def test_a_failure_in_the_last_hierarchy_undoes_the_others(world: KernelWorld) -> None:
    if len(world.hierarchies.v1_mounts) < 2:
        pytest.skip("needs two v1 hierarchies")
    first, *others, last = world.hierarchies.v1_mounts
    unwritable = last.replace(mountpoint="/proc/self/nosuch")
    with pytest.raises(TuiContainerError):
        V1Cgroup(f"{BASE}/c/web-1", (first, *others, unwritable)).create()
    assert not os.path.exists(first.mountpoint + BASE)


def test_two_processes_may_make_and_remove_the_same_ancestors(world: KernelWorld) -> None:
    groups = [world.group(f"{BASE}/c/web-{number}") for number in range(2)]
    children = []
    for group in groups:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                for _ in range(40):
                    group.create()
                    group.remove()
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    for pid in children:
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0


class Unified:
    """The unified tree with one controller that may be handed down, and the world it's in."""

    def __init__(self, world: KernelWorld) -> None:
        self.world = world
        mount = world.hierarchies.unified
        assert mount is not None
        self.mount = mount
        usable = [name for name in ("memory", "hugetlb") if name in mount.controllers]
        if not usable:
            pytest.skip("the unified hierarchy has neither the controller memory nor hugetlb")
        self.controller = usable[0]
        self.limits = {
            "memory": Resources(memory=Memory(limit=1 << 30)),
            "hugetlb": Resources(hugepage_limits=(HugepageLimit(page_size="2MB", limit=1 << 30),)),
        }[self.controller]

    def group(self, path: str) -> V2Cgroup:
        group = V2Cgroup(path, self.mount, controllers=(self.controller,))
        self.world.keep(group)
        return group

    def limit(self, group: V2Cgroup) -> None:
        """Set a limit of the controller."""
        group.limit_memory(self.limits)
        if self.controller != "memory":
            group.limit(self.limits)


@pytest.fixture
def unified() -> Iterator[Unified]:
    world = open_world("v2")
    assert isinstance(world, KernelWorld)
    tree = Unified(world)
    control = f"{tree.mount.mountpoint}/cgroup.subtree_control"
    with open(control) as file:
        before = file.read().split()
    yield tree
    world.close()
    if tree.controller not in before:
        with open(control, "w") as file:
            file.write(f"-{tree.controller}")


def test_controllers_are_handed_down_to_the_group(unified: Unified) -> None:
    group = unified.group(f"{BASE}/c/web-1")
    group.create()
    with open(f"{unified.mount.mountpoint}{group.path}/cgroup.controllers") as file:
        assert unified.controller in file.read().split()
    unified.limit(group)


def test_an_ancestor_with_processes_blocks_and_is_named(unified: Unified) -> None:
    parent, child = unified.group(f"{BASE}/busy"), unified.group(f"{BASE}/busy/web-1")
    parent.create()
    pid = unified.world.spawn()
    parent.attach(pid)
    child.create()
    with pytest.raises(FailedPrecondition) as raised:
        unified.limit(child)
    assert f"controller `{unified.controller}`" in raised.value.message
    assert f"{BASE}/busy` holds processes ({pid})" in raised.value.message


def test_a_busy_ancestor_is_not_made_threaded(unified: Unified) -> None:
    """`+pids` alone would succeed there and make every group inside invalid."""
    if "pids" not in unified.mount.controllers:
        pytest.skip("the unified hierarchy here lacks the controller pids, a threaded one")
    parent = V2Cgroup(f"{BASE}/busy", unified.mount)
    child = V2Cgroup(f"{BASE}/busy/web-1", unified.mount)
    for group in (parent, child):
        unified.world.keep(group)
    parent.create()
    parent.attach(unified.world.spawn())
    child.create()
    with pytest.raises(FailedPrecondition, match="pids"):
        child.limit(Resources(pids=Pids(limit=1)))
    with open(f"{unified.mount.mountpoint}{child.path}/cgroup.type") as file:
        assert file.read().strip() == "domain"
    child.attach(unified.world.spawn())


def test_limits_of_a_group_that_is_gone(unified: Unified) -> None:
    group = unified.group(f"{BASE}/c/web-1")
    with pytest.raises(NotFound):
        unified.limit(group)


def test_a_newcomer_joins_its_companion_where_the_group_itself_is_closed(
    unified: Unified,
) -> None:
    group, inner = unified.group(f"{BASE}/c/web-1"), unified.group(f"{BASE}/c/web-1/init")
    stranger_group = unified.group(f"{BASE}/c/web-10")
    for made in (group, inner, stranger_group):
        made.create()
    init, stranger, newcomer = (unified.world.spawn() for _ in range(3))
    inner.attach(init)
    stranger_group.attach(stranger)
    for beside in (None, stranger):
        with pytest.raises(FailedPrecondition, match="can't hold"):
            group.attach(newcomer, beside=beside)
    group.attach(newcomer, beside=init)
    assert inner.processes() == sorted([init, newcomer])


def test_a_threaded_group_takes_no_containers(unified: Unified) -> None:
    parent, threaded = unified.group(f"{BASE}/t"), unified.group(f"{BASE}/t/threads")
    parent.create()
    os.mkdir(unified.mount.mountpoint + threaded.path)
    with open(f"{unified.mount.mountpoint}{threaded.path}/cgroup.type", "w") as file:
        file.write("threaded")
    child = unified.group(f"{BASE}/t/threads/web-1")
    with pytest.raises(FailedPrecondition, match="threaded"):
        child.create()
    assert not child.exists()


def test_killing_without_the_kernel_s_help(
    unified: Unified, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kernels before 5.14 have no cgroup.kill."""
    group = unified.group(f"{BASE}/c/web-1")
    group.create()
    pids = [unified.world.spawn() for _ in range(3)]
    for pid in pids:
        group.attach(pid)
    monkeypatch.setattr(V2Cgroup, "kill_at_once", lambda _: False)
    group.kill(signal.SIGKILL)
    assert all(unified.world.wait_for_end(pid) for pid in pids)
    assert not group.frozen()

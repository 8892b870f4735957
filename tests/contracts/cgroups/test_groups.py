"""What every `Cgroup` promises about groups and processes, in memory and in the kernel."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.contracts.cgroups.worlds import BASE, FakeWorld, KernelWorld, World
from tuicontainer.errors import FailedPrecondition, NotFound
from tuicontainer.runtime.cgroups import ownership
from tuicontainer.runtime.cgroups.api import Cgroup
from tuicontainer.runtime.cgroups.open import cgroup_from_state


def test_a_group_that_was_never_made_is_empty_and_easily_removed(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    assert not group.exists()
    assert group.processes() == []
    assert not group.frozen()
    group.kill(signal.SIGKILL)
    group.thaw()
    group.remove()
    assert group.oom_kills() is None


def test_what_needs_the_group_says_that_it_does_not_exist(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    pid = world.spawn()
    for operation in (
        lambda: group.attach(pid),
        group.freeze,
        group.sample,
        group.open_sampler,
    ):
        with pytest.raises(NotFound):
            operation()


def test_a_process_is_in_the_group_it_was_moved_to(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    group.create()
    assert group.exists() == group.joinable
    pid = world.spawn()
    group.attach(pid)
    assert group.exists()
    assert group.processes() == [pid]


def test_a_process_may_be_born_in_a_group(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    with pytest.raises(NotFound):
        world.spawn_in(group)
    group.create()
    pid = world.spawn_in(group)
    assert group.processes() == [pid]
    group.kill(signal.SIGKILL)
    assert world.wait_for_end(pid)


def test_processes_of_groups_inside_count(world: World) -> None:
    outer, inner = world.group(f"{BASE}/c/web-1"), world.group(f"{BASE}/c/web-1/a/b")
    outer.create()
    pids = [world.spawn(), world.spawn()]
    # In this order, as on v2 a group that hands controllers down takes no processes.
    outer.attach(pids[0])
    inner.create()
    inner.attach(pids[1])
    assert outer.processes() == sorted(pids)
    assert inner.processes() == [pids[1]]


def test_moving_a_process_that_has_ended_is_not_found(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    group.create()
    pid = world.spawn()
    other = world.group(f"{BASE}/c/other")
    other.create()
    other.attach(pid)
    other.kill(signal.SIGKILL)
    assert world.wait_for_end(pid)
    with pytest.raises(NotFound, match=str(pid)):
        group.attach(pid)


def test_an_empty_group_is_adopted(world: World) -> None:
    world.group(f"{BASE}/c/web-1").create()
    again = world.group(f"{BASE}/c/web-1")
    again.create()
    again.remove()
    assert not again.exists()


def test_a_group_in_use_is_refused(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    group.create()
    pid = world.spawn()
    group.attach(pid)
    with pytest.raises(FailedPrecondition, match=f"in use by.*{pid}"):
        world.group(f"{BASE}/c/web-1").create()
    assert group.processes() == [pid]


def test_a_frozen_group_is_refused(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    need_empty_groups(group)
    group.create()
    group.freeze()
    with pytest.raises(FailedPrecondition, match="frozen"):
        world.group(f"{BASE}/c/web-1").create()
    group.thaw()


def test_groups_with_a_common_prefix_are_strangers(world: World) -> None:
    short, long = world.group(f"{BASE}/c/a"), world.group(f"{BASE}/c/ab")
    short.create()
    long.create()
    pids = [world.spawn(), world.spawn()]
    short.attach(pids[0])
    long.attach(pids[1])
    short.freeze()
    assert not long.frozen()
    short.thaw()
    short.kill(signal.SIGKILL)
    assert world.wait_for_end(pids[0])
    short.remove()
    assert world.is_alive(pids[1])
    assert long.processes() == [pids[1]]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_reaches_all_processes_inside(world: World, number: int) -> None:
    outer, inner = world.group(f"{BASE}/c/web-1"), world.group(f"{BASE}/c/web-1/inner")
    outer.create()
    pids = [world.spawn() for _ in range(4)]
    for pid in pids[:2]:
        outer.attach(pid)
    inner.create()
    for pid in pids[2:]:
        inner.attach(pid)
    outer.kill(number)
    assert all(world.wait_for_end(pid) for pid in pids)


def test_a_signal_to_a_frozen_process_is_not_lost(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    group.create()
    pid = world.spawn()
    group.attach(pid)
    group.freeze()
    assert group.frozen()
    group.kill(signal.SIGTERM)
    # A unit ends with its last process.
    assert group.frozen() == (group.joinable or group.exists())
    # v2 lets a signal that ends the process through at once, v1 doesn't; none loses it.
    group.thaw()
    assert not group.frozen()
    assert world.wait_for_end(pid)


def test_sigkill_ends_frozen_processes_and_thaws(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    group.create()
    pid = world.spawn()
    group.attach(pid)
    group.freeze()
    group.kill(signal.SIGKILL)
    assert world.wait_for_end(pid)
    assert not group.frozen()


def test_freezing_twice_and_thawing_twice_do_no_harm(world: World) -> None:
    group = world.made(f"{BASE}/c/web-1")
    group.freeze()
    group.freeze()
    group.thaw()
    group.thaw()
    assert not group.frozen()


def test_removal_takes_groups_inside_along(world: World) -> None:
    outer, inner = world.group(f"{BASE}/c/web-1"), world.group(f"{BASE}/c/web-1/a/b")
    need_empty_groups(outer)
    outer.create()
    inner.create()
    outer.remove()
    assert not outer.exists()
    assert not inner.exists()


def test_removal_is_refused_while_a_process_is_inside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "REMOVAL_SECONDS", 0.1)
    group = world.group(f"{BASE}/c/web-1")
    group.create()
    pid = world.spawn()
    group.attach(pid)
    with pytest.raises(FailedPrecondition, match=str(pid)):
        group.remove()
    assert group.processes() == [pid]
    assert world.is_alive(pid)


def test_ancestors_we_made_go_with_the_last_group_in_them(world: World) -> None:
    one, two = world.group(f"{BASE}/c/web-1"), world.group(f"{BASE}/c/web-2")
    one.create()
    two.create()
    one.remove()
    assert world.group(f"{BASE}/c").exists()
    two.remove()
    assert not world.group(BASE).exists()


def test_an_ancestor_somebody_made_on_purpose_stays(world: World) -> None:
    parent, child = world.group(f"{BASE}/parent"), world.group(f"{BASE}/parent/c/web-1")
    parent.create()
    child.create()
    child.remove()
    assert parent.exists()
    assert not world.group(f"{BASE}/parent/c").exists()


def test_the_handle_survives_being_written_down(world: World) -> None:
    group = world.group(f"{BASE}/c/web-1")
    if isinstance(world, FakeWorld):
        pytest.skip("a fake host lives in one process only")
    group.create()
    pid = world.spawn()
    group.attach(pid)
    again = cgroup_from_state(json.loads(json.dumps(group.to_state())))
    assert again.path == group.path
    assert again.mode == group.mode
    assert again.processes() == [pid]


def test_we_are_not_frozen_by_ourselves(world: World) -> None:
    if isinstance(world, FakeWorld):
        pytest.skip("we are no process of a fake host")
    group = world.group(f"{BASE}/c/web-1")
    group.create()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            group.attach(0)
            group.freeze()
        except FailedPrecondition:
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_group_can_be_handed_to_a_user(world: World) -> None:
    group = world.made(f"{BASE}/c/web-1")
    group.delegate(65_534)
    if isinstance(world, FakeWorld):
        assert world.host.groups[group.path].owner == 65_534
        return
    assert isinstance(world, KernelWorld)
    owners = {
        name: os.stat(f"{mount.mountpoint}{group.path}/{name}").st_uid
        for mount in world.hierarchies.mounts
        for name in ("", "cgroup.procs", "cgroup.max.depth")
        if os.path.exists(f"{mount.mountpoint}{group.path}/{name}")
    }
    if group.mode == "v2":
        assert owners == {"": 65_534, "cgroup.procs": 65_534, "cgroup.max.depth": 0}
    else:
        assert set(owners.values()) == {0}


def test_handing_over_a_group_that_is_not_there(world: World) -> None:
    group = world.group(f"{BASE}/c/none")
    if group.mode != "v2":
        pytest.skip("only groups of v2 are handed over")
    with pytest.raises(NotFound):
        group.delegate(65_534)


def need_empty_groups(group: Cgroup) -> None:
    """Skip the test where a group comes and goes with its processes."""
    if not group.joinable:
        pytest.skip("systemd has no empty groups")

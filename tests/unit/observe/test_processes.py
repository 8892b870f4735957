"""The texts of /proc become processes, whatever names they hold."""

from __future__ import annotations

import os

import pytest

from tuicontainer.observe.processes import (
    ProcessView,
    capability_names,
    observe_process,
    parse_process,
    process_tree,
)

STAT = b"7 (a) b (c) S 5 7 7 0 -1 4194560 1 0 0 0 25 75 0 0 20 0 3 0 4200 1000 50 184467"
STATUS = b"""Name:\ta) b (c
State:\tS (sleeping)
Pid:\t7
PPid:\t5
Uid:\t0\t1000\t0\t0
Gid:\t0\t100\t0\t0
Groups:\t4 27
NSpid:\t7\t1
VmRSS:\t     128 kB
CapInh:\t0000000000000000
CapPrm:\t0000000000000020
CapEff:\t0000000000000021
CapBnd:\t000001ffffffffff
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t3
"""


def test_every_field() -> None:
    view = parse_process(STAT, STATUS, b"sleep\x00a b\x00")
    assert (view.pid, view.inner_pid, view.parent, view.name) == (7, 1, 5, "a) b (c")
    assert (view.args, view.state, view.threads) == (("sleep", "a b"), "S", 3)
    assert (view.uid, view.gid, view.groups) == (1000, 100, (4, 27))
    assert view.resident == 128 * 1024
    tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    assert (view.cpu_ns, view.started_ns) == (100 * tick, 4200 * tick)
    assert view.capabilities["effective"] == ("CAP_CHOWN", "CAP_KILL")
    assert view.capabilities["inheritable"] == ()
    assert len(view.capabilities["bounding"]) == 41
    assert (view.no_new_privileges, view.seccomp, view.seccomp_filters) == (True, "filter", 3)


def test_a_zombie_has_no_memory_and_no_arguments() -> None:
    status = b"\n".join(line for line in STATUS.splitlines() if not line.startswith(b"VmRSS"))
    view = parse_process(STAT, status, b"")
    assert (view.resident, view.args) == (0, ())


def test_a_capability_of_tomorrow_has_a_number() -> None:
    assert capability_names(1 << 63) == ("CAP_63",)
    assert capability_names(0) == ()


def test_ourselves() -> None:
    view = observe_process(os.getpid())
    assert view is not None
    assert (view.pid, view.parent, view.uid) == (os.getpid(), os.getppid(), os.geteuid())
    assert view.resident > 1 << 20


def test_nobody() -> None:
    assert observe_process(2**22 + 1) is None


@pytest.mark.parametrize(
    ("parents", "ordered"),
    [
        ({1: 0, 2: 1, 3: 1, 4: 2}, [(1, 0), (2, 1), (4, 2), (3, 1)]),
        # 9 came from outside by exec; its parent isn't one of the container's.
        ({1: 0, 9: 77, 10: 9}, [(1, 0), (9, 0), (10, 1)]),
    ],
)
def test_parents_come_before_children(
    parents: dict[int, int], ordered: list[tuple[int, int]]
) -> None:
    template = parse_process(STAT, STATUS, b"")
    processes: list[ProcessView] = [
        template.replace(pid=pid, parent=parent, started_ns=pid) for pid, parent in parents.items()
    ]
    assert [(view.pid, depth) for view, depth in process_tree(processes)] == ordered

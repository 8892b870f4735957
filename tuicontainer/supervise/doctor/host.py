"""What the host lacks for containers, and for how many of them it is wide enough.

Sources: user_namespaces(7), keyrings(7), inotify(7), pty(7), Documentation/admin-guide/sysctl,
Documentation/accounting/psi.rst.
"""

from __future__ import annotations

import os

from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.supervise.doctor.finding import Finding
from tuicontainer.syscalls.rlimits import get_rlimit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTROLLERS = (("cpu",), ("memory",), ("pids",), ("cpuset",), ("io", "blkio"))
_DESCRIPTORS_EACH = 5
"""Those that the spawner holds for a container: its streams, its pidfd, its monitor."""
_DESCRIPTORS_OWN = 64
_PROCESSES_EACH = 2
"""A monitor and a program."""
_KEYS_EACH = 1
_BYTES_EACH = 32
"""Of a session keyring's name and payload."""


def examine_host(containers: int) -> Iterator[Finding]:
    """Yield what this host lacks.

    Args:
        containers: how many it should be able to run at once.
    """
    yield from _user_namespaces()
    yield from _control_groups()
    if _number("/proc/sys/vm/memfd_noexec") == 2:
        yield _lack(
            "executable memfds",
            "`vm.memfd_noexec` is 2: no program can be executed from memory, and the waiter is one",
            "set it to 1 or 0",
        )
    if not _has_pressure():
        yield _lack(
            "pressure stall information",
            "the kernel doesn't report pressure",
            "boot with `psi=1`, on a kernel with CONFIG_PSI",
        )
    yield from _room(containers)


def _user_namespaces() -> Iterator[Finding]:
    if not os.path.exists("/proc/self/ns/user"):
        yield _lack("user namespaces", "the kernel has none", "use a kernel with CONFIG_USER_NS")
    elif _number("/proc/sys/user/max_user_namespaces") == 0:
        yield _lack(
            "user namespaces", "`user.max_user_namespaces` is 0", "raise it, such as to 15000"
        )
    for name, forbids in (
        ("kernel.unprivileged_userns_clone", 0),
        ("kernel.apparmor_restrict_unprivileged_userns", 1),
    ):
        if _number("/proc/sys/" + name.replace(".", "/")) == forbids:
            yield _lack(
                "user namespaces without root",
                f"`{name}` is {forbids}: only root can make containers",
                f"set it to {1 - forbids} if others shall",
            )


def _control_groups() -> Iterator[Finding]:
    hierarchies = read_hierarchies()
    if hierarchies.mode == "none":
        yield _lack(
            "control groups",
            "none are mounted: no limits, no statistics, no pause",
            "mount cgroup2 on /sys/fs/cgroup",
        )
        return
    have = {name for mount in hierarchies.mounts for name in mount.controllers}
    for names in _CONTROLLERS:
        if have.isdisjoint(names):
            yield _lack(
                f"controller {names[0]}",
                f"no hierarchy has the controller `{names[0]}`: it can't be limited or measured",
                "enable it in the kernel's command line, or in `cgroup.subtree_control`",
            )


def _room(containers: int) -> Iterator[Finding]:
    soft_or_hard = get_rlimit(0, "RLIMIT_NOFILE")[1]
    wanted = containers * _DESCRIPTORS_EACH + _DESCRIPTORS_OWN
    if soft_or_hard < wanted:
        yield _narrow("open files", "the hard limit on open files", soft_or_hard, wanted)
    for what, name, wanted in (
        ("processes", "kernel.pid_max", containers * _PROCESSES_EACH + 1000),
        ("processes", "kernel.threads-max", containers * _PROCESSES_EACH + 1000),
        ("keys", "kernel.keys.root_maxkeys", containers * _KEYS_EACH + 16),
        ("keys", "kernel.keys.root_maxbytes", containers * _BYTES_EACH + 512),
        ("terminals", "kernel.pty.max", containers),
        ("inotify instances", "fs.inotify.max_user_instances", 16),
    ):
        found = _number("/proc/sys/" + name.replace(".", "/", name.count(".")))
        if found is not None and found < wanted:
            yield _narrow(what, f"`{name}`", found, wanted)


def _narrow(what: str, name: str, found: int, wanted: int) -> Finding:
    return _lack(
        what, f"{name} is {found}, and that many containers need {wanted}", "raise it, or run fewer"
    )


def _lack(what: str, problem: str, remedy: str) -> Finding:
    return Finding(kind="host", subject=what, problem=problem, remedy=remedy)


def _has_pressure() -> bool:
    try:
        with open("/proc/pressure/cpu", "rb") as file:
            return bool(file.read(1))
    except OSError:
        # Compiled in and switched off, the file is there and can't be read (EOPNOTSUPP).
        return False


def _number(path: str) -> int | None:
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None

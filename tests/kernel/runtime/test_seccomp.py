"""What a seccomp profile does to real programs (config-linux.md#seccomp)."""

from __future__ import annotations

import errno
import json
import os
import platform
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.docker_profile import docker_profile
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import OTHER
from tests.kernel.runtime.test_waiter import MACHINES, command
from tuicontainer.runtime.process.confine import Confinement
from tuicontainer.runtime.process.told import confining_errno
from tuicontainer.runtime.process.waiter import waiter_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

ALLOW, ERRNO = "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"
MKDIR = "busybox mkdir /tmp/x && echo made"
SIGSYS_STATUS = 128 + signal.SIGSYS


def confined(
    *names: str,
    action: str = ERRNO,
    new_privileges: bool = False,
    user: int = 0,
    default: str = ALLOW,
    args: list[dict[str, Any]] | None = None,
    error: int | None = None,
    **profile: Any,
) -> Callable[[dict[str, Any]], None]:
    """Return the change that gives a bundle a profile of one rule."""
    rule: dict[str, Any] = {"names": list(names), "action": action, "args": args or []}
    if error is not None:
        rule["errnoRet"] = error
    syscalls = [rule] if names else []

    def change(document: dict[str, Any]) -> None:
        profile.setdefault("syscalls", syscalls)
        document["linux"]["seccomp"] = {"defaultAction": default, **profile}
        document["process"]["noNewPrivileges"] = not new_privileges
        document["process"]["user"] = {"uid": user, "gid": user}

    return change


either_way = pytest.mark.parametrize("new_privileges", [False, True])
"""Whether the container may gain privileges, without which loading a filter needs one."""


@either_way
def test_a_denied_call_fails_with_the_profiles_errno(door: Door, new_privileges: bool) -> None:
    change = confined("mkdir", "mkdirat", error=errno.ENOSPC, new_privileges=new_privileges)
    output = door.run(door.shell(f"{MKDIR}; echo $?", change))
    assert "No space left on device" in output or output == "1\n"


def test_eperm_is_the_default_errno(door: Door) -> None:
    output = door.run(door.shell(f"{{ {MKDIR}; }} 2>&1 || true", confined("mkdir", "mkdirat")))
    assert "Operation not permitted" in output


@pytest.mark.parametrize("action", ["SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP"])
def test_a_killing_action_ends_the_program(door: Door, action: str) -> None:
    bundle = door.shell(f"{MKDIR}; echo $?", confined("mkdir", "mkdirat", action=action))
    assert str(SIGSYS_STATUS) in door.run(bundle)


def test_without_a_tracer_a_traced_call_is_missing(door: Door) -> None:
    change = confined("mkdir", "mkdirat", action="SCMP_ACT_TRACE", error=7)
    assert "not implemented" in door.run(door.shell(f"{{ {MKDIR}; }} 2>&1 || true", change))


def test_a_logged_call_is_done(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        confined("mkdir", "mkdirat", action="SCMP_ACT_LOG")(document)
        document["root"]["readonly"] = False

    assert door.run(door.shell(MKDIR, change)) == "made\n"


def test_conditions_on_arguments(door: Door) -> None:
    """The shell may end with any status but 7."""
    args = [{"index": 0, "value": 7, "op": "SCMP_CMP_EQ"}]
    change = confined("exit_group", "exit", action="SCMP_ACT_KILL_PROCESS", args=args)
    bundle = door.shell("(exit 6); echo $?; (exit 7); echo $?", change)
    assert door.run(bundle).split() == ["6", str(SIGSYS_STATUS)]


def test_unknown_names_are_skipped(door: Door) -> None:
    assert door.run(door.shell("echo fine", confined("no_such_call"))) == "fine\n"


@either_way
@pytest.mark.parametrize("user", [0, 1000])
def test_the_default_profile_of_engines(door: Door, new_privileges: bool, user: int) -> None:
    def change(document: dict[str, Any]) -> None:
        confined(new_privileges=new_privileges, user=user)(document)
        document["linux"]["seccomp"] = docker_profile()

    script = "echo a | cat; (sleep 0.01); busybox unshare -m true 2>/dev/null || echo denied"
    assert door.run(door.shell(script, change)) == "a\ndenied\n"


@either_way
@pytest.mark.parametrize("user", [0, 1000])
def test_a_filter_changes_no_capability(door: Door, new_privileges: bool, user: int) -> None:
    script = "sed -n '/^Cap/p;/^NoNewPrivs/p' /proc/self/status"
    change = confined("mkdir", new_privileges=new_privileges, user=user)

    def without(document: dict[str, Any]) -> None:
        change(document)
        del document["linux"]["seccomp"]

    assert door.run(door.shell(script, change)) == door.run(door.shell(script, without))


@either_way
@pytest.mark.parametrize("user", [0, 1000])
@pytest.mark.parametrize("profile", [True, False], ids=["filtered", "unfiltered"])
def test_processes_of_the_container_may_look_at_each_other(
    door: Door, new_privileges: bool, user: int, profile: bool
) -> None:
    """Images write their logs to /proc/1/fd/1."""
    change = confined("mkdir", new_privileges=new_privileges, user=user)

    def changed(document: dict[str, Any]) -> None:
        change(document)
        if not profile:
            del document["linux"]["seccomp"]

    bundle = door.shell("busybox sleep 60; :", changed)
    container_id = door.started(bundle)
    look = "busybox readlink /proc/1/fd/0; busybox readlink /proc/$$/fd/0 > /dev/null && echo seen"
    assert door.ok("exec", container_id, "/bin/sh", "-c", look) == "/dev/null\nseen\n"


@either_way
@pytest.mark.parametrize("user", [0, 1000])
def test_in_a_user_namespace(door: Door, new_privileges: bool, user: int) -> None:
    def change(document: dict[str, Any]) -> None:
        confined("mkdir", "mkdirat", new_privileges=new_privileges, user=user)(document)
        mappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
        document["linux"]["namespaces"].append({"type": "user"})
        document["linux"] |= {"uidMappings": mappings, "gidMappings": mappings}

    script = "sed -n '/^Seccomp:/p' /proc/self/status; sleep 2"
    bundle = door.shell(script, change)
    bundle.chmod(0o755)
    container_id = door.started(bundle, "--pid-file", str(door.folder / "pid"))
    inside = door.ok("exec", container_id, "/bin/sed", "-n", "/^Seccomp:/p", "/proc/self/status")
    assert inside == "Seccomp:\t2\n"


def test_hooks_of_the_container_are_filtered_too(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        confined("mkdir", "mkdirat", error=errno.ENOSPC)(document)
        hook = {"path": "/bin/busybox", "args": ["busybox", "mkdir", "/tmp/x"]}
        document["hooks"] = {"startContainer": [hook]}

    container_id = door.create(door.shell("true", change))
    door.fails("start", container_id)


def test_little_memory_and_one_process_are_enough(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        confined(new_privileges=True)(document)
        document["linux"]["seccomp"] = docker_profile()
        document["linux"]["resources"] |= {"memory": {"limit": 4 << 20}, "pids": {"limit": 1}}

    if OTHER:
        pytest.skip("other runtimes need more memory")
    assert door.run(door.bundle("/bin/echo", "fine", change=change)) == "fine\n"


def test_ambient_and_inheritable_capabilities_survive(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        confined("mkdir", new_privileges=True, user=1000)(document)
        names = ["CAP_KILL", "CAP_NET_RAW"]
        document["process"]["capabilities"] = dict.fromkeys(
            ("bounding", "permitted", "inheritable", "ambient"), names
        )

    output = door.run(door.shell("sed -n '/^Cap/p' /proc/self/status", change))
    sets = dict(line.split(":\t") for line in output.splitlines())
    assert {int(mask, 16) for mask in sets.values()} == {1 << 5 | 1 << 13}


@ours_only
@either_way
def test_a_profile_may_deny_what_the_runtime_does(door: Door, new_privileges: bool) -> None:
    """The waiter has done all that before the filter is there."""
    names = ("read", "write", "fcntl", "close", "capset", "execveat", "sendmsg", "recvmsg", "futex")
    change = confined(*names, action="SCMP_ACT_KILL_PROCESS", new_privileges=new_privileges)
    assert door.run(door.bundle("/bin/true", change=change)) == ""


@ours_only
@either_way
def test_a_profile_that_denies_execve_is_told(door: Door, new_privileges: bool) -> None:
    bundle = door.bundle("/bin/true", change=confined("execve", new_privileges=new_privileges))
    container_id = door.create(bundle)
    assert "operation not permitted" in door.fails("start", container_id)


@ours_only
def test_a_profile_that_denies_everything_ends_the_container(door: Door) -> None:
    container_id = door.create(door.bundle("/bin/true", change=confined(default=ERRNO)))
    door.ok("start", container_id)
    door.await_status(container_id, "stopped")


@either_way
def test_an_exec_has_the_filter_too(door: Door, new_privileges: bool) -> None:
    change = confined("mkdir", "mkdirat", error=errno.ENOSPC, new_privileges=new_privileges)
    container_id = door.started(door.shell(STEADY, change))
    script = f"{{ {MKDIR}; }} 2>&1; sed -n '/^Seccomp:/p' /proc/self/status"
    output = door.ok("exec", container_id, "/bin/sh", "-c", script)
    assert "No space left on device" in output
    assert output.endswith("Seccomp:\t2\n")


@ours_only
def test_an_exec_may_be_denied_what_the_runtime_does(door: Door) -> None:
    names = ("clone", "setsid", "capset", "execveat", "sendmsg")
    bundle = door.bundle("/bin/sleep", "60", change=confined(*names, action="SCMP_ACT_KILL"))
    container_id = door.started(bundle)
    assert door.ok("exec", container_id, "/bin/true") == ""


def test_calls_newer_than_the_profile_are_missing(door: Door) -> None:
    """The C library needs ENOSYS, not EPERM, to fall back from new calls."""
    if platform.machine() != "x86_64":
        pytest.skip("needs a program for x86_64 that makes a new call")
    architectures = ["SCMP_ARCH_X86_64"]  # without which old versions of runc do nothing
    change = confined(*ALLOWED, action=ALLOW, default=ERRNO, architectures=architectures)
    bundle = door.bundle("/bin/newcall", change=change)
    program = bundle / "rootfs/bin/newcall"
    program.write_bytes(newest_call_status())
    program.chmod(0o755)
    container_id = door.started(bundle)
    door.await_status(container_id, "stopped")
    done = door.call("run", "--bundle", str(bundle), door.new_id())
    assert done.returncode == errno.ENOSYS


ALLOWED = ("execve", "exit", "exit_group", "read", "write", "close", "fstat", "openat", "futex",
           "capset", "prctl", "chdir", "setgroups", "setresuid", "setresgid", "getcwd", "umask",
           "rt_sigaction", "rt_sigprocmask", "mmap", "munmap", "brk", "newfstatat", "fcntl",
           "epoll_ctl", "epoll_pwait", "nanosleep", "getdents64", "faccessat2", "close_range",
           "openat2", "statfs", "fstatfs", "setuid", "setgid", "getpid", "getppid", "tgkill",
           "rt_sigreturn", "madvise", "sigaltstack", "mprotect", "gettid")  # fmt: skip


def newest_call_status() -> bytes:
    """Return a program whose status is the errno of system call 1000."""
    from tuicontainer.runtime.process.elf import EM_X86_64, elf_image

    return elf_image(
        EM_X86_64,
        bytes.fromhex(
            "b8e8030000"  # mov eax, 1000
            "0f05"  # syscall
            "f7d8"  # neg eax
            "89c7"  # mov edi, eax
            "b8e7000000"  # mov eax, 231 exit_group
            "0f05"  # syscall
        ),
    )


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["SECCOMP_FILTER_FLAG_LOG"],
        ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"],
    ],
)
def test_flags(door: Door, flags: list[str]) -> None:
    bundle = door.shell("sed -n '/^Seccomp:/p' /proc/self/status", confined("mkdir", flags=flags))
    assert door.run(bundle) == "Seccomp:\t2\n"


def test_an_errno_for_an_action_that_has_none(door: Door) -> None:
    bundle = door.shell("true", confined("mkdir", action="SCMP_ACT_KILL", error=1))
    if "SCMP_ACT_KILL" not in door.call("create", "--bundle", str(bundle), door.new_id()).stderr:
        pytest.skip("this runtime doesn't refuse it, as the specification demands")


@ours_only
def test_the_compiled_filter_is_kept_and_never_trusted_blindly(door: Door) -> None:
    bundle = door.shell("sed -n '/^Seccomp:/p' /proc/self/status", confined("mkdir"))
    assert door.run(bundle) == "Seccomp:\t2\n"
    (kept,) = (door.root / "~seccomp").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    good = kept.read_bytes()
    kept.write_bytes(good[:-8] + b"\0" * 8)
    assert door.run(bundle) == "Seccomp:\t2\n"
    assert kept.read_bytes() == good


@ours_only
def test_features_tell_what_the_kernel_does(door: Door) -> None:
    seccomp = json.loads(door.ok("features"))["linux"]["seccomp"]
    assert seccomp["enabled"] is True
    assert {ALLOW, ERRNO, "SCMP_ACT_NOTIFY"} <= set(seccomp["actions"])
    assert len(seccomp["archs"]) == 23
    assert set(seccomp["supportedFlags"]) <= set(seccomp["knownFlags"])
    available = Path("/proc/sys/kernel/seccomp/actions_avail").read_text()
    assert ("user_notif" in available) == ("SCMP_ACT_NOTIFY" in seccomp["actions"])


@ours_only
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("capabilities", [None, (0, 0, 0), (1 << 62, 1 << 62, 0)])
def test_a_filter_the_kernel_refuses_is_told(
    tmp_path: Path, machine: str, capabilities: tuple[int, int, int] | None
) -> None:
    """Told below all errnos, so that it isn't taken for a refused program."""
    gate_read, gate_write = os.pipe()
    result_read, result_write = os.pipe()
    bad = Confinement(program=b"\xff" * 8, flags=0, capabilities=capabilities)
    image = tmp_path / "waiter"
    image.write_bytes(waiter_image(machine, gate_read, result_write, bad) or b"")
    image.chmod(0o755)
    process = subprocess.Popen(
        command(machine, image, "/bin/true", ["true"]),
        executable=str(image) if machine == platform.machine() else None,
        pass_fds=(gate_read, result_write),
    )
    os.write(gate_write, b"s")
    assert process.wait(10) == 126
    told = int.from_bytes(os.read(result_read, 16), "little", signed=True)
    # By the kernel the filter is invalid, or the capabilities are too many. The emulator has no
    # seccomp(2), and insists on writing to capset's header, which is read-only.
    native = {errno.EINVAL, errno.EPERM, errno.EACCES}
    emulated = {errno.ENOSYS, errno.EFAULT}
    assert confining_errno(told) in (native if machine == platform.machine() else emulated)
    for fd in (gate_read, gate_write, result_read, result_write):
        os.close(fd)

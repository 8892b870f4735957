"""What the init and an exec open once they see the container's files instead of the host's.

A lazy import, a codec or a resolver looked up there would be the container's code run with the
host's privileges (the class of CVE-2019-14271). strace tells every path that is looked up.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM
from tests.patience import patient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]

CALLS = "open,openat,openat2,stat,newfstatat,access,faccessat,faccessat2,readlink,readlinkat"
BORDERS = "pivot_root,setns,execve,execveat"
ALLOWED = re.compile(
    r"""
    /etc/passwd                                   # where HOME comes from; read with a bound
    | /(proc|sys)(/.*)?                           # read-only and masked paths of the configuration
    | (/usr/local|/usr)?/s?bin/[a-z]+             # the program, on PATH
    | /(dev|dev/pts)?                             # devpts, for a terminal
    | /dev/null                                   # in the place of the caller's; looked at first
    | ptmx
    """,
    re.VERBOSE,
)

NAMED_BY_FAILURES = frozenset(
    ("/nope/\\303\\274\\344\\270\\255", "/nope/\\303\\274", "/etc", "/bin", "/bin/busybox", "/loop")
)


def paths_after(trace: Path, border: str) -> list[str]:
    """Return the paths that the process behind *border* looks up until it executes something."""
    lines = trace.read_text().splitlines()
    pid = next(line.split()[0] for line in lines if f" {border}(" in line)
    own = [line.split(None, 1)[1] for line in lines if line.split()[0] == pid]
    start = next(index for index, call in enumerate(own) if call.startswith(f"{border}("))
    found = []
    for call in own[start + 1 :]:
        if call.startswith("exec"):
            break
        if (match := re.search(r'"([^"]*)"', call)) and match[1]:
            found.append(match[1])
    return found


def traced(door: Door, trace: Path, *words: str) -> int:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("needs strace")
    options = ["-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS},{BORDERS}", "-o", str(trace)]
    command = [strace, *options, *PROGRAM, "--root", str(door.root), *words]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=patient(60), check=False
    ).returncode


def user_namespace(document: dict[str, Any]) -> None:
    mapping = [{"containerID": 0, "hostID": 100_000, "size": 65536}]
    document["linux"]["namespaces"].append({"type": "user"})
    document["linux"] |= {"uidMappings": mapping, "gidMappings": mapping}


def seccomp(document: dict[str, Any]) -> None:
    rule = {"names": ["mkdirat"], "action": "SCMP_ACT_ERRNO"}
    document["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}
    document["process"]["noNewPrivileges"] = False


def scheduling(document: dict[str, Any]) -> None:
    document["process"] |= {
        "scheduler": {"policy": "SCHED_BATCH"},
        "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 5},
        "oomScoreAdj": 100,
        "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 64}],
    }
    document["linux"]["personality"] = {"domain": "LINUX32"}


def names_and_parameters(document: dict[str, Any]) -> None:
    document["domainname"] = "domain"
    document["linux"]["sysctl"] = {"net.ipv4.ip_forward": "1", "kernel.domainname": "x"}


def hooks(document: dict[str, Any]) -> None:
    hook = [{"path": "/bin/true"}]
    names = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart")
    document["hooks"] = dict.fromkeys(names, hook)


def process(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["process"].update(changes)


FEATURES: dict[str, Callable[[dict[str, Any]], None]] = {
    "default": process(),
    "terminal": process(terminal=True),
    "user namespace": user_namespace,
    "seccomp": seccomp,
    "scheduling": scheduling,
    "names and parameters": names_and_parameters,
    "hooks": hooks,
    "another user": process(user={"uid": 1000, "gid": 1000, "additionalGids": [5], "umask": 63}),
    "read-only": lambda document: document["root"].update(readonly=True),
}
FAILURES: dict[str, Callable[[dict[str, Any]], None]] = {
    "no such program": process(args=["nope"]),
    "no such path": process(args=["/nope/\u00fc\u4e2d"]),
    "a folder": process(args=["/etc"]),
    "a working folder that is a file": process(cwd="/bin/busybox"),
    "a working folder that leads outside": process(cwd="/proc/self/fd/9"),
    "a limit that root may not raise": process(oomScoreAdj=-1000),
    "a mask on a loop": lambda document: document["linux"].update(maskedPaths=["/loop"]),
}


def prepared(door: Door, change: Callable[[dict[str, Any]], None]) -> Path:
    """Return a bundle full of traps that runs `true`, but for what is changed."""
    bundle = door.bundle("true", change=change)
    (bundle / "rootfs/loop").symlink_to("loop")
    os.chown(bundle / "rootfs", 100_000, 100_000)
    set_traps(bundle / "rootfs")
    return bundle


@pytest.mark.parametrize("feature", FEATURES)
def test_the_init_opens_only_what_the_code_names(door: Door, feature: str) -> None:
    trace = door.folder / "trace"
    bundle = prepared(door, FEATURES[feature])
    assert traced(door, trace, "run", "--bundle", str(bundle), door.new_id()) == 0
    paths = paths_after(trace, "pivot_root")
    assert "/etc/passwd" in paths
    assert [path for path in paths if not ALLOWED.fullmatch(path)] == []
    assert not (bundle / "rootfs/sprung").exists()


@pytest.mark.parametrize("failure", FAILURES)
def test_an_error_after_the_change_of_root_loads_nothing(door: Door, failure: str) -> None:
    """Neither a codec for its text nor anything that would print a traceback."""
    trace = door.folder / "trace"
    bundle = prepared(door, FAILURES[failure])
    status = traced(door, trace, "run", "--bundle", str(bundle), door.new_id())
    allowed = NAMED_BY_FAILURES
    paths = paths_after(trace, "pivot_root")
    assert status == 1 or failure.startswith("a limit")
    assert [path for path in paths if not ALLOWED.fullmatch(path) and path not in allowed] == []


@pytest.mark.parametrize("words", [("true",), ("--tty", "true"), ("--user", "5", "true")])
@pytest.mark.parametrize("feature", ["default", "user namespace", "seccomp"])
def test_an_exec_opens_only_what_the_code_names(
    door: Door, feature: str, words: tuple[str, ...]
) -> None:
    trace = door.folder / "trace"
    bundle = prepared(door, FEATURES[feature])
    door.edit(bundle, process(args=["/bin/sh", "-c", STEADY]))
    container_id = door.started(bundle)
    flags, program = words[:-1], words[-1]
    assert traced(door, trace, "exec", *flags, container_id, program) == 0
    paths = paths_after(trace, "setns")
    assert "/etc/passwd" in paths
    assert [path for path in paths if not ALLOWED.fullmatch(path)] == []


@pytest.mark.parametrize(
    "words",
    [("nope",), ("/nope/\u00fc",), ("/etc",), ("--cwd", "/bin/busybox", "true")],
    ids=["no such program", "no such path", "a folder", "a file as the working folder"],
)
def test_an_exec_that_fails_loads_nothing(door: Door, words: tuple[str, ...]) -> None:
    trace = door.folder / "trace"
    container_id = door.started(door.shell(STEADY))
    flags, program = words[:-1], words[-1]
    assert traced(door, trace, "exec", *flags, container_id, program) == 255
    paths = paths_after(trace, "setns")
    allowed = NAMED_BY_FAILURES
    assert [path for path in paths if not ALLOWED.fullmatch(path) and path not in allowed] == []


def set_traps(root: Path) -> None:
    """Put files where an interpreter and a C library would look for theirs."""
    for name in ("encodings", "json", "errno", "traceback", "linecache", "tuicontainer"):
        for folder in ("usr/lib/python3.11", "usr/lib/python3", "."):
            trap = root / folder / name / "__init__.py"
            trap.parent.mkdir(parents=True, exist_ok=True)
            trap.write_text("open('/sprung', 'w'); raise SystemExit(99)\n")
    for path in (
        "etc/nsswitch.conf", "etc/ld.so.cache", "etc/ld.so.preload", "etc/localtime",
        "usr/share/zoneinfo/UTC", "usr/lib/locale/locale-archive", "lib/libnss_files.so.2",
        "usr/lib/x86_64-linux-gnu/gconv/gconv-modules", "usr/share/locale/en/LC_MESSAGES/libc.mo",
    ):  # fmt: skip
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("trap")


def test_traps_in_the_rootfs_stay_unsprung(door: Door) -> None:
    """Modules and libraries of the container where the interpreter would look for its own."""
    bundle = door.shell("echo fine")
    set_traps(bundle / "rootfs")
    door.edit(bundle, lambda document: document["root"].update(readonly=False))
    assert door.run(bundle) == "fine\n"
    assert not (bundle / "rootfs/sprung").exists()

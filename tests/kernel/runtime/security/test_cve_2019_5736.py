"""CVE-2019-5736: a container that overwrites the executable of the runtime that makes or enters it.

Ours is the host's Python. The container can write to it only if a process that has it as its
executable shows up in a PID namespace of the container's, readable for it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM
from tests.kernel.runtime.security.hostile import OVERWRITE, SPY, host_seen, interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]

EXECS = 12
SELF = "/proc/self/exe"


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    before = interpreter()
    yield
    assert interpreter().items() >= before.items()


def writable(document: dict[str, Any]) -> None:
    document["root"]["readonly"] = False


def hostile_image(bundle: Path) -> None:
    """Put programs into a root filesystem whose execution means the executing process's own."""
    binaries = bundle / "rootfs/bin"
    for name, text in (("script", f"#!{SELF}\n"), ("loaded", "#!/bin/link\n")):
        (binaries / name).write_text(text)
        (binaries / name).chmod(0o755)
    (binaries / "link").symlink_to(SELF)
    # A dynamic loader and what it would preload, should anything of ours be dynamic in there.
    for name in ("lib64", "lib"):
        (bundle / "rootfs" / name).mkdir(exist_ok=True)
        (bundle / "rootfs" / name / "ld-linux-x86-64.so.2").symlink_to("/bin/script")
    (bundle / "rootfs/etc/ld.so.preload").write_text("/lib/evil.so\n")


PROGRAMS = ("/bin/script", "/bin/link", "/bin/loaded", SELF)


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_entrypoint_that_is_the_runtime_itself(door: Door, program: str) -> None:
    """What runs then is the waiter, in the container, once more: it ends or waits."""
    bundle = door.bundle(program, change=writable)
    hostile_image(bundle)
    container = door.create(bundle)
    done = door.call("start", container)
    assert "python" not in done.stderr
    pid = door.state(container)["pid"]
    if pid:
        time.sleep(0.2)
        assert "python" not in Path(f"/proc/{pid}/maps").read_text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_exec_of_the_runtime_itself(door: Door, program: str) -> None:
    bundle = door.shell(OVERWRITE, writable)
    hostile_image(bundle)
    container = door.started(bundle)
    for _ in range(3):
        door.call("exec", "--detach", "--env", "LD_PRELOAD=/lib/evil.so", container, program)
    assert door.state(container)["status"] == "running"


@pytest.mark.parametrize("capability", ["CAP_KILL", "CAP_SYS_PTRACE"])
def test_execs_into_a_container_that_overwrites_what_it_sees(door: Door, capability: str) -> None:
    def change(document: dict[str, Any]) -> None:
        writable(document)
        for names in document["process"]["capabilities"].values():
            names.append(capability)

    container = door.started(door.shell(OVERWRITE, change))
    for _ in range(EXECS):
        assert door.ok("exec", container, "/bin/echo", "fine") == "fine\n"
    assert door.state(container)["status"] == "running"


def test_creates_into_the_pid_namespace_of_a_container_that_overwrites(door: Door) -> None:
    hostile = door.state(door.started(door.shell(OVERWRITE, writable)))["pid"]
    for _ in range(4):
        assert door.run(door.bundle("/bin/echo", "fine", change=joining(hostile))) == "fine\n"


def test_execs_into_a_container_that_joined_a_hostile_one(door: Door) -> None:
    spy = door.shell(SPY, writable)
    hostile = door.state(door.started(spy))["pid"]
    container = door.started(door.bundle("/bin/sleep", "60", change=joining(hostile)))
    for _ in range(EXECS):
        assert door.ok("exec", container, "/bin/echo", "fine") == "fine\n"
    assert host_seen(spy / "rootfs", door.folder) == []


def joining(pid: int) -> Any:
    def change(document: dict[str, Any]) -> None:
        for namespace in document["linux"]["namespaces"]:
            if namespace["type"] == "pid":
                namespace["path"] = f"/proc/{pid}/ns/pid"

    return change


@pytest.mark.parametrize("script", [OVERWRITE, SPY], ids=["overwrite", "spy"])
def test_a_container_in_the_pid_namespace_of_the_runtime(door: Door, script: str) -> None:
    """The host's PID namespace, but a small one made for this test instead of the real one."""

    def change(document: dict[str, Any]) -> None:
        writable(document)
        namespaces = document["linux"]["namespaces"]
        document["linux"]["namespaces"] = [each for each in namespaces if each["type"] != "pid"]

    bundle = door.shell(script, change)
    container = door.new_id()
    steps = [
        ["create", "--bundle", str(bundle), container],
        ["start", container],
        *[["exec", container, "/bin/echo", "fine"]] * EXECS,
        ["kill", container, "KILL"],
        ["delete", "--force", container],
    ]
    driver = (
        "import subprocess, sys\n"
        f"for words in {steps!r}:\n"
        f"    subprocess.run({[*PROGRAM, '--root', str(door.root)]!r} + words, check=True,\n"
        "                   stdin=subprocess.DEVNULL)\n"
    )
    words = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, "-IS"]
    with (door.folder / "output").open("wb") as output:
        done = subprocess.run(
            [*words, "-c", driver], stdout=output, stderr=output, timeout=100, check=False
        )
    text = (door.folder / "output").read_text()
    assert done.returncode == 0, text
    assert text.count("fine") == EXECS
    if script is SPY:
        assert host_seen(bundle / "rootfs", door.folder) == []

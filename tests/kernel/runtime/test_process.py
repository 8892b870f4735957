"""What the program finds itself to be: identity, limits, environment, descriptors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

KILL, NET_BIND_SERVICE, AUDIT_WRITE, CHOWN = 1 << 5, 1 << 10, 1 << 29, 1 << 0
STATUS = "cat /proc/self/status"


def process(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["process"].update(changes)


def status_of(door: Door, change: Callable[[dict[str, Any]], None]) -> dict[str, str]:
    output = door.run(door.shell(STATUS, change))
    return dict(line.split(":\t", 1) for line in output.splitlines() if ":\t" in line)


def sets(status: dict[str, str]) -> dict[str, int]:
    names = {"Inh": "inheritable", "Prm": "permitted", "Eff": "effective", "Bnd": "bounding"}
    names["Amb"] = "ambient"
    return {word: int(status[f"Cap{short}"], 16) for short, word in names.items()}


def test_capabilities_of_root(door: Door) -> None:
    names = ["CAP_KILL", "CAP_CHOWN"]
    change = process(capabilities=dict.fromkeys(("bounding", "effective", "permitted"), names))
    assert sets(status_of(door, change)) == {
        "bounding": KILL | CHOWN,
        "effective": KILL | CHOWN,
        "permitted": KILL | CHOWN,
        "inheritable": 0,
        "ambient": 0,
    }


def test_ambient_capabilities_survive_for_another_user(door: Door) -> None:
    names = ["CAP_NET_BIND_SERVICE"]
    kinds = ("bounding", "effective", "permitted", "inheritable", "ambient")
    change = process(capabilities=dict.fromkeys(kinds, names), user={"uid": 1000, "gid": 1000})
    assert set(sets(status_of(door, change)).values()) == {NET_BIND_SERVICE}


def test_another_user_without_ambient_ones_has_none(door: Door) -> None:
    assert sets(status_of(door, process(user={"uid": 1000, "gid": 1000}))) == {
        "bounding": KILL | NET_BIND_SERVICE | AUDIT_WRITE,
        "effective": 0,
        "permitted": 0,
        "inheritable": 0,
        "ambient": 0,
    }


def test_without_capabilities_there_are_none(door: Door) -> None:
    def change(document: dict[str, Any]) -> None:
        del document["process"]["capabilities"]

    assert set(sets(status_of(door, change)).values()) == {0}


@ours_only
def test_an_unknown_capability_is_a_warning(door: Door) -> None:
    names = ["CAP_KILL", "CAP_MOON"]
    change = process(capabilities=dict.fromkeys(("bounding", "effective", "permitted"), names))
    done = door.call("run", "--bundle", str(door.shell(STATUS, change)), door.new_id())
    assert done.returncode == 0
    assert "CAP_MOON" in done.stderr


@pytest.mark.parametrize("wanted", [True, False])
def test_no_new_privileges(door: Door, *, wanted: bool) -> None:
    assert status_of(door, process(noNewPrivileges=wanted))["NoNewPrivs"] == str(int(wanted))


def test_user_and_groups(door: Door) -> None:
    user = {"uid": 1234, "gid": 2345, "additionalGids": [10, 20], "umask": 0o27}
    status = status_of(door, process(user=user))
    assert status["Uid"].split() == ["1234"] * 4
    assert status["Gid"].split() == ["2345"] * 4
    assert status["Groups"].split() == ["10", "20"]
    assert status["Umask"] == "0027"


def test_the_callers_groups_are_gone(door: Door) -> None:
    bundle = door.shell(STATUS)
    output = door.run(bundle, extra_groups=[4711])
    assert "4711" not in output


def test_rlimits(door: Door) -> None:
    limits = [
        {"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
        {"type": "RLIMIT_CORE", "soft": 0, "hard": 0},
        {"type": "RLIMIT_STACK", "soft": 1 << 20, "hard": 1 << 21},
    ]
    output = door.run(door.shell("cat /proc/self/limits", process(rlimits=limits)))
    found = {line[:25].strip(): line[25:].split()[:2] for line in output.splitlines()}
    assert found["Max open files"] == ["100", "200"]
    assert found["Max core file size"] == ["0", "0"]
    assert found["Max stack size"] == [str(1 << 20), str(1 << 21)]


@ours_only
def test_a_program_may_have_as_few_as_three_descriptors(door: Door) -> None:
    limits = [{"type": "RLIMIT_NOFILE", "soft": 3, "hard": 3}]
    assert door.run(door.bundle("/bin/echo", "fine", change=process(rlimits=limits))) == "fine\n"


def test_oom_score(door: Door) -> None:
    output = door.run(door.shell("cat /proc/self/oom_score_adj", process(oomScoreAdj=500)))
    assert output == "500\n"


def test_oom_score_stays_without_a_setting(door: Door) -> None:
    own = Path("/proc/self/oom_score_adj").read_text()
    assert door.run(door.shell("cat /proc/self/oom_score_adj")) == own


def test_environment(door: Door) -> None:
    env = ["PATH=/bin", "A=1", "A=2", "EMPTY=", "ODD=a=b"]
    output = door.run(door.bundle("/bin/env", change=process(env=env)))
    assert set(output.splitlines()) == {"PATH=/bin", "A=2", "EMPTY=", "ODD=a=b", "HOME=/"}


def test_home_comes_from_passwd(door: Door) -> None:
    bundle = door.bundle("/bin/env", change=process(user={"uid": 7, "gid": 7}))
    (bundle / "rootfs/etc/passwd").write_text("a:x:6:6::/six:\nb:x:7:7::/seven:/bin/sh\n")
    assert "HOME=/seven" in door.run(bundle).splitlines()


@ours_only
@pytest.mark.parametrize("kind", ["fifo", "endless", "huge", "link to itself", "folder"])
def test_cve_2026_47262_a_hostile_passwd_does_no_harm(door: Door, kind: str) -> None:
    """A FIFO never answers, a device never ends, a gigabyte would be read in vain."""
    bundle = door.bundle("/bin/env")
    passwd = bundle / "rootfs/etc/passwd"
    if kind == "fifo":
        os.mkfifo(passwd)
    elif kind == "endless":
        passwd.symlink_to("/dev/zero")
    elif kind == "huge":
        with passwd.open("wb") as file:
            file.truncate(1 << 30)
    elif kind == "folder":
        passwd.mkdir()
    else:
        passwd.symlink_to("passwd")
    assert "HOME=/" in door.run(bundle).splitlines()


def test_working_folder(door: Door) -> None:
    assert door.run(door.bundle("/bin/pwd", change=process(cwd="/tmp"))) == "/tmp\n"


def test_a_missing_working_folder_is_made(door: Door) -> None:
    """Kubernetes pods count on it: runc and crun do it."""
    bundle = door.bundle("/bin/pwd", change=process(cwd="/new/folder"))
    assert door.run(bundle) == "/new/folder\n"


@ours_only
def test_a_missing_working_folder_that_cannot_be_made(door: Door) -> None:
    text = door.fails(
        "run",
        "--bundle",
        str(door.bundle("/bin/pwd", change=process(cwd="/proc/new"))),
        door.new_id(),
    )
    assert "/proc/new" in text


def test_a_folder_that_only_the_user_may_enter(door: Door) -> None:
    user = {"uid": 1000, "gid": 1000}
    bundle = door.bundle("/bin/pwd", change=process(cwd="/private", user=user))
    folder = bundle / "rootfs/private"
    folder.mkdir(mode=0o700)
    os.chown(folder, 1000, 1000)
    assert door.run(bundle) == "/private\n"


DESCRIPTORS = "for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done; true"


def test_only_the_standard_streams_are_open(door: Door) -> None:
    reader, writer = os.pipe()
    os.set_inheritable(reader, True)
    output = door.run(door.shell(DESCRIPTORS), close_fds=False)
    os.close(reader)
    os.close(writer)
    # The shell itself has the folder open that it lists.
    assert set(output.split()) <= {"0", "1", "2", "3"}


@ours_only  # runc has a pipe in between at `run`, and leaves the host's to what it executes
@pytest.mark.parametrize("verb", ["run", "exec"])
def test_a_null_device_among_the_streams_is_the_containers(door: Door, verb: str) -> None:
    """Through the host's, its root could change the mode of the device that all of us use."""
    script = "for file in /proc/self/fd/0 /dev/null; do busybox stat -Lc %d:%i $file; done"
    if verb == "run":
        streams = door.run(door.shell(script))
    else:
        container_id = door.started(door.shell(STEADY))
        streams = door.ok("exec", container_id, "/bin/sh", "-c", script)
    mine, containers = streams.split()
    host = os.stat("/dev/null")
    assert mine == containers != f"{host.st_dev}:{host.st_ino}"


def test_preserved_descriptors(door: Door) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"passed on\n")
    os.close(writer)

    def arrange() -> None:
        os.dup2(reader, 3)

    bundle = door.shell("cat <&3")
    output = door.ok(
        "run", "--bundle", str(bundle), "--preserve-fds", "1", door.new_id(),
        preexec_fn=arrange, close_fds=False,
    )  # fmt: skip
    os.close(reader)
    assert output == "passed on\n"


@ours_only
def test_descriptors_to_be_preserved_must_be_open(door: Door) -> None:
    bundle = door.shell("true")
    text = door.fails("run", "--bundle", str(bundle), "--preserve-fds", "9", door.new_id())
    assert "descriptor" in text


def test_signals_have_their_default_actions(door: Door) -> None:
    """The interpreter ignores SIGPIPE and SIGXFSZ; a program must not inherit that."""
    status = dict(
        line.split(":\t", 1)
        for line in door.run(door.bundle("/bin/cat", "/proc/self/status")).splitlines()
    )
    assert int(status["SigIgn"], 16) == 0
    assert int(status["SigBlk"], 16) == 0
    assert int(status["SigCgt"], 16) == 0


def test_the_user_may_reopen_its_streams(door: Door) -> None:
    bundle = door.shell("echo out > /dev/stdout", process(user={"uid": 1000, "gid": 1000}))
    assert door.run(bundle) == "out\n"


def test_a_session_keyring_of_its_own(door: Door) -> None:
    ours = Path("/proc/keys").read_text() if os.path.exists("/proc/keys") else ""
    if not ours:
        pytest.skip("needs a kernel with /proc/keys")
    bundle = door.shell("cat /proc/keys", lambda document: document["linux"].update(maskedPaths=[]))
    assert "_ses.t" in door.run(bundle)


def test_the_callers_umask_is_not_the_containers(door: Door) -> None:
    before = os.umask(0o077)
    try:
        container_id = door.create(door.shell("umask; exec sleep 100"))
        told = door.ok("exec", container_id, "/bin/sh", "-c", "umask")
    finally:
        os.umask(before)
    assert told == "0022\n"
    pid = door.state(container_id)["pid"]
    assert "Umask:\t0022" in Path(f"/proc/{pid}/status").read_text()

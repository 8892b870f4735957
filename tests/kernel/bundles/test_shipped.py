"""Every shipped bundle does what it says, with the programs of hosts of different kinds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.patience import patient

if TYPE_CHECKING:
    from tests.kernel.bundles.conftest import Launcher

QUICK = patient(1.0)
"""Seconds in which a stop must be over; without a trap it would take the whole grace period."""

FETCH = """
import os, sys, urllib.request, urllib.error
from tuicontainer.syscalls.namespaces import setns
setns(os.open(f"/proc/{sys.argv[1]}/ns/net", os.O_RDONLY), 0)
request = urllib.request.Request("http://127.0.0.1:8080" + sys.argv[2], method=sys.argv[3])
try:
    answer = urllib.request.urlopen(request, timeout=10)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())
"""


def fetch(pid: int, path: str, method: str = "GET") -> str:
    """Ask the server in the network namespace of a process."""
    command = [sys.executable, "-c", FETCH, str(pid), path, method]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    return done.stdout.strip() or done.stderr


def test_hello_prints_and_ends(launch: Launcher) -> None:
    hello = launch("hello")
    assert hello.wait() == 0
    text = hello.output["stdout"]
    assert text.startswith("Hello from a container!\n")
    assert "host name     hello\n" in text
    assert "process       1 (" in text
    assert "capabilities  0000000000000000 (none), no_new_privs 1\n" in text
    assert hello.output["stderr"] == ""


def test_logger_writes_on_both_streams_and_stops(launch: Launcher) -> None:
    logger = launch("logger")
    logger.until(lambda: "line 3" in logger.output["stdout"])
    assert logger.output["stdout"].startswith("line 1 on stdout\nline 3")
    assert logger.output["stderr"].startswith("line 2 on stderr\n")
    status, seconds = logger.stop()
    assert (status, seconds < QUICK) == (0, True)
    assert logger.output["stdout"].endswith(" lines\n")


def test_cpu_is_throttled(launch: Launcher) -> None:
    cpu = launch("cpu")
    cpu.until(lambda: (cpu.sample().cpu.throttled_periods or 0) >= 5)
    sample = cpu.sample().cpu
    assert (sample.quota_us, sample.period_us) == (25_000, 100_000)
    assert (sample.usage_ns or 0) > 100_000_000
    status, seconds = cpu.stop()
    assert (status, seconds < QUICK) == (0, True)
    assert cpu.output["stdout"].startswith("counting;")


def test_memory_is_killed_at_its_limit(launch: Launcher) -> None:
    memory = launch("memory")
    memory.until(lambda: "holding 8 MiB" in memory.output["stdout"])
    early = memory.sample().memory
    assert early.limit == 64 * 2**20
    memory.until(lambda: "holding 24 MiB" in memory.output["stdout"])
    later = memory.sample().memory
    assert early.usage is not None
    assert later.usage is not None
    assert later.usage > early.usage + 12 * 2**20, "the gauge moves"
    assert memory.wait(40) == 128 + signal.SIGKILL
    assert (memory.sample().memory.oom_kills or 0) >= 1


def test_memory_can_be_stopped_before(launch: Launcher) -> None:
    memory = launch("memory")
    memory.until(lambda: "holding 8 MiB" in memory.output["stdout"])
    status, seconds = memory.stop()
    assert (status, seconds < QUICK) == (0, True)


def test_web_serves_logs_and_stops(launch: Launcher) -> None:
    web = launch("web")
    web.until(lambda: "listening" in web.output["stdout"])
    web.until(lambda: fetch(web.pid, "/health") == "200 ok")
    page = fetch(web.pid, "/")
    assert page.startswith("200 <!doctype html>")
    assert "<b>web</b>" in page
    assert fetch(web.pid, "/nothing") == "404 not found"
    assert fetch(web.pid, "/", "DELETE") == "405 only GET and HEAD"
    web.until(lambda: '"GET / HTTP/1.1" 200\n' in web.output["stdout"])
    web.until(lambda: '"GET /nothing HTTP/1.1" 404\n' in web.output["stdout"])
    web.until(lambda: '"DELETE / HTTP/1.1" 405\n' in web.output["stdout"])
    status, seconds = web.stop()
    assert (status, seconds < QUICK) == (0, True), web.output


def test_user_is_not_root_outside(launch: Launcher) -> None:
    user = launch("user")
    user.until(lambda: "nobody" in user.output["stdout"])
    assert "inside: uid=0" in user.output["stdout"]
    assert "this is a process of user 100000" in user.output["stdout"]
    status = Path(f"/proc/{user.pid}/status").read_text()
    assert "\nUid:\t100000\t100000\t100000\t100000\n" in status
    assert "\nGid:\t100000\t100000\t100000\t100000\n" in status
    exit_status, seconds = user.stop()
    assert (exit_status, seconds < QUICK) == (0, True)


def test_shell_is_interactive(launch: Launcher) -> None:
    shell = launch("shell")
    assert shell.console is not None
    shell.until(lambda: "$ " in shell.output["console"] or "# " in shell.output["console"])
    os.write(shell.console, b"cd /tmp; echo $((6 * 7)) $PWD $$; tty\n")
    shell.until(lambda: "42 /tmp 1" in shell.output["console"])
    shell.until(lambda: "/dev/pts/0" in shell.output["console"])
    os.write(shell.console, b"exit 3\n")
    assert shell.wait() == 3


def test_shell_ends_when_it_is_hung_up_if_it_is_bash(launch: Launcher) -> None:
    shell = launch("shell")
    shell.until(lambda: "$ " in shell.output["console"] or "# " in shell.output["console"])
    if os.path.basename(os.readlink(f"/proc/{shell.pid}/exe")) != "bash":
        pytest.skip("this host's shell takes no signals at its prompt as the first process")
    status, seconds = shell.stop(signal.SIGHUP)
    assert (status, seconds < QUICK) == (0, True)


def test_hooks_leave_a_trace_each(launch: Launcher) -> None:
    hooks = launch("hooks")
    names = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart"]
    hooks.until(lambda: "poststart" in hooks.output["stdout"].partition(".log")[2])
    first, where, *lines = hooks.output["stdout"].splitlines()
    assert first.startswith("what the hooks of hooks-1 wrote")
    assert [line.split()[1].rstrip(":") for line in lines] == names
    mounts = [line.rpartition(" ")[2] for line in lines]
    own = os.readlink("/proc/self/ns/mnt")
    inside = os.readlink(f"/proc/{hooks.pid}/ns/mnt")
    assert mounts == [own, own, inside, inside, own]
    assert "status created" in lines[0]
    status, seconds = hooks.stop()
    assert (status, seconds < QUICK) == (0, True)
    launch.instances.remove(hooks)
    hooks.close()
    last = Path(where).read_text().splitlines()[-1]
    assert " poststop: status stopped" in last
    assert Path(where).parent == Path(launch.locations.data_root, "shipped/hooks/trace")


def test_two_containers_of_one_bundle_have_private_files(launch: Launcher) -> None:
    first, second = launch("web"), launch("web")
    for each in (first, second):
        each.until(lambda each=each: fetch(each.pid, "/health") == "200 ok")
    Path(f"/proc/{first.pid}/root/tmp/mine").write_text("x")
    assert os.listdir(f"/proc/{second.pid}/root/tmp") == []
    with pytest.raises(OSError, match="Read-only file system"):
        Path(f"/proc/{first.pid}/root/etc/passwd").write_text("x")
    with pytest.raises(OSError, match="Read-only file system"):
        Path(f"/proc/{first.pid}/root/usr/mine").write_text("x")


def test_an_instance_survives_a_newer_version_of_its_bundle(launch: Launcher) -> None:
    logger = launch("logger")
    folder = Path(launch.locations.data_root, "shipped/logger")
    (folder / "config.json").write_text("an older version's")
    other = launch("logger")
    logger.until(lambda: "line 3" in logger.output["stdout"])
    other.until(lambda: "line 1" in other.output["stdout"])
    begin = time.monotonic()
    for each in (logger, other):
        assert each.stop()[0] == 0
    assert time.monotonic() - begin < 2 * QUICK

"""`doctor`: each kind of disorder is found, mended, and then found no more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.cli.program import Cli, wait_until
from tests.schemas import check
from tuicontainer.locations import Locations
from tuicontainer.runtime.cgroups.open import open_cgroup

pytestmark = pytest.mark.kernel


def findings(cli: Cli, *words: str, status: int = 0) -> list[dict[str, Any]]:
    """Return what is found of ours; what the host lacks is another matter."""
    done = cli("doctor", "--format", "json", *words)
    assert done.returncode == status, done.stderr + done.stdout
    found = check("doctor", json.loads(done.stdout))
    return [entry for entry in found if entry["kind"] != "host"]


def found_and_mended(cli: Cli, kind: str, subject: str) -> None:
    """Expect one finding, mend it, and expect none."""
    found = {(entry["kind"], entry["subject"]): entry for entry in findings(cli, status=1)}
    group = ("cgroup-leftover", locations(cli).engine_cgroup)
    # Where systemd gave the spawner a scope, the scope went with it.
    assert set(found) - {group} == {(kind, subject)}
    assert group in found or os.path.isdir("/run/systemd/system"), (
        "the spawner that was killed had a group"
    )
    assert {entry["outcome"] for entry in findings(cli, "--fix")} == {"mended"}
    assert wait_until(lambda: not findings_now(cli), 10)


def findings_now(cli: Cli) -> str:
    lines = cli("doctor").stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("host", "nothing found")))


def locations(cli: Cli) -> Locations:
    return Locations(state_root=str(cli.root), data_root=str(cli.data_root))


def kill_helpers(cli: Cli) -> None:
    """Kill spawner and monitors at once, so that none can replace another."""
    helpers = cli.helpers()
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in helpers:
            os.kill(pid, number)
    assert wait_until(lambda: not cli.helpers(), 10)


def test_an_orderly_root_has_nothing(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "runs", cli.steady())
    cli.ok("run", "--name", "ended", cli.bundle("quick", "exit 0"))
    cli.ok("create", "--name", "waits", cli.steady("other"))
    assert findings(cli) == []


def test_a_container_without_a_monitor_gets_one_and_isnt_harmed(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    pid = cli.json("ps")[0]["pid"]
    kill_helpers(cli)
    Path(cli.root, "~engine", "spawner.sock").unlink()
    Path(cli.root, "x", "monitor.sock").unlink()
    found_and_mended(cli, "container-without-monitor", "x")
    assert cli.json("ps")[0]["pid"] == pid
    assert cli.ok("stop", "x") == "x\n"
    # Nobody of ours was its parent at the end: Linux before 6.15 tells nobody else.
    ended = cli.json("wait", "x")[0]
    assert (ended["status"], ended["reason"]) in ((0, "exited"), (None, "unknown"))


def test_an_unrecorded_end_is_recorded(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    pid = cli.json("ps")[0]["pid"]
    kill_helpers(cli)
    Path(cli.root, "~engine", "spawner.sock").unlink()
    Path(cli.root, "x", "monitor.sock").unlink()
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: cli.status("x") == "stopped", 10)
    found_and_mended(cli, "end-unrecorded", "x")
    assert cli.json("wait", "x")[0]["reason"] in ("unknown", "signaled")


def test_stale_sockets_go(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("quick", "exit 0"))
    assert wait_until(lambda: not cli.helpers(), 10)
    sockets = [Path(cli.root, "~engine", "spawner.sock"), Path(cli.root, "x", "monitor.sock")]
    for socket in sockets:
        socket.touch()
    assert {entry["subject"] for entry in findings(cli, status=1)} == set(map(str, sockets))
    assert {entry["outcome"] for entry in findings(cli, "--fix")} == {"mended"}
    assert not any(socket.exists() for socket in sockets)


def test_a_damaged_record_is_set_aside(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("quick", "echo precious"))
    assert wait_until(lambda: not cli.helpers(), 10)
    folder = Path(locations(cli).container_data_dir("x"))
    (folder / "record.json").write_text("{")
    (found,) = findings(cli, status=1)
    assert (found["kind"], found["subject"]) == ("record-damaged", "x")
    findings(cli, "--fix")
    (aside,) = (folder.parent.parent / "set-aside").iterdir()
    assert "precious" in (aside / "log").read_text()


def test_half_made_folders_go(cli: Cli) -> None:
    place = locations(cli)
    os.makedirs(place.container_data_dir("record"))
    os.makedirs(place.container_state_dir("state"))
    assert {(entry["kind"], entry["subject"]) for entry in findings(cli, status=1)} == {
        ("record-half-made", "record"),
        ("state-half-made", "state"),
    }
    findings(cli, "--fix")
    assert findings(cli) == []
    assert os.listdir(place.containers_dir) == []


def test_control_groups_without_a_container_go_with_what_is_in_them(cli: Cli) -> None:
    place = locations(cli)
    empty = open_cgroup(f"{place.cgroup_parent}/empty")
    full = open_cgroup(f"{place.cgroup_parent}/full")
    empty.create()
    full.create()
    sleeper = subprocess.Popen(["sleep", "600"])
    full.attach(sleeper.pid)
    found = {(entry["kind"], entry["subject"]) for entry in findings(cli, status=1)}
    assert found == {("cgroup-leftover", "empty"), ("process-leftover", "full")}
    findings(cli, "--fix")
    assert sleeper.wait(10) == -signal.SIGKILL
    assert not empty.exists()
    assert not full.exists()
    assert findings(cli) == []


def test_a_mount_in_our_folders_is_unmounted(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("quick", "exit 0"))
    target = locations(cli).container_state_dir("x")
    subprocess.run(["mount", "-t", "tmpfs", "none", f"{target}"], check=True)
    try:
        found = findings(cli, status=1)
        assert ("mount-leftover", target) in {(each["kind"], each["subject"]) for each in found}
        cli("doctor", "--fix")
        assert not os.path.ismount(target)
    finally:
        subprocess.run(["umount", "-q", target], check=False)


def test_the_host_is_named_and_no_fault(cli: Cli) -> None:
    done = cli("doctor", "--containers", "100000000")
    assert done.returncode == 0
    assert "host    host open files: the hard limit on open files is" in done.stdout


def test_read_only_mode_mends_nothing(cli: Cli) -> None:
    done = cli("doctor", "--fix", "--read-only")
    assert done.returncode == 1
    assert "read-only mode" in done.stderr

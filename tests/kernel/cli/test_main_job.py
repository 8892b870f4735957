"""The main job by words: run, look, kill, remove."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.kernel.cli.program import Cli, wait_until

pytestmark = pytest.mark.kernel

RUNC_LIST_KEYS = {
    "ociVersion", "id", "pid", "status", "bundle", "rootfs", "created", "annotations", "owner",
}  # fmt: skip


def test_run_prints_what_the_program_says_and_returns_its_status(cli: Cli) -> None:
    hello = cli.bundle("hello", "echo good morning; echo careful >&2; exit 3")
    done = cli("run", hello)
    assert (done.stdout, done.stderr, done.returncode) == ("good morning\n", "careful\n", 3)
    [row] = cli.json("ps", "-a")
    assert (row["id"], row["status"], row["exit"]["status"]) == ("hello-1", "stopped", 3)
    assert cli.ok("rm", "hello-1") == "hello-1\n"
    assert cli.json("ps", "-a") == []


def test_rm_takes_it_away_when_it_ends(cli: Cli) -> None:
    done = cli("run", "--rm", cli.bundle("hello", "echo once"))
    assert (done.stdout, done.returncode) == ("once\n", 0)
    assert wait_until(lambda: cli.json("ps", "-a") == [])


def test_from_detached_run_to_rm(cli: Cli) -> None:
    busy = cli.bundle("cpu", "while :; do :; done")
    assert cli.ok("run", "-d", busy) == "cpu-1\n"
    [row] = cli.json("ps")
    assert row.keys() >= RUNC_LIST_KEYS
    assert (row["status"], row["bundle"]) == ("running", str(cli.bundles / "cpu"))
    assert os.path.samefile(f"/proc/{row['pid']}/root/bin", cli.bundles / "cpu/rootfs/bin")
    assert "cpu-1" in cli.ok("ps")
    assert cli.ok("kill", "cpu-1") == "cpu-1\n"
    assert cli.ok("wait", "cpu-1") == "137\n"
    assert cli.json("ps") == []
    assert cli.ok("rm", "cpu-1") == "cpu-1\n"
    assert not os.path.exists(f"/proc/{row['pid']}")


def test_create_start_stop_restart(cli: Cli) -> None:
    steady = cli.steady()
    assert cli.ok("create", "--name", "x", steady) == "x\n"
    assert cli.status("x") == "created"
    assert cli.json("ps") == []
    assert cli.ok("start", "x") == "x\n"
    assert cli.status("x") == "running"
    assert cli.ok("stop", "-t", "20", "x") == "x\n"
    assert cli.ok("wait", "x") == "0\n"
    assert cli.ok("start", "x") == "x\n"
    assert cli.ok("restart", "-t", "20", "x") == "x\n"
    [row] = cli.json("ps")
    assert (row["status"], row["instance"]) == ("running", 3)


def test_stop_kills_what_doesnt_listen(cli: Cli) -> None:
    cli.ok(
        "run", "-d", "--name", "deaf", cli.bundle("deaf", "trap '' TERM; while :; do sleep 1; done")
    )
    assert cli.ok("stop", "-t", "0.2", "deaf") == "deaf\n"
    assert cli.json("wait", "deaf")[0]["status"] == 137


def test_pause_and_resume(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    assert cli.ok("pause", "x") == "x\n"
    assert cli.status("x") == "paused"
    assert json.loads(cli.ok("state", "x"))["status"] == "running"
    assert cli.ok("resume", "x") == "x\n"
    assert cli.status("x") == "running"


def test_state_is_the_oci_document_and_nothing_more(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.bundle("b", "sleep 60", annotations={"a": "b"}))
    document = json.loads(cli.ok("state", "x"))
    assert document.keys() == {"ociVersion", "id", "status", "pid", "bundle", "annotations"}
    assert (document["id"], document["status"]) == ("x", "running")
    assert document["annotations"] == {"a": "b"}
    assert document["pid"] > 0


def test_inspect_tells_everything(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    [document] = cli.json("inspect", "x")
    assert document["id"] == "x"
    assert document["state"]["status"] == "running"
    assert document["config"]["process"]["args"][:2] == ["/bin/sh", "-c"]


def test_several_ids_and_unique_prefixes(cli: Cli) -> None:
    steady = cli.steady()
    for name in ("one", "other", "two"):
        cli.ok("run", "-d", "--name", name, steady)
    done = cli("kill", "tw", "o", "nobody", "one")
    assert done.returncode == 1
    assert done.stdout == "two\none\n"
    ambiguous, missing = done.stderr.splitlines()
    assert "`one`" in ambiguous
    assert "`other`" in ambiguous
    assert "no container matches `nobody`" in missing
    assert cli.ok("wait", "one", "two") == "137\n137\n"
    assert cli.json("kill", "-s", "TERM", "other") == [{"id": "other"}]


def test_ids_are_generated_one_after_the_other(cli: Cli) -> None:
    steady = cli.steady()
    assert [cli.ok("run", "-d", steady) for _ in range(2)] == ["steady-1\n", "steady-2\n"]
    assert cli.ok("ps", "-q") == "steady-1\nsteady-2\n"


def test_a_signal_reaches_the_program_by_name_and_by_number(cli: Cli) -> None:
    script = "trap 'echo usr1; exit 7' USR1; echo ready; while :; do sleep 0.05; done"
    name = cli.bundle("b", script)
    for signal_word in ("USR1", str(int(signal.SIGUSR1))):
        cli.ok("run", "-d", "--name", "x", name)
        assert wait_until(lambda: "ready" in cli.ok("logs", "x"))
        cli.ok("kill", "-s", signal_word, "x")
        assert cli.ok("wait", "x") == "7\n"
        cli.ok("rm", "x")


def test_options_of_run_reach_the_program(cli: Cli) -> None:
    name = cli.bundle("b", "false")
    out = cli.ok(
        "run", "--rm", "-e", "COLOUR=blue", "-eHOME", "-w", "/tmp", "-u", "7:8", name,
        "/bin/sh", "-c", "echo $COLOUR $HOME; pwd; id -u; id -g",
    )  # fmt: skip
    assert out == f"blue {cli.environment['HOME']}\n/tmp\n7\n8\n"


def test_limits_of_run_reach_the_kernel(cli: Cli) -> None:
    cli.ok(
        "run", "-d", "--name", "x", "-m", "64m", "--cpus", "0.5", "--pids-limit", "20", cli.steady()
    )
    [tick] = cli.json_lines("stats", "--no-stream", "x")
    [entry] = tick["containers"]
    assert entry["memory"]["limit"] == 64 << 20
    assert entry["cpu_limit_cores"] == 0.5
    assert entry["pids"]["limit"] == 20


def test_info_is_about_these_roots(cli: Cli) -> None:
    facts = cli.json("info")
    assert facts["state_root"] == str(cli.root)
    assert facts["bundle_roots"] == [str(cli.bundles)]
    assert facts["root"] is True
    assert f"state root:    {cli.root}\n" in cli.ok("info")


def test_flags_win_over_the_environment(cli: Cli) -> None:
    elsewhere = cli.root.parent / "elsewhere"
    cli.ok("run", "-d", "--name", "x", cli.steady())
    assert cli.json("ps", "--root", str(elsewhere), "-a") == []
    assert len(cli.json("ps", "-a")) == 1

"""`logs`, `events` and `stats`: past and present, for people and as JSON lines."""

from __future__ import annotations

import json
import subprocess
import time
from itertools import pairwise

import pytest

from tests.kernel.cli.program import Cli, wait_until
from tests.schemas import check

pytestmark = pytest.mark.kernel


def lines_of(program: subprocess.Popen[bytes], count: int) -> list[str]:
    assert program.stdout is not None
    return [program.stdout.readline().decode() for _ in range(count)]


def test_logs_keep_the_streams_apart(cli: Cli) -> None:
    cli("run", "--name", "x", cli.bundle("b", "echo one; echo two >&2; printf three"))
    done = cli("logs", "x")
    assert (done.stdout, done.stderr) == ("one\nthree\n", "two\n")


def test_logs_as_json_lines(cli: Cli) -> None:
    cli("run", "--name", "x", cli.bundle("b", "echo one; sleep 0.1; echo two >&2"))
    documents = cli.json_lines("logs", "x")
    assert [(entry["stream"], entry["text"]) for entry in documents] == [
        ("stdout", "one"),
        ("stderr", "two"),
    ]
    assert all(entry["id"] == "x" and entry["instance"] == 1 for entry in documents)
    assert documents[0]["time"] < documents[1]["time"]


def test_tail_since_and_timestamps(cli: Cli) -> None:
    cli("run", "--name", "x", cli.bundle("b", "seq 1 100"))
    assert cli.ok("logs", "-n", "3", "x") == "98\n99\n100\n"
    assert cli.ok("logs", "--tail", "0", "x") == ""
    assert cli.ok("logs", "--since", "2001-01-01T00:00:00Z", "-n", "1", "x") == "100\n"
    assert cli.ok("logs", "--since", "2999-01-01T00:00:00Z", "x") == ""
    stamp, _, text = cli.ok("logs", "-t", "-n", "1", "x").partition(" ")
    assert stamp.endswith("Z")
    assert text == "100\n"


def test_following_survives_a_restart_and_ends_with_the_container(cli: Cli) -> None:
    script = "trap 'exit 0' TERM; echo begin; while :; do sleep 0.05; done"
    cli.ok("run", "-d", "--name", "x", cli.bundle("b", script))
    follower = cli.popen("logs", "-f", "x")
    assert lines_of(follower, 1) == ["begin\n"]
    cli.ok("restart", "-t", "20", "x")
    assert lines_of(follower, 1) == ["begin\n"]
    cli.ok("rm", "-f", "x")
    out, _ = follower.communicate(timeout=20)
    assert (out, follower.returncode) == (b"", 0)


def test_following_is_prompt(cli: Cli) -> None:
    script = "until [ -e /dev/shm/go ]; do sleep 0.02; done; echo now; sleep 60"
    cli.ok("run", "-d", "--name", "x", cli.bundle("b", script))
    follower = cli.popen("logs", "-f", "x")
    cli.ok("exec", "x", "touch", "/dev/shm/go")
    begin = time.monotonic()
    assert lines_of(follower, 1) == ["now\n"]
    assert time.monotonic() - begin < 1
    follower.kill()
    follower.communicate()


@pytest.mark.parametrize("verb", ["logs", "events", "stats"])
def test_an_interrupted_stream_ends_quietly(cli: Cli, verb: str) -> None:
    script = "while :; do echo line; sleep 0.05; done"
    cli.ok("run", "-d", "--name", "x", cli.bundle("b", script))
    words = {"logs": ["-f", "x"], "events": ["--since", "1h"], "stats": []}[verb]
    program = cli.popen(verb, *words)
    lines_of(program, 1)
    program.send_signal(2)
    _, err = program.communicate(timeout=20)
    assert (program.returncode, err) == (130, b"")


def test_a_closed_pipe_ends_a_stream_quietly(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.bundle("b", "while :; do echo line; done"))
    program = cli.popen("logs", "-f", "x")
    lines_of(program, 1)
    assert program.stdout is not None
    program.stdout.close()
    assert program.wait(timeout=20) == 141
    assert program.stderr is not None
    assert program.stderr.read() == b""
    program.stderr.close()
    assert program.stdin is not None
    program.stdin.close()


def test_events_tell_a_containers_life(cli: Cli) -> None:
    watcher = cli.popen("events", "--format", "json", "--since", "1h")
    cli.ok("run", "-d", "--name", "x", cli.steady())
    cli.ok("pause", "x")
    cli.ok("resume", "x")
    cli.ok("kill", "x")
    cli.ok("wait", "x")
    cli.ok("rm", "x")
    wanted = ["created", "started", "paused", "resumed", "killed", "exited", "deleted"]
    seen: list[dict[str, object]] = []
    assert watcher.stdout is not None
    while not seen or seen[-1]["type"] != "deleted":
        seen.append(json.loads(watcher.stdout.readline()))
    watcher.kill()
    watcher.communicate()
    assert {entry["id"] for entry in seen} == {"x"}
    types = [entry["type"] for entry in seen]
    assert [entry for entry in types if entry in wanted] == wanted
    assert all(before["cursor"] < after["cursor"] for before, after in pairwise(seen))  # type: ignore[operator]
    past = cli.json_lines("events", "--no-follow", "x")
    assert past == seen
    assert " deleted x #1" in cli.ok("events", "--since", "1h", "--no-follow")


def test_stats_are_one_line_a_second_with_moving_numbers(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "cpu", "--cpus", "0.02", cli.bundle("b", "while :; do :; done"))
    begin = time.monotonic()
    program = cli.popen("stats", "--format", "json", "cpu")
    ticks = [check("stats", json.loads(line)) for line in lines_of(program, 4)]
    assert 2.5 < time.monotonic() - begin < 8
    program.kill()
    program.communicate()
    entries = [tick["containers"][0] for tick in ticks]
    assert all(entry["id"] == "cpu" for entry in entries)
    used = [entry["cpu"]["usage_ns"] for entry in entries]
    assert used == sorted(set(used))
    for entry in entries[1:]:
        # So little that even a starved machine gives more than is allowed.
        assert 0.5 < entry["cpu_percent_of_core"] < 6
        assert 25 < entry["cpu_percent_of_limit"] < 300
        assert entry["throttled_percent"] > 10
        assert entry["memory"]["usage"] > 0
        assert entry["pids"]["current"] == 1
    assert all(tick["host"]["memory_total"] > 0 for tick in ticks)


def test_stats_for_people(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "one", cli.steady())
    cli.ok("run", "-d", "--name", "two", "steady")
    heading, *rows = cli.ok("stats", "--no-stream").splitlines()
    assert heading.startswith("ID ")
    assert [row.split()[0] for row in rows] == ["one", "two"]
    assert cli("stats", "nobody").returncode == 1


def test_a_killed_container_leaves_the_stats(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    program = cli.popen("stats", "--format", "json", "--interval", "0.2")
    assert [entry["id"] for entry in json.loads(lines_of(program, 1)[0])["containers"]] == ["x"]
    cli.ok("kill", "x")
    assert wait_until(lambda: json.loads(lines_of(program, 1)[0])["containers"] == [])
    program.kill()
    program.communicate()

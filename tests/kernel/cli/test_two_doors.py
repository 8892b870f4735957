"""Two command lines at once on one state root."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kernel.cli.program import Cli, wait_until

pytestmark = pytest.mark.kernel


def test_both_may_be_the_first(cli: Cli) -> None:
    steady = cli.steady()
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: cli("run", "-d", steady), range(4)))
    assert [entry.returncode for entry in done] == [0] * 4, [entry.stderr for entry in done]
    assert sorted(entry.stdout for entry in done) == [f"steady-{n}\n" for n in range(1, 5)]
    assert len(cli.json("ps")) == 4


def test_one_id_is_given_once(cli: Cli) -> None:
    steady = cli.steady()
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: cli("run", "-d", "--name", "x", steady), range(4)))
    assert sorted(entry.returncode for entry in done) == [0, 125, 125, 125]
    assert [row["id"] for row in cli.json("ps", "-a")] == ["x"]
    assert cli.status("x") == "running"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("kill",), ("rm", "-f")),
        (("stop", "-t", "5"), ("kill",)),
        (("pause",), ("kill",)),
        (("restart", "-t", "5"), ("rm", "-f")),
        (("rm", "-f"), ("rm", "-f")),
    ],
)
def test_what_one_does_the_other_survives(
    cli: Cli, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    together = threading.Barrier(2)

    def act(words: tuple[str, ...]) -> tuple[int, str]:
        together.wait()
        done = cli(*words, "x")
        return done.returncode, done.stderr

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(act, (one, other)))
    assert any(status == 0 for status, _ in results), results
    for _, err in results:
        assert "Traceback" not in err
        assert err.count("\n") <= 1
    if cli.status("x") != "gone":
        assert cli.ok("rm", "-f", "x") == "x\n"


def test_a_waiter_sees_what_another_door_did(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    waiter = cli.popen("wait", "x")
    assert not wait_until(lambda: waiter.poll() is not None, 0.5)
    cli.ok("stop", "-t", "20", "x")
    out, _ = waiter.communicate(timeout=20)
    assert (out, waiter.returncode) == (b"0\n", 0)


def test_a_container_from_elsewhere_is_listed_within_a_second(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    watcher = cli.popen("stats", "--format", "json", "--interval", "0.1")
    assert watcher.stdout is not None
    assert b'"x"' in watcher.stdout.readline()
    cli.ok("run", "-d", "--name", "fresh", "steady")
    assert wait_until(lambda: b'"fresh"' in watcher.stdout.readline(), 2)  # type: ignore[union-attr]
    watcher.kill()
    watcher.communicate()

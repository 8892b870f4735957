"""`events`: windows, cursors and filters over one journal."""

from __future__ import annotations

import subprocess
import time

import pytest

from tests.kernel.cli.program import Cli, wait_until
from tests.screen import Screen

pytestmark = pytest.mark.kernel


@pytest.fixture
def lived(cli: Cli) -> Cli:
    """Two containers have come and ended."""
    quick = cli.bundle("quick", "exit 0")
    for name in ("one", "two"):
        cli.ok("run", "--name", name, quick)
    # Announced once they are on disk.
    assert wait_until(lambda: len(cli.json_lines("events", "--no-follow")) == 6, 10)
    return cli


def kinds(cli: Cli, *words: str) -> list[str]:
    lines = cli.json_lines("events", "--no-follow", *words)
    return [f"{event['type']} {event['id']}" for event in lines]


def test_filters(lived: Cli) -> None:
    assert kinds(lived, "-F", "type=exited") == ["exited one", "exited two"]
    assert kinds(lived, "-F", "type=created", "-F", "type=started", "two") == [
        "created two", "started two"
    ]  # fmt: skip
    assert kinds(lived, "-F", "container=one", "-F", "type=exited") == ["exited one"]
    done = lived("events", "--no-follow", "-F", "colour=red")
    assert done.returncode == 2
    assert "isn't a filter" in done.stderr


def test_a_cursor_goes_on_where_it_stopped(lived: Cli) -> None:
    events = lived.json_lines("events", "--no-follow")
    assert (
        lived.json_lines("events", "--no-follow", "--after", str(events[2]["cursor"])) == events[3:]
    )
    assert lived.json_lines("events", "--no-follow", "--after", str(events[-1]["cursor"])) == []


def test_windows(lived: Cli) -> None:
    events = lived.json_lines("events", "--no-follow")
    middle = events[3]["time"]
    assert lived.json_lines("events", "--until", middle) == events[:3]
    assert lived.json_lines("events", "--no-follow", "--since", middle) == events[3:]


def test_it_leaves_at_a_moment_to_come(cli: Cli) -> None:
    cli.bundle("quick", "exit 0")
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
    watching = cli.popen("events", "--until", end, "-F", "type=exited", stderr=subprocess.STDOUT)
    cli.ok("run", "--name", "x", "quick")
    said, _ = watching.communicate(timeout=20)
    assert watching.returncode == 0
    assert b" exited x #1" in said


def test_prune_asks_and_takes_what_has_ended(lived: Cli) -> None:
    lived.ok("run", "-d", "--name", "runs", lived.steady())
    done = lived("prune")
    assert done.returncode == 1
    assert "no terminal" in done.stderr
    screen = Screen(lived.command("prune"), lived.environment)
    try:
        screen.expect(b"remove one, two, with their records and logs? [y/N] ")
        screen.type(b"n\r")
        assert screen.end() == 1
    finally:
        screen.close()
    assert lived.json("prune", "--force", "--until", "1h") == []
    assert lived.ok("prune", "-f") == "one\ntwo\n"
    assert [row["id"] for row in lived.json("ps", "-a")] == ["runs"]


def test_spec_writes_what_runs(cli: Cli) -> None:
    folder = cli.bundles / "b"
    cli.bundle("b", "exit 0")
    done = cli("spec", str(folder))
    assert done.returncode == 1
    assert "`--force` writes over it" in done.stderr
    cli.ok("spec", "--force", str(folder))
    assert cli.ok("spec", "-") == (folder / "config.json").read_text()
    assert cli.ok("run", "--rm", "b", "echo", "it runs") == "it runs\n"

"""Unusual callers: without root, without standard streams, with hostile names."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli
from tests.nobody import NOBODY, needs_open_checkout

pytestmark = pytest.mark.kernel


def as_nobody(cli: Cli, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    needs_open_checkout()
    return subprocess.run(
        cli.command(*words),
        env={"PATH": "/usr/bin:/bin", **environment},
        user=NOBODY,
        group=NOBODY,
        extra_groups=(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder of somebody else, below folders that everybody may enter."""
    folder = tmp_path_factory.mktemp("home")
    place = folder
    while place != Path("/tmp") and place != place.parent:
        place.chmod(place.stat().st_mode | 0o111)
        place = place.parent
    os.chown(folder, NOBODY, NOBODY)
    return folder


def test_without_root_looking_works(cli: Cli, home: Path) -> None:
    done = as_nobody(cli, "ps", "-a", "--format", "json", HOME=str(home))
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
    facts = as_nobody(cli, "info", "--format", "json", HOME=str(home))
    assert json.loads(facts.stdout)["root"] is False
    assert as_nobody(cli, "--help", HOME=str(home)).returncode == 0
    assert os.listdir(home) == []


@pytest.mark.parametrize("verb", ["run", "kill", "exec", "rm"])
def test_without_root_acting_says_what_works(cli: Cli, home: Path, verb: str) -> None:
    done = as_nobody(cli, verb, "x", "y", HOME=str(home))
    assert done.returncode == (125 if verb in ("run", "exec") else 1)
    assert "needs root" in done.stderr
    assert "ps, logs" in done.stderr


def test_without_root_what_is_roots_stays_closed(cli: Cli, home: Path) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    done = as_nobody(
        cli, "ps", "--root", str(cli.root), "--data-root", str(cli.data_root), HOME=str(home)
    )
    assert done.returncode == 1
    assert "permission denied" in done.stderr
    assert "use sudo" in done.stderr
    assert done.stderr.count("\n") == 1


def test_closed_standard_streams_do_no_harm(cli: Cli) -> None:
    cli.bundle("b", "echo out; cat; exit 3")
    line = shlex.join(cli.command("run", "--name", "x", "-i", "b"))
    done = subprocess.run(
        ["sh", "-c", f"{line} <&- >&- 2>&-"], env=cli.environment, timeout=40, check=False
    )
    assert done.returncode == 3
    assert cli.ok("logs", "x") == "out\n"


def test_escape_sequences_of_a_bundle_dont_reach_the_terminal(cli: Cli) -> None:
    cli.raw_bundle("b", "/bin/echo", "\x1b[2J\x07")
    cli.ok("create", "--name", "x", "b")
    assert "\x1b" not in cli.ok("ps", "-a")
    assert cli.json("ps", "-a")[0]["args"] == ["/bin/echo", "\x1b[2J\x07"]

"""What the quick verbs import on their whole way, on real containers."""

from __future__ import annotations

import subprocess

import pytest

from tests.kernel.cli.program import Cli
from tests.unit.test_doors import SLOW, imported

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--rm", "hello"),
        ("run", "-d", "steady"),
        ("ps", "-a"),
        ("ps", "--format", "json"),
        ("exec", "x", "true"),
        ("logs", "x"),
        ("kill", "x"),
        ("rm", "-f", "x"),
    ],
    ids=" ".join,
)
def test_no_slow_module_is_loaded(cli: Cli, words: tuple[str, ...]) -> None:
    cli.bundle("hello", "echo hello")
    cli.ok("run", "-d", "--name", "x", cli.steady())
    command = cli.command(*words)
    done = subprocess.run(
        [command[0], "-X", "importtime", *command[1:]],
        env=cli.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    loaded = imported(done.stderr)
    assert "tuicontainer.cli.main" in loaded
    assert loaded & SLOW == set()

"""`inspect --timeline`: how long making and starting a container took, and its hooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli

pytestmark = pytest.mark.kernel


def test_tables_of_steps_with_hooks_beneath(cli: Cli, tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.write_text("#!/bin/sh\nsleep 0.1; echo almost there >&2\n")
    hook.chmod(0o755)
    cli.bundle("b", "exit 0", hooks={"createRuntime": [{"path": str(hook)}]})
    cli.ok("run", "--name", "x", "b")
    lines = cli.ok("inspect", "--timeline", "x").splitlines()
    assert lines[0] == "x"
    (row,) = (line.split() for line in lines if line.endswith("createRuntime hooks"))
    assert row[1] == "ms"
    assert float(row[2]) >= 100
    (place,) = (place for place, line in enumerate(lines) if f"`{hook}`: exit status 0" in line)
    assert lines[place + 1] == "  almost there"
    assert lines[-1].endswith("  exec")
    (document,) = cli.json("inspect", "x")
    assert [each["operation"] for each in document["timeline"]] == ["create", "start"]


def test_as_json_it_is_refused_by_name(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("b", "exit 0"))
    done = cli("inspect", "--timeline", "--format", "json", "x")
    assert done.returncode == 1
    assert "`--timeline` prints tables, no JSON" in done.stderr
    assert "under `timeline`" in done.stderr


def test_one_that_is_unknown_spoils_no_others(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("b", "exit 0"))
    done = cli("inspect", "--timeline", "nobody", "x")
    assert done.returncode == 1
    assert "nobody" in done.stderr
    assert "create instance 1" in done.stdout

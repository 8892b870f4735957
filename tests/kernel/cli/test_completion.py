"""Completion of containers' ids: those in the states that the verb can do something to."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli
from tuicontainer.cli.completion.scripts import script
from tuicontainer.cli.launcher import write_launchers

pytestmark = pytest.mark.kernel


def offered(cli: Cli, folder: Path, *words: str) -> list[str]:
    """Ask bash what it offers for the last of *words*."""
    (folder / "script").write_text(script("bash"))
    write_launchers(str(folder))
    program = f"""
        source {folder}/script
        COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}
        _{words[0].replace("-", "_")} {words[0]}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", program],
        env={**cli.environment, "PATH": f"{folder}:/usr/bin:/bin"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return sorted(done.stdout.split())


def test_ids_fit_the_verb(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("commands")
    bundle = cli.steady()
    cli.ok("create", "--name", "made", bundle)
    for name in ("ended", "frozen", "running"):
        cli.ok("run", "-d", "--name", name, bundle)
    cli.ok("stop", "ended")
    cli.ok("pause", "frozen")
    expected = {
        "start": ["ended", "made"],
        "kill": ["frozen", "made", "running"],
        "pause": ["running"],
        "resume": ["frozen"],
        "exec": ["running"],
        "rm": ["ended", "made"],
        "logs": ["ended", "frozen", "made", "running"],
    }
    assert {verb: offered(cli, folder, "tuicontainer", verb, "") for verb in expected} == expected
    assert offered(cli, folder, "tuicontainer", "rm", "-f", "r") == ["running"]
    elsewhere = ("tuicontainer", "--root", f"{folder}/nowhere", "logs", "")
    assert offered(cli, folder, *elsewhere) == []
    drop_in = ("tuicontainer-runtime", "--root", str(cli.root), "resume", "")
    assert offered(cli, folder, *drop_in) == ["frozen"]
    assert cli.json("ps", "--status", "paused")[0]["id"] == "frozen"

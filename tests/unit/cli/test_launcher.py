"""The two commands as scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tuicontainer import __version__
from tuicontainer.cli.launcher import DOORS, import_paths, launcher_text, write_launchers


def run(path: Path | str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [path, *words], env=environment, capture_output=True, text=True, timeout=30, check=False
    )


def test_both_commands_are_written_and_run(tmp_path: Path) -> None:
    written = write_launchers(str(tmp_path))
    assert sorted(os.path.basename(path) for path in written) == sorted(DOORS)
    assert sorted(os.listdir(tmp_path)) == sorted(DOORS)
    done = run(tmp_path / "tuicontainer", "--version")
    assert (done.stdout, done.stderr) == (f"tuicontainer {__version__}\n", "")


def test_the_callers_environment_and_folder_dont_get_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_launchers(str(tmp_path))
    (tmp_path / "json.py").write_text("raise SystemExit('not this one')")
    (tmp_path / "tuicontainer.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    done = run(tmp_path / "tuicontainer", "--version", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("folder", ["with space", "with 'quote", "l" * 120])
def test_an_interpreter_that_no_first_line_can_name(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    place.mkdir()
    interpreter = place / "python"
    interpreter.symlink_to(shutil.which(sys.executable) or sys.executable)
    script = tmp_path / "tuicontainer"
    script.write_text(
        launcher_text(
            "tuicontainer.cli.main", interpreter=str(interpreter), paths=import_paths()
        ).replace("leave(main())", "print(sys.argv[1:])")
    )
    script.chmod(0o755)
    done = run(script, "a b", "'c'")
    assert done.stdout == "['a b', \"'c'\"]\n", done.stderr

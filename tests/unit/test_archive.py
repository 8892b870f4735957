"""The archive that the launchers import from: used where it fits, and never where it doesn't."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tuicontainer
from tuicontainer.archive import archive_path

MODULE = "tuicontainer.cli.oci.main"
PROBE = f"""
import sys
sys.path.insert(0, sys.argv[1])
from tuicontainer.archive import use_archive
use_archive(sys.argv[1] + "/tuicontainer", {MODULE!r})
import {MODULE} as door
import tuicontainer.cli.oci.state
import tuicontainer.cli.oci.flags as flags
from importlib.machinery import SourceFileLoader
print(isinstance(door.__loader__, SourceFileLoader), isinstance(flags.__loader__, SourceFileLoader))
print(door.PROGRAM, door.__file__, door.__package__, flags is sys.modules[flags.__name__])
print(sorted(name for name in sys.modules if name.startswith("tuicontainer.")))
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the package's sources and their archive."""
    folder = tmp_path_factory.mktemp("archive")
    source = os.path.dirname(tuicontainer.__file__)
    shutil.copytree(
        source, folder / "tuicontainer", ignore=shutil.ignore_patterns("__pycache__", "tui")
    )
    program = folder / "tuicontainer/cli/archiving.py"
    done = subprocess.run(
        [sys.executable, "-IS", program, folder], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == archive_path(f"{folder}/tuicontainer")
    return folder


@pytest.fixture
def checkout(original: Path, tmp_path: Path) -> Path:
    """Return a copy of it, of the same age."""
    return Path(shutil.copytree(original, tmp_path / "checkout"))


def probe(checkout: Path) -> list[str]:
    """Import a door and a verb of it; return what the probe says."""
    command = [sys.executable, "-IS", "-c", PROBE, checkout]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_group_comes_from_the_archive_as_it_would_come_from_its_sources(checkout: Path) -> None:
    archived = probe(checkout)
    os.unlink(archive_path(f"{checkout}/tuicontainer"))
    ordinary = probe(checkout)
    assert (archived[0], ordinary[0]) == ("False False", "True True")
    assert archived[1:] == ordinary[1:]


def test_a_changed_source_is_imported_itself(checkout: Path) -> None:
    source = checkout / "tuicontainer/cli/oci/main.py"
    text = source.read_text()
    source.write_text(text.replace('PROGRAM = "tuicontainer-runtime"', 'PROGRAM = "changed"'))
    told = probe(checkout)
    assert told[0] == "True True"
    assert told[1].startswith("changed ")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"another interpreter".ljust(256, b"\0") + content[256:],
        lambda content: content[:300],
        lambda content: content[:0],
    ],
    ids=["of another interpreter", "cut short", "empty"],
)
def test_an_archive_that_doesnt_fit_is_left_alone(checkout: Path, damage: object) -> None:
    path = Path(archive_path(f"{checkout}/tuicontainer"))
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert probe(checkout)[0] == "True True"

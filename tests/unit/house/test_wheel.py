"""What people install: one wheel with both commands, the bundles and the themes in it."""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.unit.house.checkout import CHECKOUT, python_files

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLES = ("cpu", "hello", "hooks", "logger", "memory", "shell", "user", "web")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Build with this environment's own hatchling, so without network."""
    folder = str(tmp_path_factory.mktemp("wheel"))
    build = [sys.executable, "-B", "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", folder], cwd=CHECKOUT, check=True, capture_output=True)
    (name,) = os.listdir(folder)
    with zipfile.ZipFile(os.path.join(folder, name)) as opened:
        yield opened


def test_every_module_is_in_it_and_no_test(wheel: zipfile.ZipFile) -> None:
    packed = {name for name in wheel.namelist() if name.endswith(".py")}
    shipped = {name for name in packed if name.startswith("tuicontainer/shipped/")}
    assert packed - shipped == set(python_files("tuicontainer"))
    assert "tuicontainer/py.typed" in wheel.namelist()


def test_both_commands_are_in_it(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    parser = configparser.ConfigParser()
    parser.read_string(wheel.read(entry_points).decode())
    assert set(parser["console_scripts"]) == {"tuicontainer", "tuicontainer-runtime"}


@pytest.mark.parametrize("name", BUNDLES)
def test_a_shipped_bundle_is_a_config_that_says_what_it_does(
    wheel: zipfile.ZipFile, name: str
) -> None:
    config = json.loads(wheel.read(f"tuicontainer/shipped/bundles/{name}/config.json"))
    assert config["annotations"]["io.tuicontainer.description"]


def test_no_bundle_carries_a_root_filesystem(wheel: zipfile.ZipFile) -> None:
    """Wheels keep neither symlinks nor empty folders: a root is assembled on first use."""
    shipped = [name for name in wheel.namelist() if "/shipped/bundles/" in name]
    assert shipped
    assert not [name for name in shipped if "/rootfs/" in name]


def test_our_themes_are_in_it(wheel: zipfile.ZipFile) -> None:
    themes = {
        os.path.relpath(os.path.join(folder, name), os.path.join(CHECKOUT, "themes"))
        for folder, _, names in os.walk(os.path.join(CHECKOUT, "themes"))
        for name in names
    }
    start = "tuicontainer/shipped/themes/"
    assert themes == {
        name.removeprefix(start) for name in wheel.namelist() if name.startswith(start)
    }
    assert len(themes) >= 2

"""The targets that people and scripts rely on, and the pins that setup installs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib

import pytest

from tests.unit.house.checkout import CHECKOUT, read

TARGETS = (
    "setup", "run", "test", "test-fast", "test-vm", "bench", "fuzz", "differences", "lint",
    "screenshots", "man", "install", "uninstall", "help",
)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_exists_and_help_says_what_it_does(target: str) -> None:
    makefile = read("Makefile")
    assert re.search(rf"^{target}: +## \S", makefile, re.MULTILINE)
    assert target in re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert re.search(rf"^  make {target} +\S", shown, re.MULTILINE)


def test_every_script_that_make_calls_can_be_run() -> None:
    called = set(re.findall(r"\.make/[a-z-]+", read("Makefile")))
    assert called
    for script in called:
        assert os.access(os.path.join(CHECKOUT, script), os.X_OK), script


def test_every_requirement_is_pinned_without_hosts_or_hashes() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    groups = project["dependency-groups"]
    wanted = [
        *project["build-system"]["requires"], *project["project"]["dependencies"],
        *groups["test"], *groups["static"],
    ]  # fmt: skip
    pins = [line for line in read(".make/constraints.txt").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in pins)
    pinned = {re.sub(r"[._]", "-", line.split("==")[0].lower()) for line in pins}
    names = {re.split(r"[=<>!~\[ ]", line)[0].lower() for line in wanted}
    assert not names - pinned


def test_imports_keep_the_architecture() -> None:
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "lint-imports"), "--no-cache"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout

"""The last line of `make test` must be true: count.py over reports of every outcome."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.unit.house.checkout import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

REPORT = """<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="no"/></testcase>
<testcase classname="a" name="breaks"><error message="no"/></testcase>
<testcase classname="a" name="waits"><skipped message="needs tmux"/></testcase>
</testsuite></testsuites>"""
GREEN = '<testsuites><testsuite><testcase classname="a" name="b"/></testsuite></testsuites>'


def count(folder: Path) -> tuple[int, list[str]]:
    """Run the script as make does; return its exit status and its lines."""
    done = subprocess.run(
        [sys.executable, os.path.join(CHECKOUT, ".make/count.py"), str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


def test_every_outcome_is_counted_and_named(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(REPORT)
    (tmp_path / "unit.status").write_text("1")
    (tmp_path / "guest.xml").write_text(GREEN)
    status, lines = count(tmp_path)
    assert status == 1
    assert lines[-1] == "2 passed, 2 failed, 1 skipped"
    assert any(line.startswith("skipped") and line.endswith("unit: needs tmux") for line in lines)
    assert any(line.startswith("failed") and line.endswith("unit: a::fails") for line in lines)


def test_a_pytest_that_crashed_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(GREEN)
    (tmp_path / "unit.status").write_text("0")
    (tmp_path / "kernel.status").write_text("3")
    status, lines = count(tmp_path)
    assert status == 1
    assert lines[-1] == "1 passed, 1 failed, 0 skipped"


def test_a_tier_without_tests_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(GREEN)
    (tmp_path / "peers.status").write_text("5")
    assert count(tmp_path) == (0, ["", "1 passed, 0 failed, 0 skipped"])


def test_nothing_run_is_no_success(tmp_path: Path) -> None:
    status, lines = count(tmp_path)
    assert status == 1
    assert lines[-1] == "0 passed, 0 failed, 0 skipped"


def test_a_second_try_counts_once_and_is_named(tmp_path: Path) -> None:
    once, twice = '<testcase classname="a" name="b"/>', '<testcase classname="a" name="slow"/>'
    (tmp_path / "kernel.xml").write_text(
        f"<testsuites><testsuite>{twice}{twice}{once}</testsuite></testsuites>"
    )
    status, lines = count(tmp_path)
    assert status == 0
    assert lines[-2:] == ["second try    kernel: a::slow", "2 passed, 0 failed, 0 skipped"]

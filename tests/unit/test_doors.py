"""What each door imports, seen by a fresh interpreter.

Static import graphs can't see late imports, so the doors are opened for real. The quick verbs do
here what they can without root; tests/kernel/cli/test_quick_verbs.py lets them go all the way.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

SLOW = frozenset(
    {"asyncio", "textual", "rich", "argparse", "dataclasses", "typing", "pathlib", "subprocess",
     "logging", "tempfile", "shutil", "watchfiles", "psutil", "threading", "concurrent.futures",
     "unittest", "inspect", "pyroute2", "tomllib"}
)  # fmt: skip
"""Modules that cost milliseconds or bring an event loop or threads."""


def imported(importtime: str) -> set[str]:
    """Return the modules that `-X importtime` reported."""
    return {
        line.rpartition("|")[2].strip()
        for line in importtime.splitlines()
        if line.startswith("import time:")
    }


def open_door(tmp_path: Path, code: str, *words: str) -> tuple[set[str], str]:
    """Run *code* in a fresh interpreter; return what it imported and what else it reported."""
    site = next(entry for entry in sys.path if entry.endswith("site-packages"))
    paths = [str(CHECKOUT), site]
    program = f"import sys; sys.path += {paths!r}; sys.argv = ['door', *sys.argv[1:]]\n{code}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", "-c", program, *words],
        env={
            "TUICONTAINER_ROOT": str(tmp_path / "state"),
            "TUICONTAINER_DATA_ROOT": str(tmp_path / "data"),
            "TUICONTAINER_BUNDLES": str(tmp_path / "bundles"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    return imported(done.stderr), "\n".join(said)


def verb(tmp_path: Path, *words: str) -> tuple[set[str], str]:
    return open_door(tmp_path, "from tuicontainer.cli.main import main\nmain()", *words)


@pytest.mark.parametrize(
    "words",
    [
        ("ps",),
        ("ps", "--format", "json"),
        ("kill", "x"),
        ("rm", "x"),
        ("logs", "x"),
        ("run", "no-such-bundle"),
        ("exec", "x", "true"),
        ("--help",),
        ("run", "--help"),
    ],
    ids=" ".join,
)
def test_quick_verbs_load_nothing_slow(tmp_path: Path, words: tuple[str, ...]) -> None:
    loaded, said = verb(tmp_path, *words)
    assert "Traceback" not in said
    assert "tuicontainer.cli.main" in loaded
    assert loaded & SLOW == set()
    assert not {name for name in loaded if name.startswith("tuicontainer.tui")}


def test_a_verb_loads_no_other_verb(tmp_path: Path) -> None:
    loaded, _ = verb(tmp_path, "ps")
    verbs = {name for name in loaded if name.startswith("tuicontainer.cli.verbs.")}
    assert verbs == {"tuicontainer.cli.verbs.ps"}


@pytest.mark.parametrize("module", ["tuicontainer.cli.relay", "tuicontainer.supervise.client"])
def test_what_run_and_exec_load_late_is_quick_too(tmp_path: Path, module: str) -> None:
    loaded, said = open_door(tmp_path, f"import {module}")
    assert said == ""
    assert loaded & SLOW == set()


def test_the_drop_in_runtime_knows_no_supervisor(tmp_path: Path) -> None:
    loaded, said = open_door(tmp_path, "from tuicontainer.cli.oci.main import main\nmain()", "list")
    assert "Traceback" not in said
    rooms = ("tuicontainer.supervise", "tuicontainer.engine", "tuicontainer.tui")
    assert not {name for name in loaded if name.startswith(rooms)}
    assert loaded & SLOW == set()


@pytest.mark.parametrize("module", ["spawner", "monitor", "exec_session", "preload"])
def test_spawner_and_monitor_have_no_event_loop(tmp_path: Path, module: str) -> None:
    loaded, said = open_door(tmp_path, f"import tuicontainer.supervise.{module}")
    assert said == ""
    assert loaded & SLOW == set()


def test_the_user_interfaces_package_waits_for_main(tmp_path: Path) -> None:
    loaded, said = open_door(tmp_path, "import tuicontainer.tui")
    assert said == ""
    assert not {name for name in loaded if name.split(".")[0] in ("textual", "rich", "asyncio")}


def test_the_engine_has_no_user_interface(tmp_path: Path) -> None:
    loaded, said = open_door(tmp_path, "from tuicontainer import open_engine")
    assert said == ""
    assert "asyncio" in loaded
    assert not {name for name in loaded if name.split(".")[0] in ("textual", "rich")}


def test_the_package_itself_loads_nothing(tmp_path: Path) -> None:
    loaded, _ = open_door(tmp_path, "import tuicontainer")
    assert {name for name in loaded if name.startswith("tuicontainer")} == {"tuicontainer"}

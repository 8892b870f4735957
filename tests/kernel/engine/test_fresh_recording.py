"""The committed recording still has the shape of what real containers say today."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.tui.record import FLEET, record
from tests.tui.record_hooks import HOOKED, run_scenario
from tuicontainer.engine.recording_reader import read_tape
from tuicontainer.engine.replay import ReplayEngine

pytestmark = [pytest.mark.kernel, pytest.mark.serial, pytest.mark.timeout(300)]

_NAMES = frozenset(("annotations", "containers", "document", "details"))
"""Objects whose keys are data, not the shape."""


def shape(value: Any, path: str = "") -> set[str]:
    """Return every path of a JSON value with the type at its end; null and 0 have every type."""
    if isinstance(value, dict):
        paths = set()
        for key, inside in value.items():
            name = "*" if path.rpartition(".")[2] in _NAMES else key
            paths |= shape(inside, f"{path}.{name}")
        return paths
    if isinstance(value, list):
        return {found for inside in value for found in shape(inside, f"{path}[]")}
    if value is None or value == 0:
        return set()
    return {f"{path}: {'number' if isinstance(value, int | float) else type(value).__name__}"}


def shapes(lines: Iterable[str]) -> dict[str, set[str]]:
    """Return the shape of each kind of entry."""
    found: dict[str, set[str]] = {}
    for line in lines:
        for kind, value in json.loads(line).items():
            found.setdefault(kind, set()).update(shape(value))
    return found


async def test_a_fresh_recording_has_the_shape_of_the_committed_one() -> None:
    file = io.StringIO()
    await record(file, breadth=0.1)
    fresh = file.getvalue().splitlines()
    kept = FLEET.read_text(encoding="utf-8").splitlines()
    now, then = shapes(fresh), shapes(kept)
    assert now.keys() == then.keys()
    for kind in ("info", "bundles", "containers", "state", "log"):
        assert now[kind] <= then[kind], f"`{kind}` says more today: record the fleet again"
    old, new = (ReplayEngine(read_tape(lines), moment="every state") for lines in (kept, fresh))
    assert new.moments.keys() == old.moments.keys()
    assert {view.id: view.status for view in await new.containers()} == {
        view.id: view.status for view in await old.containers()
    }
    assert {view.id: view.exit and (view.exit.status, view.exit.oom_killed)
            for view in await new.containers()} == {
        view.id: view.exit and (view.exit.status, view.exit.oom_killed)
        for view in await old.containers()
    }  # fmt: skip


async def test_a_fresh_recording_of_hooks_tells_what_the_committed_one_does() -> None:
    file = io.StringIO()
    await record(file, scenario=run_scenario)
    told = []
    for text in (file.getvalue(), HOOKED.read_text(encoding="utf-8")):
        engine = ReplayEngine(read_tape(text.splitlines()), moment="hooks")
        operations = await (await engine.container("gate-1")).timeline()
        told.append([
            (each.operation, each.instance,
             {step.step for step in each.steps if "cgroup" not in step.step},
             [(hook.name, hook.status, hook.stderr) for hook in each.hooks])
            for each in operations
        ])  # fmt: skip
    # How control groups are joined depends on their version.
    assert told[0] == told[1], "record the hooks again"

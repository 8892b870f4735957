"""Whatever is asked for is done or refused with an error that says why, and leaves no trace.

2,000 cases in the normal run; `make fuzz` does 100,000 (`FUZZ_CASES` says how many). Each goes
through the drop-in runtime's command line. A configuration that could reach something of the host
is decoded and planned, all others are really created and deleted; `exec` and `update` are done to
containers that run.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kernel.fuzz import documents
from tests.kernel.fuzz.ground import Ground
from tests.kernel.fuzz.harmless import is_harmless
from tuicontainer.bundles.load import decode_document
from tuicontainer.errors import Internal, TuiContainerError
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.process.namespaces import plan_namespaces
from tuicontainer.runtime.rootfs.plan import plan_rootfs

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOWNESS = int(os.environ.get("TUICONTAINER_TEST_SLOWNESS") or 1)
CASES = int(os.environ.get("FUZZ_CASES") or 2000 // SLOWNESS)
ENOUGH = 1000
"""So many cases tell whether they come far enough."""
pytestmark = [pytest.mark.kernel, pytest.mark.timeout(max(600, CASES // 4) * SLOWNESS)]


def share(percent: int) -> settings:
    """Return settings for a part of all cases."""
    return settings(
        max_examples=max(10, CASES * percent // 100),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground(tmp_path_factory.mktemp("fuzz")) as ground:
        yield ground


@pytest.fixture(scope="module")
def outcomes() -> Iterator[Counter[str]]:
    """Count what came of the cases; a fuzzer whose cases all fail early finds nothing."""
    counted: Counter[str] = Counter()
    yield counted
    print(dict(counted))


def note(outcomes: Counter[str], verb: str, answer: dict[str, Any]) -> None:
    outcomes[f"{verb}: {'refused' if 'refused' in answer else 'accepted'}"] += 1


@share(45)
@given(document=documents.configs())
def test_configurations(ground: Ground, outcomes: Counter[str], document: dict[str, Any]) -> None:
    if not is_harmless(document):
        outcomes["create: only planned"] += 1
        plan(document, str(ground.folder / "bundle"))
        return
    name = f"{ground.prefix}-c"
    words = ["create", "--bundle", str(ground.folder / "bundle")]
    if has_terminal(document.get("process")):
        words += ["--console-socket", str(ground.folder / "console")]
    files = {"bundle/config.json": json.dumps(document)}
    note(outcomes, "create", ground.do({"words": [*words, name], "files": files, "delete": name}))


def has_terminal(process: Any) -> bool:
    return isinstance(process, dict) and process.get("terminal") is True


def plan(document: Any, bundle: str) -> None:
    """Do what `create` does before it makes anything."""
    try:
        config = decode_document(bundle, json.loads(json.dumps(document)))
        plan_namespaces(config.linux)
        plan_rootfs(config, bundle=bundle, hierarchies=read_hierarchies(), cgroup_path="/x")
    except Internal:
        raise
    except TuiContainerError:
        return


@share(20)
@given(container_id=documents.ids(), verb=st.sampled_from(["create", "state", "kill", "delete"]))
def test_ids(ground: Ground, outcomes: Counter[str], container_id: str, verb: str) -> None:
    # The prefix tells the groups of these from others'; what comes behind can still climb.
    name = f"{ground.prefix}{container_id}" if verb == "create" else container_id
    words = ["create", "--bundle", str(ground.folder / "steady")] if verb == "create" else [verb]
    answer = ground.do({"words": [*words, "--", name], "delete": name})
    note(outcomes, f"id, {verb}", answer)


@share(15)
@given(process=documents.processes())
def test_exec_processes(ground: Ground, outcomes: Counter[str], process: Any) -> None:
    name = f"{ground.prefix}-exec"
    words = ["exec", "--detach", "--process", str(ground.folder / "process.json")]
    if has_terminal(process):
        words += ["--console-socket", str(ground.folder / "console")]
    files = {"process.json": json.dumps(process)}
    answer = ground.do({"words": [*words, name], "files": files, "container": name})
    note(outcomes, "exec", answer)


@share(5)
@given(flags=documents.flags("exec"))
def test_exec_flags(ground: Ground, outcomes: Counter[str], flags: list[str]) -> None:
    name = f"{ground.prefix}-exec"
    words = ["exec", "--detach", *flags, name, "/bin/true"]
    note(outcomes, "exec flags", ground.do({"words": words, "container": name}))


@share(10)
@given(resources=documents.resources())
def test_update_documents(ground: Ground, outcomes: Counter[str], resources: Any) -> None:
    name = f"{ground.prefix}-update"
    words = ["update", "--resources", str(ground.folder / "resources.json"), name]
    files = {"resources.json": json.dumps(resources)}
    answer = ground.do({"words": words, "files": files, "container": name})
    note(outcomes, "update", answer)


@share(5)
@given(flags=documents.flags("update"))
def test_update_flags(ground: Ground, outcomes: Counter[str], flags: list[str]) -> None:
    name = f"{ground.prefix}-update"
    answer = ground.do({"words": ["update", *flags, name], "container": name})
    note(outcomes, "update flags", answer)


@pytest.mark.skipif(CASES < ENOUGH, reason=f"FUZZ_CASES is below {ENOUGH}")
def test_the_cases_came_far_enough(outcomes: Counter[str]) -> None:
    """Of each verb some are accepted and some refused."""
    for verb in ("create", "exec", "update", "exec flags", "update flags", "id, create"):
        for outcome in ("accepted", "refused"):
            assert outcomes[f"{verb}: {outcome}"] > 0, (verb, outcome, outcomes)

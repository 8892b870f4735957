"""How long each step of making, starting and removing an instance took, as `inspect` tells it."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.supervise.ground import Ground, until
from tuicontainer.errors import TuiContainerError
from tuicontainer.supervise.inventory import inspect_container
from tuicontainer.supervise.journal import read_events
from tuicontainer.supervise.timelines import Operation, read_timeline

pytestmark = pytest.mark.kernel
SLOW_US = 150_000


@pytest.fixture
def hooks(tmp_path: Path) -> dict[str, Any]:
    """Hooks of the host: one that is slow, and one that fails."""
    scripts = {
        "slow": f"sleep {SLOW_US / 1e6}; echo late >&2",
        "failing": "echo no such luck >&2; exit 3",
        "dying": "kill -9 $$",
    }
    made = {}
    for name, script in scripts.items():
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        made[name] = {"path": str(path)}
    return made


def timeline(ground: Ground, container_id: str) -> list[Operation]:
    return list(read_timeline(ground.locations, container_id))


def test_the_steps_of_create_and_start_are_there_in_order(ground: Ground) -> None:
    view = ground.run()
    create, start = timeline(ground, view.id)
    assert (create.operation, create.instance, create.error) == ("create", 1, "")
    runtime = [step.step for step in create.steps if step.process == "runtime"]
    assert [step for step in runtime if step in ("plan", "cgroup", "namespaces", "limits")] == [
        "plan", "cgroup", "namespaces", "limits",
    ]  # fmt: skip
    inner = [step.step for step in create.steps if step.process == "init"]
    wanted = ["mount proc", "devices", "pivot", "protect", "credentials"]
    assert [step for step in inner if step in wanted] == wanted
    assert [step.step for step in start.steps] == ["state", "exec"]
    shown = inspect_container(ground.locations, view.id)["timeline"]
    assert [Operation.from_document(each) for each in shown] == [create, start]


def test_a_system_call_filter_is_a_step_of_its_own(ground: Ground) -> None:
    namespaces = [{"type": name} for name in ("pid", "mount", "ipc", "uts", "network")]
    seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
               "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}  # fmt: skip
    view = ground.run(changes={"linux": {"namespaces": namespaces, "seccomp": seccomp}})
    assert "seccomp filter" in [step.step for step in timeline(ground, view.id)[0].steps]
    # Translated filters stay for the next container.
    shutil.rmtree(Path(ground.locations.state_root) / "~seccomp")


def test_the_steps_of_a_process_leave_no_gap_and_fill_the_whole(ground: Ground) -> None:
    create = timeline(ground, ground.run().id)[0]
    for process in ("runtime", "init"):
        steps = [step for step in create.steps if step.process == process]
        for before, after in pairwise(steps):
            assert before.start_us + before.duration_us == after.start_us
        assert sum(step.duration_us for step in steps) <= create.duration_us
    ours = [step.duration_us for step in create.steps if step.process == "runtime"]
    assert sum(ours) == create.duration_us


@pytest.mark.parametrize("kind", ["prestart", "createRuntime", "createContainer", "poststart"])
def test_a_slow_hook_shows_its_duration(ground: Ground, hooks: dict[str, Any], kind: str) -> None:
    view = ground.run(changes={"hooks": {kind: [hooks["slow"]]}})
    operations = timeline(ground, view.id)
    operation = operations[1 if kind == "poststart" else 0]
    (hook,) = operation.hooks
    assert (hook.kind, hook.index, hook.path) == (kind, 0, hooks["slow"]["path"])
    assert (hook.status, hook.signal, hook.error, hook.stderr) == (0, None, "", "late\n")
    assert SLOW_US <= hook.duration_us <= operation.duration_us
    (step,) = (step for step in operation.steps if step.step == f"{kind} hooks")
    assert step.start_us <= hook.start_us
    assert step.duration_us >= hook.duration_us


def test_the_started_event_tells_the_slowest_step(ground: Ground, hooks: dict[str, Any]) -> None:
    ground.run(changes={"hooks": {"createRuntime": [hooks["slow"]]}})
    assert until(lambda: "started" in ground.events())
    (started,) = (event for event in read_events(ground.locations) if event.type == "started")
    assert started.details["slowest_step"] == "createRuntime hooks"
    assert SLOW_US <= started.details["slowest_us"] <= started.details["took_us"]
    assert "failed_hooks" not in started.details


def test_a_hook_that_fails_shows_status_and_stderr(ground: Ground, hooks: dict[str, Any]) -> None:
    view = ground.create("exit 0", changes={"hooks": {"poststart": [hooks["failing"]]}})
    with pytest.raises(TuiContainerError, match="stderr: no such luck"):
        ground.client.start(view.id)
    start = timeline(ground, view.id)[-1]
    assert "poststart hook #0: exit status 3" in start.error
    (hook,) = start.hooks
    assert (hook.status, hook.error, hook.stderr) == (3, "exit status 3", "no such luck\n")


@pytest.mark.parametrize("kind", ["createRuntime", "createContainer"])
def test_a_create_error_ends_with_the_hooks_stderr(
    ground: Ground, hooks: dict[str, Any], kind: str
) -> None:
    with pytest.raises(TuiContainerError, match=f"error running {kind} hook #0: .*no such luck"):
        ground.create("exit 0", changes={"hooks": {kind: [hooks["failing"]]}})


def test_the_next_instance_begins_with_the_end_of_the_one_before(
    ground: Ground, hooks: dict[str, Any]
) -> None:
    view = ground.run("exit 0", changes={"hooks": {"poststop": [hooks["failing"], hooks["dying"]]}})
    ground.client.wait(view.id)
    ground.client.start(view.id)
    ground.client.wait(view.id)
    operations = timeline(ground, view.id)
    assert [(each.operation, each.instance) for each in operations] == [
        ("delete", 1), ("create", 2), ("start", 2),
    ]  # fmt: skip
    assert [(hook.status, hook.signal) for hook in operations[0].hooks] == [(3, None), (None, 9)]
    assert until(lambda: ground.events().count("started") == 2)
    started = [event for event in read_events(ground.locations) if event.type == "started"][-1]
    assert started.details["failed_hooks"] == [
        "poststop hook #0: exit status 3",
        "poststop hook #1: killed by signal 9",
    ]


def test_a_next_instance_that_cannot_be_made_shows_how_far_it_came(
    ground: Ground, hooks: dict[str, Any]
) -> None:
    script = Path(hooks["slow"]["path"])
    view = ground.run("exit 0", changes={"hooks": {"createContainer": [hooks["slow"]]}})
    ground.client.wait(view.id)
    script.write_text("#!/bin/sh\necho broken now >&2; exit 9\n")
    with pytest.raises(TuiContainerError, match="broken now"):
        ground.client.start(view.id)
    create = timeline(ground, view.id)[-1]
    assert (create.operation, create.instance, create.hooks[0].status) == ("create", 2, 9)
    assert "createContainer hook #0: exit status 9" in create.error
    assert create.steps[-1].step == "undo"
    assert "mount proc" in [step.step for step in create.steps]


def test_a_time_namespace_does_not_shift_the_inits_steps(ground: Ground) -> None:
    offsets = {"monotonic": {"secs": 86400, "nanosecs": 0}}
    namespaces = [{"type": name} for name in ("pid", "mount", "ipc", "uts", "network", "time")]
    linux = {"namespaces": namespaces, "timeOffsets": offsets}
    create = timeline(ground, ground.run(changes={"linux": linux}).id)[0]
    inner = [step for step in create.steps if step.process == "init"]
    assert inner
    # Less than the day by which its clock is ahead; a busy machine reads two clocks some ms apart.
    assert all(abs(step.start_us) < 3_600_000_000 for step in inner)


def test_a_damaged_file_hides_nothing_else(ground: Ground) -> None:
    view = ground.create("exit 0")
    folder = Path(ground.locations.container_data_dir(view.id))
    with (folder / "timeline.jsonl").open("a") as file:
        file.write('{"operation": "cre')
    ground.client.start(view.id)
    assert [each.operation for each in timeline(ground, view.id)] == ["create"]
    assert inspect_container(ground.locations, view.id)["id"] == view.id

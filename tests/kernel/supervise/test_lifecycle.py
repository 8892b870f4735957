"""A container's way through the supervisors, from the request to the removed record."""

from __future__ import annotations

import os
import time

import pytest

from tests.busybox import STEADY
from tests.kernel.supervise.ground import Ground, until
from tuicontainer.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TuiContainerError,
)
from tuicontainer.supervise.inventory import inspect_container, list_containers
from tuicontainer.supervise.journal import read_events
from tuicontainer.supervise.requests import CreateRequest

IGNORES_TERM = "trap '' TERM; while :; do sleep 0.05; done"


def test_create_start_exit_delete(ground: Ground) -> None:
    view = ground.create("echo out; echo err >&2; exit 7")
    assert (view.id, view.status, view.instance) == ("box-1", "created", 1)
    assert view.pid > 0
    ground.client.start(view.id)
    ending = ground.client.wait(view.id)
    assert (ending.status, ending.reason, ending.oom_killed) == (7, "exited", False)
    after = ground.view(view.id)
    assert (after.status, after.pid, after.exit) == ("stopped", 0, ending)
    assert after.started_ns is not None
    assert sorted(ground.log(view.id)) == ["err", "out"]
    ground.client.delete(view.id)
    assert list_containers(ground.locations) == []
    assert ground.events() == ["created", "started", "exited", "deleted"]


def test_ids_count_up_and_are_used_again(ground: Ground) -> None:
    bundle = ground.bundle("exit 0", "a b")
    request = CreateRequest(bundle=bundle)
    assert [ground.client.create(request).id for _ in range(3)] == ["a-b-1", "a-b-2", "a-b-3"]
    ground.client.delete("a-b-2")
    assert ground.client.create(request).id == "a-b-2"


def test_a_duplicate_is_refused_and_harms_nothing(ground: Ground) -> None:
    view = ground.run(container_id="one")
    with pytest.raises(AlreadyExists, match="already exists: `one`"):
        ground.client.create(CreateRequest(bundle=view.bundle, container_id="one"))
    assert ground.view("one").status == "running"
    assert ground.monitor("one")


@pytest.mark.parametrize("bad", ["a/b", "..", ".", "", "a b", "x" * 300])
def test_a_bad_id_is_refused(ground: Ground, bad: str) -> None:
    bundle = ground.bundle("exit 0")
    with pytest.raises(InvalidArgument, match="invalid container ID format"):
        ground.client.create(CreateRequest(bundle=bundle, container_id=bad))
    with pytest.raises(InvalidArgument, match="invalid container ID format"):
        ground.client.start(bad)


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "pause", "resume", "delete", "wait"])
def test_an_unknown_container_is_not_found(ground: Ground, verb: str) -> None:
    with pytest.raises(NotFound, match="no container"):
        getattr(ground.client, verb)("nobody")
    assert ground.helpers() == [], "no spawner is started for that"


def test_a_missing_program_leaves_nothing(ground: Ground) -> None:
    bundle = ground.raw_bundle("/no/such/program")
    with pytest.raises(TuiContainerError, match="/no/such/program") as caught:
        ground.client.create(CreateRequest(bundle=bundle))
    assert caught.value.errno == 2
    assert list_containers(ground.locations) == []
    assert os.listdir(ground.locations.containers_dir) == []


def test_a_program_the_kernel_refuses_is_a_failed_instance(ground: Ground) -> None:
    bundle = ground.raw_bundle("/bin/garbage")
    garbage = os.path.join(bundle, "rootfs/bin/garbage")
    with open(garbage, "wb") as file:
        file.write(b"\x7fnothing the kernel knows\n")
    os.chmod(garbage, 0o755)
    view = ground.client.create(CreateRequest(bundle=bundle))
    with pytest.raises(TuiContainerError, match="garbage"):
        ground.client.start(view.id)
    ending = ground.client.wait(view.id)
    assert (ending.status, ending.reason) == (126, "failed")


def test_a_program_that_is_not_executable(ground: Ground) -> None:
    bundle = ground.raw_bundle("/etc/text")
    with open(os.path.join(bundle, "rootfs/etc/text"), "w") as file:
        file.write("hello\n")
    with pytest.raises(PermissionDenied, match="/etc/text"):
        ground.client.create(CreateRequest(bundle=bundle))


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda bundle: os.unlink(f"{bundle}/config.json"), "config.json"),
        (lambda bundle: os.rename(f"{bundle}/rootfs", f"{bundle}/elsewhere"), "rootfs"),
        (lambda bundle: os.truncate(f"{bundle}/config.json", 40), "JSON"),
    ],
    ids=["no config", "no rootfs", "broken JSON"],
)
def test_a_broken_bundle_is_named(ground: Ground, damage: object, match: str) -> None:
    bundle = ground.bundle("exit 0")
    assert callable(damage)
    damage(bundle)
    with pytest.raises(TuiContainerError, match=match):
        ground.client.create(CreateRequest(bundle=bundle))


def test_start_again_makes_the_next_instance(ground: Ground) -> None:
    view = ground.run("echo here; exit 3")
    assert ground.client.wait(view.id).status == 3
    with open(os.path.join(view.bundle, "config.json"), "w") as file:
        file.write("the snapshot counts, not this")
    ground.client.start(view.id)
    ground.client.wait(view.id)
    again = ground.view(view.id)
    assert (again.instance, again.created_ns) == (2, view.created_ns)
    assert again.exit is not None
    ground.events()
    instances = [event.instance for event in read_events(ground.locations)]
    assert instances == [1, 1, 1, 2, 2, 2]
    assert ground.log(view.id) == ["here", "here"]


def test_restart_stops_and_starts(ground: Ground) -> None:
    view = ground.run()
    ground.client.restart(view.id)
    again = ground.view(view.id)
    assert (again.status, again.instance) == ("running", 2)
    assert again.pid != view.pid
    assert again.exit is not None
    assert again.exit.status == 0
    ground.client.restart(view.id, timeout=0)
    assert ground.view(view.id).instance == 3


def test_restart_of_a_created_container_just_starts_it(ground: Ground) -> None:
    view = ground.create(STEADY)
    ground.client.restart(view.id)
    assert (ground.view(view.id).status, ground.view(view.id).instance) == ("running", 1)


def test_start_of_a_running_container_is_refused(ground: Ground) -> None:
    view = ground.run()
    with pytest.raises(FailedPrecondition, match="already running"):
        ground.client.start(view.id)
    assert ground.view(view.id).pid == view.pid


def test_stop_asks_and_returns_how_it_ended(ground: Ground) -> None:
    view = ground.run()
    assert ground.client.stop(view.id).status == 0
    with pytest.raises(FailedPrecondition, match="not running"):
        ground.client.stop(view.id)
    assert "stopping" in ground.events(view.id)


def test_stop_kills_after_the_grace_period(ground: Ground) -> None:
    view = ground.run(IGNORES_TERM)
    before = time.monotonic()
    ending = ground.client.stop(view.id, timeout=0.4)
    assert 0.4 <= time.monotonic() - before < 5
    assert (ending.status, ending.reason) == (137, "signaled")


def test_stop_signal_and_grace_come_from_annotations(ground: Ground) -> None:
    script = "trap 'exit 9' USR1; trap '' TERM; while :; do sleep 0.05; done"
    annotations = {
        "io.tuicontainer.stop-signal": "SIGUSR1",
        "io.tuicontainer.stop-timeout": "30",
    }
    view = ground.run(script, changes={"annotations": annotations})
    assert ground.client.stop(view.id).status == 9


def test_a_bad_annotation_is_refused(ground: Ground) -> None:
    annotations = {"io.tuicontainer.stop-timeout": "soon"}
    with pytest.raises(InvalidArgument, match="stop-timeout"):
        ground.create("exit 0", changes={"annotations": annotations})


def test_stop_of_a_container_that_never_started(ground: Ground) -> None:
    view = ground.create("exit 0")
    with pytest.raises(FailedPrecondition, match="never started"):
        ground.client.stop(view.id)


def test_kill_reaches_the_program(ground: Ground) -> None:
    view = ground.run("trap 'exit 5' USR1; while :; do sleep 0.05; done")
    ground.client.kill(view.id, "sigusr1")
    assert ground.client.wait(view.id).status == 5
    ground.events()
    with pytest.raises(FailedPrecondition, match="not running"):
        ground.client.kill(view.id)
    killed = [event for event in read_events(ground.locations) if event.type == "killed"]
    assert [event.details["signal"] for event in killed] == ["USR1"]


def test_delete_refuses_what_runs_unless_forced(ground: Ground) -> None:
    view = ground.run()
    with pytest.raises(FailedPrecondition, match="running"):
        ground.client.delete(view.id)
    assert ground.view(view.id).status == "running"
    ground.client.delete(view.id, force=True)
    assert list_containers(ground.locations) == []


def test_delete_of_a_created_container(ground: Ground) -> None:
    view = ground.create("exit 0")
    ground.client.delete(view.id)
    assert list_containers(ground.locations) == []


def test_auto_remove_tells_the_status_first(ground: Ground) -> None:
    view = ground.create("exit 4", auto_remove=True)
    with ground.client.attach(view.id) as attachment:
        ground.client.start(view.id)
        *_, last = attachment
    assert last.exit.status == 4  # type: ignore[union-attr]
    assert until(lambda: not list_containers(ground.locations))
    assert ground.events()[-1] == "deleted"


def test_pause_and_resume(ground: Ground) -> None:
    view = ground.run("while :; do echo tick; sleep 0.02; done")
    ground.client.pause(view.id)
    assert ground.view(view.id).status == "paused"
    time.sleep(0.2)
    before = len(ground.log(view.id))
    time.sleep(0.3)
    assert len(ground.log(view.id)) == before
    ground.client.resume(view.id)
    assert until(lambda: len(ground.log(view.id)) > before)
    with pytest.raises(FailedPrecondition, match="not paused"):
        ground.client.resume(view.id)
    assert ground.events(view.id)[-2:] == ["paused", "resumed"]


@pytest.mark.parametrize("script", [STEADY, IGNORES_TERM], ids=["obeys", "ignores TERM"])
def test_stop_of_a_paused_container(ground: Ground, script: str) -> None:
    view = ground.run(script)
    ground.client.pause(view.id)
    ending = ground.client.stop(view.id, timeout=1)
    assert ending.status == (0 if script == STEADY else 137)


def test_pause_of_a_stopped_container_is_refused(ground: Ground) -> None:
    view = ground.run("exit 0")
    ground.client.wait(view.id)
    for verb in ("pause", "resume"):
        with pytest.raises(FailedPrecondition, match="container not"):
            getattr(ground.client, verb)(view.id)


def test_an_oom_kill_is_recorded(ground: Ground) -> None:
    view = ground.create("echo hungry; dd if=/dev/zero of=/dev/null bs=96M count=1; exit 9",
                         memory_limit=24 * 2**20)  # fmt: skip
    ground.client.start(view.id)
    ending = ground.client.wait(view.id)
    assert ending.oom_killed
    assert "oom" in ground.events(view.id)
    document = inspect_container(ground.locations, view.id)
    assert document["last_sample"]["sample"]["memory"]["oom_kills"] >= 1
    assert document["last_sample"]["sample"]["memory"]["peak"] > 20 * 2**20


@pytest.mark.parametrize("way", ["exit", "signal", "stop", "failed", "paused"])
def test_every_end_leaves_its_last_moments(ground: Ground, way: str) -> None:
    script = "i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo line $i; done"
    view = ground.create(script if way == "exit" else f"{script}; exec sleep 1000")
    began = time.time_ns()
    if way == "failed":
        ground.client.kill(view.id)
    else:
        ground.client.start(view.id)
        assert until(lambda: len(ground.log(view.id)) == 20)
    if way == "paused":
        ground.client.pause(view.id)
    if way in ("signal", "paused"):
        ground.client.kill(view.id)
    elif way == "stop":
        ground.client.stop(view.id, timeout=0.2)
    ground.client.wait(view.id)
    document = inspect_container(ground.locations, view.id)
    last = document["last_sample"]
    assert last["instance"] == 1
    assert began <= last["time_ns"] <= time.time_ns()
    assert last["sample"]["cpu"]["usage_ns"] > 0
    lines = [] if way == "failed" else [f"line {number}" for number in range(11, 21)]
    assert [line["text"] for line in document["last_lines"]] == lines


def test_a_running_container_has_no_last_lines_and_the_next_instance_none_of_the_last(
    ground: Ground,
) -> None:
    view = ground.run("echo once; read wait", stdin_open=True)
    assert inspect_container(ground.locations, view.id)["last_lines"] is None
    ground.client.kill(view.id)
    ground.client.wait(view.id)
    ground.client.start(view.id)
    assert until(lambda: len(ground.log(view.id)) == 2)
    ground.client.kill(view.id)
    ground.client.wait(view.id)
    document = inspect_container(ground.locations, view.id)
    assert [line["text"] for line in document["last_lines"]] == ["once"]
    assert document["last_sample"]["instance"] == 2


def test_inspect_tells_everything(ground: Ground) -> None:
    view = ground.run(args=("/bin/sleep", "1000"), env=("A=b",), memory_limit=64 * 2**20)
    document = inspect_container(ground.locations, view.id[:4])
    assert document["config"]["process"]["args"] == ["/bin/sleep", "1000"]
    assert "A=b" in document["config"]["process"]["env"]
    assert document["state"]["status"] == document["status"] == "running"
    assert document["paths"]["cgroup"].endswith(view.id)
    assert os.path.exists(document["paths"]["data"])


def test_prefixes(ground: Ground) -> None:
    bundle = ground.bundle("exit 0")
    for container_id in ("alpha", "alpine", "alp"):
        ground.client.create(CreateRequest(bundle=bundle, container_id=container_id))
    assert ground.view("alpi").id == "alpine"
    assert ground.view("alp").id == "alp"
    with pytest.raises(InvalidArgument, match="`alp`, `alpha`, `alpine`"):
        ground.view("al")


def test_a_large_request_travels_in_a_memfd(ground: Ground) -> None:
    env = tuple(f"V{number}={'x' * 1000}" for number in range(100))
    view = ground.run("echo $V99 | wc -c", env=env)
    ground.client.wait(view.id)
    assert ground.log(view.id) == ["1001"]


def test_a_state_root_of_200_characters(ground: Ground) -> None:
    deep = ground.folder / ("d" * 90) / ("e" * 90)
    ground.locations = ground.locations.replace(state_root=str(deep / "state"))
    ground.client = type(ground.client)(ground.locations)
    assert len(ground.locations.state_root) > 200
    view = ground.run("echo deep; exit 2")
    assert ground.client.wait(view.id).status == 2
    assert ground.log(view.id) == ["deep"]


def test_without_a_pid_namespace_all_processes_end(ground: Ground) -> None:
    bundle = ground.bundle("sleep 1000 & sleep 1000 & trap '' TERM; while :; do sleep 0.1; done")
    import json

    path = os.path.join(bundle, "config.json")
    with open(path) as file:
        document = json.load(file)
    document["linux"]["namespaces"] = [
        each for each in document["linux"]["namespaces"] if each["type"] != "pid"
    ]
    with open(path, "w") as file:
        json.dump(document, file)
    view = ground.client.create(CreateRequest(bundle=bundle))
    ground.client.start(view.id)
    from tuicontainer.runtime.processes import processes

    assert until(lambda: len(processes(ground.locations.state_root, view.id)) >= 3)
    pids = processes(ground.locations.state_root, view.id)
    ground.client.stop(view.id, timeout=0.2)
    assert until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))


def test_the_exit_status_of_a_signal(ground: Ground) -> None:
    view = ground.run()
    ground.client.kill(view.id)
    ending = ground.client.wait(view.id)
    assert (ending.status, ending.reason) == (137, "signaled")

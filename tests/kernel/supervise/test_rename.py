"""Another name for a container: what changes, what is refused, what a death in between leaves."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.busybox import STEADY
from tests.kernel.supervise.ground import Ground, until
from tests.kernel.supervise.test_deaths import comm
from tuicontainer.errors import AlreadyExists, FailedPrecondition, NotFound, TuiContainerError
from tuicontainer.supervise.doctor.records import examine_records
from tuicontainer.supervise.instances import remove_instance
from tuicontainer.supervise.records import read_record
from tuicontainer.supervise.requests import CreateRequest

pytestmark = pytest.mark.kernel


def ended(ground: Ground, name: str, **options: object) -> str:
    """Make a container that has ended."""
    ground.run("echo precious", name, container_id=name, **options)
    ground.client.wait(name)
    return name


def test_everything_goes_by_the_new_name(ground: Ground) -> None:
    ended(ground, "before")
    view = ground.client.rename("before", "after")
    assert (view.id, view.status) == ("after", "stopped")
    with pytest.raises(NotFound):
        ground.view("before")
    assert ground.log("after") == ["precious"]
    assert until(lambda: "renamed" in ground.events("after"))
    assert os.listdir(ground.locations.containers_dir) == ["after"]
    record = read_record(ground.locations, "after")
    assert record.cgroup_path == f"{ground.locations.cgroup_parent}/after"
    # Whoever gets the old name has a control group and a log of its own.
    first = ground.run(STEADY, "steady", container_id="before")
    ground.client.start("after")
    ground.client.wait("after")
    assert ground.log("after") == ["precious", "precious"]
    assert ground.view("before").pid == first.pid


def test_the_poststop_hooks_know_the_old_name(ground: Ground, tmp_path: Path) -> None:
    told = tmp_path / "told"
    hook = {"path": "/bin/sh", "args": ["sh", "-c", f"cat > {told}"]}
    ended(ground, "before", changes={"hooks": {"poststop": [hook]}})
    ground.client.rename("before", "after")
    assert '"id":"before"' in told.read_text().replace(" ", "")


def test_what_runs_is_refused_and_goes_on(ground: Ground) -> None:
    view = ground.run(STEADY, container_id="x")
    with pytest.raises(FailedPrecondition, match="process") as refused:
        ground.client.rename("x", "y")
    assert "stop it" in refused.value.hint
    assert ground.view("x").pid == view.pid


def test_a_name_in_the_state_root_is_taken(ground: Ground) -> None:
    ended(ground, "x")
    os.makedirs(ground.locations.container_state_dir("other"))
    try:
        with pytest.raises(AlreadyExists):
            ground.client.rename("x", "other")
    finally:
        os.rmdir(ground.locations.container_state_dir("other"))
    assert ground.log("x") == ["precious"]


def test_of_a_rename_and_a_create_one_wins(ground: Ground) -> None:
    """Both at once, again and again: never two containers, never none."""
    bundle = ground.bundle("exit 0", "other")
    for round_ in range(5):
        ended(ground, f"x{round_}")
        door = os.fork()
        if door == 0:
            try:
                ground.client.create(CreateRequest(bundle=bundle, container_id=f"y{round_}"))
            except AlreadyExists:
                os._exit(1)
            finally:
                os._exit(0)
        try:
            ground.client.rename(f"x{round_}", f"y{round_}")
            won = True
        except AlreadyExists:
            won = False
        created = os.waitstatus_to_exitcode(os.waitpid(door, 0)[1]) == 0
        assert won != created
        assert ground.view(f"y{round_}").status == ("stopped" if won else "created")


def test_a_monitor_that_dies_before_the_move_leaves_the_old_name(
    ground: Ground, tmp_path: Path
) -> None:
    """Killed while the poststop hook of the ended instance runs."""
    begun = tmp_path / "begun"
    hook = {"path": "/bin/sh", "args": ["sh", "-c", f"echo > {begun}; sleep 2"]}
    ended(ground, "before", changes={"hooks": {"poststop": [hook]}})
    assert until(lambda: not ground.monitor("before")), "the one that made it has another name"
    door = os.fork()
    if door == 0:
        try:
            ground.client.rename("before", "after")
        except TuiContainerError:
            os._exit(1)
        os._exit(0)
    assert until(begun.exists)
    os.kill(min(pid for pid in ground.helpers() if comm(pid) == "tuic:before"), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(door, 0)[1]) == 1
    assert os.listdir(ground.locations.containers_dir) == ["before"]
    assert ground.log("before") == ["precious"]
    assert until(lambda: not list(examine_records(ground.locations)))
    assert ground.client.rename("before", "after").id == "after"
    assert ground.log("after") == ["precious"]


def test_a_monitor_that_dies_after_the_move_leaves_the_new_name(ground: Ground) -> None:
    ended(ground, "before")
    spawner = ground.spawner
    os.kill(spawner, signal.SIGKILL)
    assert until(lambda: not ground.helpers())
    # What is on disk between the move and the record: the folder has the new name, alone.
    place = ground.locations
    remove_instance(place, "before")
    os.rename(place.container_data_dir("before"), place.container_data_dir("after"))
    record = read_record(place, "after")
    assert record.id == "after"
    assert record.cgroup_path == f"{place.cgroup_parent}/after"
    (found,) = [each for each in examine_records(place) if each.kind == "rename-unfinished"]
    assert found.subject == "after"
    found.mend()
    assert not [each for each in examine_records(place) if each.kind == "rename-unfinished"]
    ground.client.start("after")
    ground.client.wait("after")
    assert ground.log("after") == ["precious", "precious"]

"""What every engine does with containers: transitions, refusals, ends."""

from __future__ import annotations

import asyncio

import pytest

from tests.contracts.engine.subjects import Subject
from tuicontainer.engine.api import CreateOptions
from tuicontainer.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    TuiContainerError,
)


def named(container_id: str, **options: object) -> CreateOptions:
    return CreateOptions(container_id=container_id, **options)


async def test_create_waits_for_start(subject: Subject) -> None:
    container = await subject.engine.create("steady", named("x"))
    view = await container.view()
    assert (container.id, view.id, view.status, view.instance) == ("x", "x", "created", 1)
    assert view.started_ns is None
    assert view.exit is None
    assert view.bundle_name == "steady"


async def test_ids_are_generated(subject: Subject) -> None:
    first = await subject.engine.create("steady")
    second = await subject.engine.create("steady")
    assert (first.id, second.id) == ("steady-1", "steady-2")


async def test_start_runs_and_wait_gives_the_status(subject: Subject) -> None:
    container = await subject.engine.create("quick", named("x"))
    await container.start()
    assert await asyncio.wait_for(container.wait(), 20) == 3
    view = await container.view()
    assert (view.status, view.pid) == ("stopped", 0)
    assert view.exit is not None
    assert (view.exit.status, view.exit.reason, view.exit.oom_killed) == (3, "exited", False)


async def test_a_stopped_container_starts_again_as_the_next_instance(subject: Subject) -> None:
    container = await subject.engine.create("quick", named("x"))
    for instance in (1, 2):
        await container.start()
        await asyncio.wait_for(container.wait(), 20)
        assert (await container.view()).instance == instance


async def test_stop_and_restart(subject: Subject) -> None:
    container = await subject.engine.create("steady", named("x"))
    await container.start()
    await container.restart(20)
    view = await container.view()
    assert (view.status, view.instance) == ("running", 2)
    await container.stop(20)
    assert (await container.view()).status == "stopped"
    await container.restart(20)
    assert (await container.view()).status == "running"


async def test_kill_says_the_signal_in_the_status(subject: Subject) -> None:
    container = await subject.engine.create("steady", named("x"))
    await container.start()
    waiting = asyncio.ensure_future(container.wait())
    await container.kill("KILL")
    assert await asyncio.wait_for(waiting, 20) == 137
    ended = (await container.view()).exit
    assert ended is not None
    assert ended.reason == "signaled"


async def test_pause_and_resume(subject: Subject) -> None:
    container = await subject.engine.create("steady", named("x"))
    await container.start()
    await container.pause()
    assert (await container.view()).status == "paused"
    assert (await container.state())["status"] == "running"
    await container.resume()
    assert (await container.view()).status == "running"


async def test_delete_takes_it_out_of_the_list(subject: Subject) -> None:
    container = await subject.engine.create("quick", named("x"))
    await container.start()
    await asyncio.wait_for(container.wait(), 20)
    await container.delete()
    assert list(await subject.engine.containers()) == []
    with pytest.raises(NotFound):
        await subject.engine.container("x")
    with pytest.raises(NotFound):
        await container.view()
    with pytest.raises(NotFound):
        await container.start()


async def test_a_handle_never_means_another_container(subject: Subject) -> None:
    container = await subject.engine.create("quick", named("x"))
    await subject.engine.create("quick", named("x-2"))
    await container.delete(force=True)
    with pytest.raises(NotFound):
        await container.view()
    with pytest.raises(NotFound):
        await container.inspect()
    for act in (container.start, container.kill, container.stop, container.wait):
        with pytest.raises(NotFound):
            await act()
    with pytest.raises(NotFound):
        await container.delete(force=True)
    assert [view.id for view in await subject.engine.containers()] == ["x-2"]


async def test_force_deletes_what_runs(subject: Subject) -> None:
    container = await subject.engine.create("steady", named("x"))
    await container.start()
    with pytest.raises(FailedPrecondition):
        await container.delete()
    await container.delete(force=True)
    assert list(await subject.engine.containers()) == []


async def test_auto_remove(subject: Subject) -> None:
    container = await subject.engine.create("quick", named("x", auto_remove=True))
    await container.start()
    for _ in range(200):
        if not await subject.engine.containers():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it is still there")


@pytest.mark.parametrize("verb", ["stop", "resume"])
async def test_verbs_that_a_created_container_refuses(subject: Subject, verb: str) -> None:
    container = await subject.engine.create("steady", named("x"))
    with pytest.raises(FailedPrecondition):
        await getattr(container, verb)()
    assert (await container.view()).status == "created"


@pytest.mark.parametrize("verb", ["start", "resume", "delete"])
async def test_verbs_that_a_running_container_refuses(subject: Subject, verb: str) -> None:
    container = await subject.engine.create("steady", named("x"))
    await container.start()
    with pytest.raises(FailedPrecondition):
        await getattr(container, verb)()
    assert (await container.view()).status == "running"


@pytest.mark.parametrize("verb", ["kill", "stop", "pause", "resume"])
async def test_verbs_that_a_stopped_container_refuses(subject: Subject, verb: str) -> None:
    container = await subject.engine.create("quick", named("x"))
    await container.start()
    await asyncio.wait_for(container.wait(), 20)
    with pytest.raises(FailedPrecondition):
        await getattr(container, verb)()
    assert (await container.view()).status == "stopped"


@pytest.mark.parametrize(
    ("bundle", "container_id", "kind"),
    [
        ("nothing", "x", NotFound),
        ("broken", "x", TuiContainerError),
        ("quick", "a/b", InvalidArgument),
        ("quick", "..", InvalidArgument),
        ("quick", "", InvalidArgument),
        ("quick", "taken", AlreadyExists),
    ],
)
async def test_create_refuses_and_leaves_nothing(
    subject: Subject, bundle: str, container_id: str, kind: type[TuiContainerError]
) -> None:
    await subject.engine.create("quick", named("taken"))
    with pytest.raises(kind):
        await subject.engine.create(bundle, named(container_id))
    assert [view.id for view in await subject.engine.containers()] == ["taken"]


async def test_an_unknown_signal(subject: Subject) -> None:
    container = await subject.engine.create("steady", named("x"))
    await container.start()
    with pytest.raises(InvalidArgument):
        await container.kill("WEIRD")
    assert (await container.view()).status == "running"


async def test_references_are_ids_and_unique_prefixes(subject: Subject) -> None:
    for name in ("one", "other", "on"):
        await subject.engine.create("quick", named(name))
    assert (await subject.engine.container("on")).id == "on"
    assert (await subject.engine.container("ot")).id == "other"
    with pytest.raises(InvalidArgument, match="one"):
        await subject.engine.container("o")
    with pytest.raises(NotFound):
        await subject.engine.container("two")


async def test_state_and_inspect_are_json(subject: Subject) -> None:
    import json

    container = await subject.engine.create("steady", named("x"))
    state = dict(await container.state())
    assert {"ociVersion", "id", "status", "pid", "bundle"} <= state.keys()
    assert state.keys() <= {"ociVersion", "id", "status", "pid", "bundle", "annotations"}
    document = json.loads(json.dumps(await container.inspect()))
    assert document["id"] == "x"
    assert document["state"]["status"] == "created"
    assert document["config"]["process"]["args"]


async def test_what_was_deleted_and_kept_comes_back_with_its_log(subject: Subject) -> None:
    engine = subject.engine
    container = await engine.create("quick", CreateOptions(container_id="kept"))
    await container.start()
    assert await container.wait() == 3
    await container.delete(keep=True)
    assert await engine.containers() == ()
    with pytest.raises(NotFound):
        await container.view()
    back = await engine.restore("kept")
    view = await back.view()
    assert (view.id, view.status, view.instance) == ("kept", "stopped", 1)
    assert view.exit is not None
    assert view.exit.status == 3
    assert [line.text async for line in back.logs()] == ["out", "err"]
    await back.start()
    assert await back.wait() == 3
    assert (await back.view()).instance == 2


async def test_what_is_forgotten_or_replaced_doesnt_come_back(subject: Subject) -> None:
    engine = subject.engine
    options = CreateOptions(container_id="kept")
    container = await engine.create("quick", options)
    await container.start()
    await container.wait()
    await container.delete(keep=True)
    await engine.forget("kept")
    with pytest.raises(NotFound):
        await engine.restore("kept")
    container = await engine.create("quick", options)
    await container.delete(force=True, keep=True)
    await engine.create("quick", options)
    with pytest.raises(AlreadyExists):
        await engine.restore("kept")
    await engine.forget("kept")
    await engine.forget("kept")


async def test_a_stopped_container_can_be_renamed_with_its_log(subject: Subject) -> None:
    engine = subject.engine
    container = await engine.create("quick", named("before"))
    await container.start()
    assert await asyncio.wait_for(container.wait(), 20) == 3
    renamed = await container.rename("after")
    assert renamed.id == "after"
    assert [view.id for view in await engine.containers()] == ["after"]
    view = await renamed.view()
    assert (view.status, view.instance) == ("stopped", 1)
    assert view.exit is not None
    assert view.exit.status == 3
    assert [line.text async for line in renamed.logs()] == ["out", "err"]
    await engine.create("quick", named("before"))
    await renamed.start()
    assert await asyncio.wait_for(renamed.wait(), 20) == 3


async def test_renaming_refuses_and_changes_nothing(subject: Subject) -> None:
    engine = subject.engine
    await engine.create("quick", named("taken"))
    container = await engine.create("steady", named("x"))
    with pytest.raises(FailedPrecondition):
        await container.rename("y")
    await container.start()
    with pytest.raises(FailedPrecondition):
        await container.rename("y")
    await container.kill()
    await asyncio.wait_for(container.wait(), 20)
    for wanted, kind in (
        ("taken", AlreadyExists),
        ("a/b", InvalidArgument),
        ("x", InvalidArgument),
    ):
        with pytest.raises(kind):
            await container.rename(wanted)
    assert {view.id for view in await engine.containers()} == {"taken", "x"}
    assert (await container.view()).status == "stopped"

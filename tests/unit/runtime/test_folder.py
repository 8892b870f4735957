"""The state folder: what is written is read, readers see whole files, the lock is one's own."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

import pytest

from tuicontainer.errors import AlreadyExists, Internal, NotFound
from tuicontainer.runtime.folder import StateFolder
from tuicontainer.runtime.instance import Instance, instance_from_document
from tuicontainer.runtime.list import list_instances
from tuicontainer.runtime.process.identity import ProcessIdentity, identify
from tuicontainer.runtime.state import state

if TYPE_CHECKING:
    from pathlib import Path


def instance(**changes: object) -> Instance:
    values: dict[str, object] = {
        "id": "c1",
        "oci_version": "1.0.2",
        "bundle": "/b",
        "rootfs": "/b/rootfs",
        "created_ns": 5,
        "owner": 0,
        "annotations": {"a": "b"},
        "init": ProcessIdentity(pid=2**22, start_time=1, boot_id="x"),
        "late_hooks": ("poststop",),
        "phase": "created",
    }
    return Instance(**values | changes)


@pytest.mark.parametrize("change", [{}, {"init": None}, {"creator": identify(os.getpid())}])
def test_a_state_goes_there_and_back(tmp_path: Path, change: dict[str, object]) -> None:
    with StateFolder.make(str(tmp_path / "root"), "c1") as folder:
        written = instance(**change)
        folder.write(written)
        assert folder.read() == written
        assert sorted(os.listdir(folder.path)) == ["lock", "state.json"]
        folder.remove()
    assert os.listdir(tmp_path / "root") == []


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    with StateFolder.make(str(tmp_path), "c1"), pytest.raises(AlreadyExists):
        StateFolder.make(str(tmp_path), "c1")


def test_folders_are_private(tmp_path: Path) -> None:
    with StateFolder.make(str(tmp_path / "root"), "c1") as folder:
        assert os.stat(folder.path).st_mode & 0o777 == 0o700


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="container does not exist"):
        StateFolder.open(str(tmp_path), "c1")
    with pytest.raises(NotFound, match="container does not exist"):
        state(str(tmp_path / "nope"), "c1")
    with StateFolder.make(str(tmp_path), "c2"), pytest.raises(NotFound):
        state(str(tmp_path), "c2")
    assert list_instances(str(tmp_path / "nope")) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1}'])
def test_a_broken_state_is_said_to_be_broken(tmp_path: Path, content: bytes) -> None:
    with StateFolder.make(str(tmp_path), "c1") as folder:
        (tmp_path / "c1/state.json").write_bytes(content)
        with pytest.raises(Internal):
            folder.read()
    assert list_instances(str(tmp_path)) == []


def test_who_waits_for_a_container_that_is_deleted_finds_it_gone(tmp_path: Path) -> None:
    folder = StateFolder.make(str(tmp_path), "c1")
    folder.write(instance())
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            StateFolder.open(str(tmp_path), "c1").close()
        except NotFound as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive(), "the lock must be waited for"
    folder.remove()
    folder.close()
    thread.join(5)
    assert len(caught) == 1


def test_readers_take_no_lock(tmp_path: Path) -> None:
    with StateFolder.make(str(tmp_path), "c1") as folder:
        folder.write(instance())
        assert state(str(tmp_path), "c1").status == "stopped"


def test_status_while_it_is_made(tmp_path: Path) -> None:
    with StateFolder.make(str(tmp_path), "c1") as folder:
        own = identify(os.getpid())
        folder.write(instance(phase="creating", creator=own, init=own))
        view = state(str(tmp_path), "c1")
        assert (view.status, view.pid) == ("creating", own.pid)
        dead = own.replace(start_time=own.start_time + 1)
        folder.write(instance(phase="creating", creator=dead, init=own))
        view = state(str(tmp_path), "c1")
        assert (view.status, view.pid) == ("stopped", 0)


def test_status_of_a_living_process(tmp_path: Path) -> None:
    with StateFolder.make(str(tmp_path), "c1") as folder:
        own = identify(os.getpid())
        for phase, status in (("created", "created"), ("started", "running")):
            folder.write(instance(phase=phase, init=own))
            view = state(str(tmp_path), "c1")
            assert (view.status, view.pid) == (status, own.pid)
            assert view.document()["status"] == status


def test_foreign_names_are_no_containers(tmp_path: Path) -> None:
    (tmp_path / "~engine").mkdir()
    (tmp_path / "file").write_text("")
    with StateFolder.make(str(tmp_path), "c1") as folder:
        folder.write(instance())
        assert [view.instance.id for view in list_instances(str(tmp_path))] == ["c1"]


def test_the_document_is_plain_json() -> None:
    document = json.loads(json.dumps(instance().to_document()))
    assert instance_from_document(document) == instance()

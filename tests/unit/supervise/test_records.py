"""Records, generated ids, requests, exit records, locks: the small pure things."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import (
    AlreadyExists,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
)
from tuicontainer.locations import Locations
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.supervise.aclient import AsyncClient
from tuicontainer.supervise.client import Client
from tuicontainer.supervise.exit import exit_record
from tuicontainer.supervise.files import read_json, remove_flat_folder, write_json
from tuicontainer.supervise.handshake import check_greeting, greeting, own_namespaces
from tuicontainer.supervise.inventory import find_container, list_containers
from tuicontainer.supervise.locks import hold_lock, lock_is_held
from tuicontainer.supervise.records import (
    ContainerRecord,
    id_stem,
    lost_exit,
    monitor_lock_path,
    read_record,
    record_from_document,
    record_path,
    record_to_document,
    remove_record,
    reserve_generated_id,
    reserve_id,
    write_record,
)
from tuicontainer.supervise.requests import CreateRequest, ExecRequest, from_document, to_document
from tuicontainer.supervise.views import ExitRecord


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(state_root=str(tmp_path / "state"), data_root=str(tmp_path / "data"))


def record(**values: Any) -> ContainerRecord:
    plain = {
        "id": "web-1",
        "bundle": "/b/web",
        "rootfs": "/b/web/rootfs",
        "created_ns": 5,
        "owner": 0,
    }
    return ContainerRecord(**{**plain, **values})


@pytest.mark.parametrize(
    "value",
    [
        record(),
        record(args=("a", "b"), annotations={"x": "y"}, instance=3, made=2, started_ns=9),
        record(exit=ExitRecord(status=None, finished_ns=None, reason="reboot"), exit_instance=1),
    ],
    ids=["plain", "full", "ended"],
)
def test_records_come_back(locations: Locations, value: ContainerRecord) -> None:
    assert record_from_document(record_to_document(value)) == value
    os.makedirs(locations.container_data_dir(value.id))
    write_record(locations, value, durable=True)
    assert read_record(locations, value.id) == value
    assert os.listdir(locations.container_data_dir(value.id)) == ["record.json"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version":99,"id":"x"}', '{"version":1,"id":"x"}', '{"version":1']
)
def test_damaged_records_are_named(locations: Locations, text: str) -> None:
    os.makedirs(locations.container_data_dir("web-1"))
    Path(record_path(locations, "web-1")).write_text(text)
    with pytest.raises(Internal, match="record of"):
        read_record(locations, "web-1")
    assert list_containers(locations) == []


def test_no_record(locations: Locations) -> None:
    with pytest.raises(NotFound):
        read_record(locations, "web-1")
    with pytest.raises(NotFound):
        find_container(locations, "web-1")


@given(st.text())
def test_stems_are_legal_beginnings(name: str) -> None:
    stem = id_stem("/bundles/" + name.replace("/", "") + "/")
    assert check_container_id(f"{stem}-1") == f"{stem}-1"


@pytest.mark.parametrize(
    ("bundle", "stem"),
    [
        ("/b/web", "web"),
        ("/b/web/", "web"),
        ("/b/my web", "my-web"),
        ("/b/..x", "x"),
        ("/", "container"),
        ("/b/ünï", "n"),
        ("/b/a.b_c+d", "a.b_c+d"),
    ],
)
def test_stems(bundle: str, stem: str) -> None:
    assert id_stem(bundle) == stem


def test_ids_are_reserved_once(locations: Locations) -> None:
    reserve_id(locations, "web")
    write_record(locations, record(id="web"), durable=False)
    with pytest.raises(AlreadyExists, match="`web`"):
        reserve_id(locations, "web")
    os.makedirs(locations.container_state_dir("other"))
    with pytest.raises(AlreadyExists):
        reserve_id(locations, "other")
    assert os.listdir(locations.containers_dir) == ["web"]


def test_generated_ids_fill_gaps(locations: Locations) -> None:
    assert [reserve_generated_id(locations, "/b/web") for _ in range(3)] == [
        "web-1",
        "web-2",
        "web-3",
    ]
    os.makedirs(locations.container_state_dir("web-4"))
    assert reserve_generated_id(locations, "/b/web") == "web-5"
    remove_record(locations, "web-2")
    assert reserve_generated_id(locations, "/b/web") == "web-2"


def test_what_a_dead_monitor_reserved_can_be_had(locations: Locations) -> None:
    child = os.fork()
    if child == 0:
        reserve_id(locations, "web")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.path.isdir(locations.container_data_dir("web"))
    reserve_id(locations, "web")
    assert lock_is_held(monitor_lock_path(locations, "web"))


def test_locks_are_seen_without_being_taken(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    assert not lock_is_held(path)
    fd = hold_lock(path)
    assert fd is not None
    assert lock_is_held(path)
    os.close(os.open(path, os.O_RDONLY))
    assert lock_is_held(path), "closing another descriptor doesn't give it up"
    assert hold_lock(path) is None
    os.close(fd)
    assert not lock_is_held(path)


def test_a_lost_end_is_never_invented() -> None:
    assert lost_exit(record(boot_id=boot_id())).reason == "unknown"
    rebooted = lost_exit(record(boot_id="another"))
    assert (rebooted.reason, rebooted.status, rebooted.finished_ns) == ("reboot", None, None)


@pytest.mark.parametrize(
    ("status", "options", "expected"),
    [
        (0, {}, (0, "exited")),
        (7 << 8, {}, (7, "exited")),
        (9, {}, (137, "signaled")),
        (139, {}, (139, "signaled")),
        (None, {}, (None, "unknown")),
        (9, {"failed": True}, (137, "failed")),
        (9, {"failed": True, "refused": 2}, (127, "failed")),
        (127 << 8, {"failed": True, "refused": 8}, (126, "failed")),
    ],
)
def test_exit_records(
    status: int | None, options: dict[str, Any], expected: tuple[int | None, str]
) -> None:
    found = exit_record(status, oom_killed=False, **{"failed": False, **options})
    assert (found.status, found.reason) == expected


REQUESTS = [
    CreateRequest(bundle="/b"),
    CreateRequest(bundle="/b", args=("a",), env=("A=b",), console_size=(24, 80), cpus=0.5),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_requests_come_back(request_: CreateRequest) -> None:
    from tuicontainer.jsontext import dumps, loads

    assert from_document(CreateRequest, loads(dumps(to_document(request_)))) == request_


def test_requests_of_another_version_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="frobnicate"):
        from_document(CreateRequest, {"bundle": "/b", "frobnicate": 1})
    with pytest.raises(InvalidArgument, match="args"):
        from_document(ExecRequest, {})


def test_greetings() -> None:
    ours = own_namespaces()
    check_greeting(greeting(), ours)
    with pytest.raises(FailedPrecondition, match=r"another mount and network namespace"):
        check_greeting(greeting(), {**ours, "net": "net:[1]", "mnt": "mnt:[1]"})
    with pytest.raises(FailedPrecondition, match="protocol"):
        check_greeting({**greeting(), "hello": 2}, ours)
    for broken in ({}, {"hello": 1}, {"hello": 1, "namespaces": []}):
        with pytest.raises(InvalidArgument):
            check_greeting(broken, ours)


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    assert read_json(path) is None
    write_json(path, {"a": 1}, durable=True)
    write_json(path, {"a": 2}, durable=False)
    assert read_json(path) == {"a": 2}
    assert os.stat(path).st_mode & 0o777 == 0o600
    with pytest.raises(TypeError):
        write_json(path, {"a": object()}, durable=False)
    assert read_json(path) == {"a": 2}
    assert os.listdir(tmp_path) == ["file"]
    remove_flat_folder(str(tmp_path))
    remove_flat_folder(str(tmp_path))
    assert not tmp_path.exists()


def test_both_clients_have_the_same_verbs() -> None:
    def verbs(client: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(method).parameters)
            for name, method in vars(client).items()
            if not name.startswith("_")
        }

    assert verbs(Client) == verbs(AsyncClient)

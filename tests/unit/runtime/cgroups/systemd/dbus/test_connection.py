"""The client against a real bus daemon, and against peers that don't keep to the protocol."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tuicontainer.errors import InvalidArgument, Unavailable
from tuicontainer.runtime.cgroups.systemd.dbus import connection as module
from tuicontainer.runtime.cgroups.systemd.dbus.addresses import Address
from tuicontainer.runtime.cgroups.systemd.dbus.connection import CallRefused, Connection, connect
from tuicontainer.runtime.cgroups.systemd.dbus.wire import Variant, Writer

BUS = "org.freedesktop.DBus"
OBJECT = "/org/freedesktop/DBus"


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("this host has no dbus-daemon")
    path = tmp_path_factory.mktemp("bus") / "socket"
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:path={path}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert daemon.stdout is not None
    daemon.stdout.readline()
    yield Address(path=str(path), direct=False)
    daemon.terminate()
    daemon.wait()
    daemon.stdout.close()


def test_a_bus_answers_calls(bus: Address) -> None:
    with Connection(bus) as client:
        (names,) = client.call("ListNames", destination=BUS, path=OBJECT)
        assert BUS in names
        (owned,) = client.call(
            "NameHasOwner", destination=BUS, path=OBJECT, signature="s", body=("x.y",)
        )
        assert owned is False


def test_an_error_is_told_by_its_name(bus: Address) -> None:
    with Connection(bus) as client, pytest.raises(CallRefused, match="Nonsense") as caught:
        client.call("Nonsense", destination=BUS, path=OBJECT)
    assert caught.value.name == "org.freedesktop.DBus.Error.UnknownMethod"


def test_a_signal_that_came_before_it_was_waited_for_is_kept(bus: Address) -> None:
    with Connection(bus) as client:
        client.listen(f"type='signal',sender='{BUS}',member='NameOwnerChanged'")
        client.call(
            "RequestName", destination=BUS, path=OBJECT, signature="su", body=("our.name", 0)
        )
        client.call("ListNames", destination=BUS, path=OBJECT)
        name, old, _ = client.wait_for_signal(
            "NameOwnerChanged", lambda body: body[0] == "our.name", seconds=5
        )
    assert (name, old) == ("our.name", "")


def test_a_signal_of_somebody_else_does_not_count(bus: Address) -> None:
    with Connection(bus) as client, Connection(bus) as stranger:
        (name,) = client.call(
            "GetNameOwner", destination=BUS, path=OBJECT, signature="s", body=(BUS,)
        )
        assert client.peer == name == BUS
        client.listen("type='signal'")
        # The bus announces the stranger's name; nobody has sent JobRemoved.
        stranger.call(
            "RequestName", destination=BUS, path=OBJECT, signature="su", body=("other.name", 0)
        )
        client.peer = ":1.999"
        with pytest.raises(Unavailable, match="in time"):
            client.wait_for_signal("NameOwnerChanged", lambda _: True, seconds=0.2)


def test_all_addresses_are_tried_and_named(bus: Address, tmp_path: Path) -> None:
    absent = Address(path=str(tmp_path / "absent"), direct=True)
    connect([absent, bus]).close()
    with pytest.raises(Unavailable, match=r"absent`: no such file"):
        connect([absent])
    with pytest.raises(InvalidArgument, match="XDG_RUNTIME_DIR"):
        connect([])


def peer(path: Path, behave: Callable[[socket.socket], object]) -> threading.Thread:
    """Let one connection be served by *behave*."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)

    def serve() -> None:
        with listener, listener.accept()[0] as accepted:
            behave(accepted)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"REJECTED EXTERNAL\r\n", "doesn't let"),
        (b"", "ended the connection"),
        (b"x" * 4000, "doesn't speak D-Bus"),
    ],
)
def test_a_peer_that_does_not_let_us_in(tmp_path: Path, answer: bytes, message: str) -> None:
    def behave(accepted: socket.socket) -> None:
        accepted.recv(100)
        accepted.sendall(answer)

    thread = peer(tmp_path / "socket", behave)
    with pytest.raises(Unavailable, match=message):
        Connection(Address(path=str(tmp_path / "socket"), direct=True))
    thread.join()


@pytest.mark.parametrize(
    ("answer", "message"),
    [(b"", "in time"), (b"l\x02\x00\x01" + b"\xff" * 12, "no D-Bus message")],
)
def test_a_peer_that_does_not_answer_a_call(
    tmp_path: Path, answer: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.2)
    done = threading.Event()

    def behave(accepted: socket.socket) -> None:
        accepted.recv(100)
        accepted.sendall(b"DATA\r\nOK 1234\r\n")
        accepted.recv(1000)
        accepted.sendall(answer)
        done.wait(5)

    thread = peer(tmp_path / "socket", behave)
    with Connection(Address(path=str(tmp_path / "socket"), direct=True)) as client:
        with pytest.raises(Unavailable, match=message):
            client.call("Get", destination="a.b", path="/")
        done.set()
    thread.join()


def test_an_older_peer_is_content_with_an_empty_identity(tmp_path: Path) -> None:
    received = bytearray()

    def behave(accepted: socket.socket) -> None:
        accepted.recv(100)
        accepted.sendall(b"OK 1234\r\nERROR\r\n")
        received.extend(accepted.recv(1000))
        reply = Writer()
        fields = [(5, Variant(signature="u", value=1))]
        reply.write_all("yyyyuua(yv)", (ord("l"), 2, 0, 1, 0, 1, fields))
        reply.pad(8)
        accepted.sendall(reply.data)

    thread = peer(tmp_path / "socket", behave)
    with Connection(Address(path=str(tmp_path / "socket"), direct=True)) as client:
        assert client.call("Ping", destination="a.b", path="/") == ()
    thread.join()
    assert received.startswith(b"l\x01"), "the call is in a piece of its own"

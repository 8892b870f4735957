"""Where messages go, in which form, and which are written."""

from __future__ import annotations

import json
import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tuicontainer.cli.oci.log_sockets import (
    JOURNALD,
    SYSLOG,
    journald_packet,
    open_log_socket,
    syslog_packet,
)
from tuicontainer.cli.oci.main import main
from tuicontainer.cli.oci.messages import Messages
from tuicontainer.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path


def say_all(messages: Messages) -> None:
    messages.warning("odd")
    messages.debug("small")
    messages.error("bad")


@pytest.mark.parametrize(
    ("level", "levels"),
    [
        (None, ["warning", "error"]),
        ("error", ["error"]),
        ("warning", ["warning", "error"]),
        ("debug", ["warning", "debug", "error"]),
    ],
)
def test_levels(tmp_path: Path, level: str | None, levels: list[str]) -> None:
    messages = Messages()
    messages.open(f"file:{tmp_path}/log", "json", level)
    say_all(messages)
    lines = (tmp_path / "log").read_text().splitlines()
    assert [json.loads(line)["level"] for line in lines] == levels


def test_a_hint_is_a_field_beside_the_message(tmp_path: Path) -> None:
    """One line an error, and `msg` is what callers match: podman reads the file as one object."""
    for form in ("json", "text"):
        messages = Messages()
        messages.open(str(tmp_path / form), form, None)
        messages.error("container does not exist", "list them")
    document = json.loads((tmp_path / "json").read_text())
    assert (document["msg"], document["hint"]) == ("container does not exist", "list them")
    (line,) = (tmp_path / "text").read_text().splitlines()
    assert line.endswith('level=error msg="container does not exist" hint="list them"')
    assert b"MESSAGE=bad (do this)\n" in journald_packet("me", "error", "bad", "do this")


@pytest.mark.parametrize("form", ["log", "file:log", "other:log"])
def test_only_known_services_are_no_paths(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Messages().open(form, None, None)
    assert os.listdir(tmp_path) == [form.removeprefix("file:")]


@pytest.mark.parametrize(
    "line",
    [
        "--log LOG --log-format json --root ROOT start c",
        "start --log LOG --log-format=json --root ROOT c",
        "--log-format text --root /nowhere start --log=LOG --log-format json --root=ROOT c",
    ],
)
def test_global_flags_go_before_or_after_the_command(line: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = line.replace("LOG", str(log)).replace("ROOT", str(tmp_path)).split()
    assert main(words) == 1
    assert json.loads(log.read_text())["msg"] == "container does not exist"


def test_a_commands_own_flag_wins(tmp_path: Path) -> None:
    """Global `--rootless` takes a value, that of `spec` doesn't."""
    assert main(["spec", "--rootless", "--bundle", str(tmp_path)]) == 0
    linux = json.loads((tmp_path / "config.json").read_text())["linux"]
    assert linux["uidMappings"] == [{"containerID": 0, "hostID": os.geteuid(), "size": 1}]
    assert {"type": "user"} in linux["namespaces"]


@pytest.mark.parametrize("line", ["--version", "state --version"])
def test_the_version(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 0
    assert "version" in capfd.readouterr().out


def test_wrong_levels_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--log-level", "loud", "list"]) == 1
    assert "invalid log-level" in capfd.readouterr().err


@pytest.mark.parametrize(("service", "path"), [("journald", JOURNALD), ("syslog", SYSLOG)])
def test_a_service_that_does_not_run(
    service: str, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if os.path.exists(path):
        pytest.skip(f"this host runs {service}")
    assert main([f"--log={service}:name", "list"]) == 1
    assert f"`--log={service}`: connecting to `{path}`: no such file" in capfd.readouterr().err


def test_datagrams_reach_a_service(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with pytest.raises(Unavailable):
        open_log_socket("syslog", path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as service:
        service.bind(path)
        fd = open_log_socket("syslog", path)
        assert not os.get_inheritable(fd)
        os.write(fd, syslog_packet("name", "error", "bad"))
        os.close(fd)
        packet = service.recv(1000).decode()
    assert packet.startswith("<11>")
    time.strptime(f"2000 {packet[4:19]}", "%Y %b %d %H:%M:%S")
    assert packet[19:] == f" name[{os.getpid()}]: bad"


def test_the_journals_protocol() -> None:
    head = b"PRIORITY=4\nSYSLOG_IDENTIFIER=name\n"
    assert journald_packet("name", "warning", "odd") == head + b"MESSAGE=odd\n"
    # A text of several lines goes with its length, so that it can't bring a field of its own.
    length = b"\x0a\0\0\0\0\0\0\0"
    text = "odd\nUNIT=x"
    assert (
        journald_packet("name", "warning", text) == head + b"MESSAGE\n" + length + b"odd\nUNIT=x\n"
    )

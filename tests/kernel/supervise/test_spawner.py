"""The spawner: how it is born, who may talk to it, what it shares, when it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tuicontainer
from tests.busybox import STEADY
from tests.cgroup_home import cgroup_home
from tests.kernel.supervise.ground import Ground, until
from tuicontainer.errors import FailedPrecondition
from tuicontainer.supervise import talk
from tuicontainer.supervise.aclient import AsyncClient
from tuicontainer.supervise.channel import Received, connect
from tuicontainer.supervise.converse import converse
from tuicontainer.supervise.inventory import list_containers
from tuicontainer.supervise.names import SPAWNER_SOCKET
from tuicontainer.supervise.requests import CreateRequest, ExecRequest


def status_field(pid: int, name: str) -> str:
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"^{name}:\s*(.*)$", text, re.MULTILINE)
    assert found is not None
    return found[1]


def test_it_has_left_the_door_behind(ground: Ground) -> None:
    old_mask = os.umask(0o077)
    held = os.open("/etc/hostname", os.O_RDONLY)
    os.set_inheritable(held, True)
    try:
        spawner = ground.spawner
    finally:
        os.umask(old_mask)
        os.close(held)
    assert os.getsid(spawner) != os.getsid(0)
    assert os.getsid(spawner) != spawner, "a session leader could get a terminal"
    assert os.readlink(f"/proc/{spawner}/cwd") == "/"
    assert Path(f"/proc/{spawner}/environ").read_bytes() == b""
    assert status_field(spawner, "Umask") == "0022"
    assert Path(f"/proc/{spawner}/oom_score_adj").read_text().strip() == "0"
    # glibc keeps signals 32 and 33 to itself, ignored where it hasn't needed them yet.
    ignored = int(status_field(spawner, "SigIgn"), 16) & 0x7FFFFFFF
    assert ignored == (1 << 0) | (1 << 12), "SIGHUP and SIGPIPE"
    assert int(status_field(spawner, "SigBlk"), 16) == 0
    assert status_field(spawner, "Threads") == "1"
    for fd in (0, 1, 2):
        assert os.readlink(f"/proc/{spawner}/fd/{fd}") == "/dev/null"
    targets = [os.readlink(f"/proc/{spawner}/fd/{fd}") for fd in os.listdir(f"/proc/{spawner}/fd")]
    assert "/etc/hostname" not in targets
    groups = Path(f"/proc/{spawner}/cgroup").read_text()
    assert f":{cgroup_home(ground.locations)}/engine\n" in groups


def test_a_monitor_has_only_its_own_descriptors(ground: Ground) -> None:
    ground.run()
    other = ground.run(name="other")
    monitor = ground.monitor(other.id)
    # The door that asked for the pid has left, and the events are on disk.
    time.sleep(0.3)
    kinds = sorted(
        re.sub(r"[\d\[\]]+", "", os.readlink(f"/proc/{monitor}/fd/{fd}"))
        for fd in os.listdir(f"/proc/{monitor}/fd")
    )
    folder = ground.locations.container_state_dir(other.id)
    data = ground.locations.container_data_dir(other.id)
    plain = re.compile(r"[\d\[\]]+")
    expected = ["/dev/null"] * 3 + ["anon_inode:pidfd" if "anon_inode:pidfd" in kinds else "pidfd:"]
    # To the spawner; the listener; the place that is kept to refuse whom it can't take.
    expected += ["socket:"] * 3
    expected += [plain.sub("", f"{folder}/{name}") for name in ("stdout", "stderr")]
    expected += [plain.sub("", f"{data}/monitor.lock")]
    assert [kind for kind in kinds if not kind.endswith("/log")] == sorted(expected)


def test_sockets_belong_to_their_owner_and_none_is_abstract(ground: Ground) -> None:
    view = ground.run()
    for path in (
        Path(ground.locations.engine_dir, SPAWNER_SOCKET),
        Path(ground.locations.container_state_dir(view.id), "monitor.sock"),
    ):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    names = [line.split()[-1] for line in Path("/proc/net/unix").read_text().splitlines()]
    assert not [name for name in names if name.startswith("@") and "tuic" in name]


def test_another_user_is_turned_away(ground: Ground) -> None:
    ground.run()
    for folder in (
        ground.folder,
        Path(ground.locations.state_root),
        Path(ground.locations.engine_dir),
    ):
        folder.chmod(0o755)
    # Even one whom the file's mode would let in.
    path = Path(ground.locations.engine_dir, SPAWNER_SOCKET)
    path.chmod(0o666)
    script = (
        "import os, socket, sys\n"
        "os.setresuid(65534, 65534, 65534)\n"
        "peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
        "os.chdir(sys.argv[1])\n"
        "peer.connect('spawner.sock')\n"
        "try:\n"
        "    peer.send(b'{\"hello\":1}')\n"
        "    print(peer.recv(100))\n"
        "except OSError:\n"
        "    print(b'')\n"
    )
    for parent in ground.folder.parents:
        if parent.stat().st_mode & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
    told = subprocess.run(
        [sys.executable, "-c", script, ground.locations.engine_dir],
        capture_output=True, text=True, check=True, cwd="/",
    )  # fmt: skip
    assert told.stdout.strip() == "b''"


@pytest.mark.parametrize("option", ["--net", "--mount", "--cgroup"])
def test_a_door_in_another_namespace_is_told_which(ground: Ground, option: str) -> None:
    assert ground.spawner
    script = (
        f"import sys; sys.path.insert(0, {os.path.dirname(tuicontainer.__path__[0])!r})\n"
        "from tuicontainer.locations import Locations\n"
        "from tuicontainer.supervise.converse import converse\n"
        "from tuicontainer.supervise.launch import reach_spawner\n"
        "from tuicontainer.errors import FailedPrecondition\n"
        "try:\n"
        "    converse(reach_spawner(Locations(state_root=sys.argv[1], data_root=sys.argv[2])))\n"
        "except FailedPrecondition as error:\n"
        "    print(error)\n"
    )
    told = subprocess.run(
        ["unshare", option, sys.executable, "-c", script,
         ground.locations.state_root, ground.locations.data_root],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    word = {"--net": "network", "--mount": "mount", "--cgroup": "cgroup"}[option]
    assert f"another {word} namespace" in told.stdout


def test_another_protocol_is_refused(ground: Ground) -> None:
    assert ground.spawner
    channel = connect(ground.locations.engine_dir, SPAWNER_SOCKET)
    assert channel is not None
    channel.send({"hello": 99, "version": "9.9", "namespaces": {}})
    with pytest.raises(FailedPrecondition, match=r"protocol `99`"):
        converse(talk.receive(channel))
    assert converse(talk.receive_any(channel)) is None
    channel.close()


@pytest.mark.parametrize(
    "nonsense", [b"[]", b"{", b"o", b"ohello", b'{"payload":99}', b"\xff" * 99]
)
def test_nonsense_ends_the_connection_and_nothing_else(ground: Ground, nonsense: bytes) -> None:
    from tuicontainer.syscalls.packet_sockets import send_packet

    before = ground.spawner
    channel = connect(ground.locations.engine_dir, SPAWNER_SOCKET)
    assert channel is not None
    send_packet(channel.fd, nonsense)
    said = converse(talk.receive_any(channel))
    assert said is None or (isinstance(said, Received) and "error" in said.message)
    channel.close()
    assert ground.spawner == before


def test_a_spawner_of_another_version_is_replaced(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = ground.run("sleep 1; exit 4")
    first = ground.spawner
    monkeypatch.setattr(tuicontainer, "__version__", "9.9.9")
    connection = converse(talk.open_connection(ground.locations.engine_dir, SPAWNER_SOCKET))
    assert connection is not None
    converse(talk.ask(connection.channel, {"verb": "retire"}))
    connection.channel.close()
    monkeypatch.undo()
    second = ground.spawner
    assert second != first
    assert until(lambda: str(first) in map(str, ground.helpers())), "it looks after its monitors"
    assert ground.client.wait(view.id).status == 4
    assert until(lambda: first not in ground.helpers())


def test_many_doors_at_once_get_one_spawner(ground: Ground) -> None:
    bundle = ground.bundle("exit 0")
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                ground.client.create(CreateRequest(bundle=bundle))
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 6
    assert len(list_containers(ground.locations)) == 6
    assert sum(comm(pid) == "tuic-spawner" for pid in ground.helpers()) == 1


def test_two_doors_on_one_container(ground: Ground) -> None:
    view = ground.create(STEADY)

    async def both() -> list[object]:
        one, other = AsyncClient(ground.locations), AsyncClient(ground.locations)
        return await asyncio.gather(
            one.start(view.id), other.start(view.id), return_exceptions=True
        )

    outcomes = asyncio.run(both())
    assert sorted(map(str, outcomes)) == ["None", "cannot start an already running container"]

    async def stop_and_delete() -> list[object]:
        one, other = AsyncClient(ground.locations), AsyncClient(ground.locations)
        return await asyncio.gather(
            one.stop(view.id),
            other.delete(view.id, force=True),
            one.delete(view.id, force=True),
            return_exceptions=True,
        )

    asyncio.run(stop_and_delete())
    assert list_containers(ground.locations) == []


def test_the_asyncio_client_does_it_all(ground: Ground) -> None:
    bundle = ground.bundle("cat; exit 5")

    async def main() -> None:
        client = AsyncClient(ground.locations)
        view = await client.create(CreateRequest(bundle=bundle, stdin_open=True))
        attachment = await client.attach(view.id, stdin=True, from_start=True)
        await client.start(view.id)
        await client.pause(view.id)
        await client.resume(view.id)
        await attachment.send_input(b"typed\n")
        await attachment.close_input()
        said = [each async for each in attachment]
        assert getattr(said[0], "data", None) == b"typed\n"
        attachment.close()
        assert (await client.wait(view.id)).status == 5
        await client.restart(view.id)
        assert (await client.stop(view.id, timeout=0)).status == 137
        await client.delete(view.id)

    asyncio.run(main())


def test_programs_get_the_limits_of_whoever_started_the_spawner(ground: Ground) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    mine = min(hard, 777)
    resource.setrlimit(resource.RLIMIT_NOFILE, (mine, hard))
    try:
        spawner = ground.spawner
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    limits = Path(f"/proc/{spawner}/limits").read_text()
    assert re.search(rf"Max open files\s+{hard}\s+{hard}", limits)
    bundle = ground.bundle("ulimit -Sn; sleep 1000")
    path = Path(bundle, "config.json")
    document = json.loads(path.read_text())
    document["process"].pop("rlimits", None)
    path.write_text(json.dumps(document))
    view = ground.client.create(CreateRequest(bundle=bundle))
    ground.client.start(view.id)
    assert until(lambda: ground.log(view.id) == [str(mine)])
    reader, writer = os.pipe()
    request = ExecRequest(args=("/bin/sh", "-c", "ulimit -Sn"))
    with ground.client.exec(view.id, request, (0, writer, writer)) as session:
        os.close(writer)
        assert session.wait() == 0
    assert os.read(reader, 100) == b"%d\n" % mine
    os.close(reader)


def test_it_ends_when_nothing_needs_it(ground: Ground) -> None:
    view = ground.run("exit 0")
    ground.client.delete(ground.client.wait(view.id) and view.id)
    before = time.monotonic()
    assert until(lambda: not ground.helpers(), 10)
    assert time.monotonic() - before > 1
    assert ground.cgroups() == []


def test_what_an_idle_monitor_costs(ground: Ground) -> None:
    views = [ground.run(name=f"box{number}") for number in range(5)]
    time.sleep(0.3)
    costs = [proportional(ground.monitor(view.id)) for view in views]
    print("PSS of an idle monitor:", costs, "kB; spawner:", proportional(ground.spawner), "kB")
    assert sorted(costs)[2] < 4500


SPAWNER_AND_MONITOR = """
import tuicontainer.supervise.preload
import tuicontainer.supervise.birth, tuicontainer.supervise.spawner
"""
QUICK_VERBS = """
import tuicontainer.supervise.client, tuicontainer.supervise.logs
import tuicontainer.supervise.inventory, tuicontainer.supervise.requests
"""


@pytest.mark.parametrize(
    "imports", [SPAWNER_AND_MONITOR, QUICK_VERBS], ids=["spawner and monitor", "quick verbs"]
)
def test_what_is_loaded(imports: str) -> None:
    root = os.path.dirname(tuicontainer.__path__[0])
    script = f"import sys; sys.path.insert(0, {root!r})\n{imports}\nprint(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True
    )
    forbidden = {"asyncio", "textual", "rich", "pyroute2", "dataclasses", "typing", "argparse",
                 "pathlib", "subprocess", "logging", "tempfile", "shutil", "threading",
                 "concurrent"}  # fmt: skip
    assert not forbidden & set(told.stdout.split())


def proportional(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    assert found is not None
    return int(found[1])


def comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""

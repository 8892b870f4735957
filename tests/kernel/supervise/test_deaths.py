"""What survives when a door, a monitor, a spawner, or both are killed."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.kernel.supervise.ground import Ground, kill, until
from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.process.identity import boot_id, read_stat
from tuicontainer.supervise.exit import exit_status_of
from tuicontainer.supervise.inventory import inspect_container, list_containers
from tuicontainer.supervise.requests import CreateRequest

COUNTING = "i=0; while [ $i -lt 60 ]; do echo line $i; i=$((i+1)); sleep 0.05; done; exit 6"
EXPECTED = [f"line {number}" for number in range(60)]


def alive(pid: int) -> bool:
    return (read_stat(pid) or "Z")[0] not in "ZX"


def test_the_monitor_dies_and_another_takes_over(ground: Ground) -> None:
    view = ground.run(COUNTING)
    first = ground.monitor(view.id)
    until(lambda: len(ground.log(view.id)) > 5)
    kill(first)
    assert until(lambda: ground.monitor(view.id) not in (0, first))
    assert ground.view(view.id).status == "running"
    assert ground.client.wait(view.id).status == 6
    assert ground.log(view.id) == EXPECTED
    assert "monitor-recovered" in ground.events(view.id)


def test_the_monitor_dies_again_and_again(ground: Ground) -> None:
    view = ground.run(COUNTING)
    for _ in range(4):
        now = ground.monitor(view.id)
        if now:
            kill(now)
        assert until(lambda now=now: ground.monitor(view.id) not in (0, now))  # type: ignore[misc]
    assert ground.client.wait(view.id).status == 6
    assert ground.log(view.id) == EXPECTED


def test_a_waiting_door_survives_the_monitor(ground: Ground) -> None:
    view = ground.run("sleep 1; exit 8")
    reader, writer = os.pipe()
    door = os.fork()
    if door == 0:
        try:
            os.write(writer, b"%d" % ground.client.wait(view.id).status)  # type: ignore[str-bytes-safe]
        finally:
            os._exit(0)
    os.close(writer)
    time.sleep(0.3)
    kill(ground.monitor(view.id))
    with open(reader, "rb") as file:
        assert file.read() == b"8"
    os.waitpid(door, 0)


def test_container_and_monitor_end_together(ground: Ground) -> None:
    view = ground.run()
    monitor = ground.monitor(view.id)
    os.kill(monitor, signal.SIGSTOP)
    os.kill(view.pid, signal.SIGTERM)
    assert until(lambda: not alive(view.pid))
    kill(monitor)
    assert ground.client.wait(view.id).status == 0


def test_the_monitor_dies_while_paused(ground: Ground) -> None:
    view = ground.run()
    ground.client.pause(view.id)
    kill(ground.monitor(view.id))
    ground.client.resume(view.id)
    assert ground.client.stop(view.id).status == 0


def test_the_monitor_of_a_terminal_dies(ground: Ground) -> None:
    view = ground.run("read line; echo got $line; exit 3", terminal=True)
    first = ground.monitor(view.id)
    kill(first)
    assert until(lambda: ground.monitor(view.id) not in (0, first))
    with ground.client.attach(view.id, stdin=True) as attachment:
        attachment.send_input(b"something\n")
        said = b"".join(getattr(each, "data", b"") for each in attachment)
    assert b"got something" in said
    assert ground.client.wait(view.id).status == 3


def test_standard_input_stays_open_past_the_monitor(ground: Ground) -> None:
    view = ground.run("cat; exit 2", stdin_open=True)
    first = ground.monitor(view.id)
    kill(first)
    assert until(lambda: ground.monitor(view.id) not in (0, first))
    with ground.client.attach(view.id, stdin=True) as attachment:
        attachment.send_input(b"still here\n")
        attachment.close_input()
        said = b"".join(getattr(each, "data", b"") for each in attachment)
    assert said == b"still here\n"
    assert ground.client.wait(view.id).status == 2


def test_the_spawner_dies_and_the_monitor_goes_on(ground: Ground) -> None:
    view = ground.run(COUNTING)
    kill(ground.spawner)
    assert ground.monitor(view.id)
    ending = ground.client.wait(view.id)
    assert ending.status == 6
    assert ground.log(view.id) == EXPECTED
    assert until(lambda: ground.helpers() == []), "nothing needed another spawner"


def test_the_next_spawner_guards_the_monitors_of_the_last(ground: Ground) -> None:
    view = ground.run(COUNTING)
    monitor, first = ground.monitor(view.id), ground.spawner
    kill(first)
    status = ground.ask_spawner("status")
    assert status["pid"] != first
    assert status["monitors"] == [view.id]
    assert ground.monitor(view.id) == monitor
    kill(monitor)
    assert until(lambda: ground.monitor(view.id) not in (0, monitor))
    ending = ground.client.wait(view.id)
    assert ending.status in (6, None)
    assert (ending.reason == "unknown") == (ending.status is None)
    assert ground.log(view.id) == EXPECTED


def test_both_die_and_the_container_goes_on(ground: Ground) -> None:
    view = ground.run("while :; do echo tick; sleep 0.02; done")
    spawner, monitor = ground.spawner, ground.monitor(view.id)
    kill(spawner)
    kill(monitor)
    time.sleep(0.3)
    assert alive(view.pid)
    assert ground.view(view.id).status == "running"
    ground.client.kill(view.id, "CONT")
    before = len(ground.log(view.id))
    ground.ask_spawner("status")
    assert until(lambda: ground.monitor(view.id))
    assert until(lambda: len(ground.log(view.id)) > before + 20), "what waited in the pipe came"
    ground.client.kill(view.id)
    ending = ground.client.wait(view.id)
    assert (ending.status, ending.reason) in ((137, "signaled"), (None, "unknown"))


def test_both_die_and_nobody_sees_the_end(ground: Ground) -> None:
    view = ground.run()
    kill(ground.spawner)
    kill(ground.monitor(view.id))
    ground.client.kill(view.id)
    assert until(lambda: not alive(view.pid))
    gone = ground.view(view.id)
    assert gone.status == "stopped"
    assert gone.exit is not None
    assert (gone.exit.status, gone.exit.reason) == (None, "unknown")
    assert ground.client.wait(view.id).reason == "unknown"
    last = inspect_container(ground.locations, view.id)["last_sample"]
    assert last["sample"]["cpu"]["usage_ns"] > 0, "its control group remembers"


def test_both_die_and_an_oom_kill_is_still_found(ground: Ground) -> None:
    eat = "dd if=/dev/zero of=/dev/null bs=96M count=1; exit 9"
    view = ground.run(f"trap '{eat}' USR1; echo; while :; do sleep 0.05; done",
                      memory_limit=24 * 2**20)  # fmt: skip
    assert until(lambda: ground.log(view.id))
    kill(ground.spawner)
    kill(ground.monitor(view.id))
    ground.client.kill(view.id, "USR1")
    assert until(lambda: not alive(view.pid))
    ending = ground.client.wait(view.id)
    assert ending.oom_killed
    assert ending.status is None
    ground.ask_spawner("status")
    assert until(lambda: "oom" in ground.events(view.id)), "told by the monitor that came"
    ground.client.start(view.id)
    assert ground.view(view.id).instance == 2


def test_both_die_and_delete_still_works(ground: Ground) -> None:
    view = ground.run()
    kill(ground.spawner)
    kill(ground.monitor(view.id))
    with pytest.raises(TuiContainerError, match="running"):
        ground.client.delete(view.id)
    ground.client.delete(view.id, force=True)
    assert list_containers(ground.locations) == []
    assert not alive(view.pid)


def test_a_container_to_be_removed_is_removed_after_all(ground: Ground) -> None:
    view = ground.run(auto_remove=True)
    kill(ground.spawner)
    kill(ground.monitor(view.id))
    ground.client.kill(view.id)
    ground.ask_spawner("status")
    assert until(lambda: not list_containers(ground.locations))


def test_a_monitor_that_dies_making_a_container_leaves_nothing(ground: Ground) -> None:
    hooks = {"prestart": [{"path": "/bin/sleep", "args": ["sleep", "2"]}]}
    bundle = ground.bundle("exit 0", hooks=hooks)
    door = os.fork()
    if door == 0:
        try:
            ground.client.create(CreateRequest(bundle=bundle))
        finally:
            os._exit(0)
    assert until(
        lambda: [view.status for view in list_containers(ground.locations)] == ["creating"]
    )
    monitor = ground.view("box-1")
    assert monitor.supervised
    helpers = [pid for pid in ground.helpers() if comm(pid) == "tuic:new"]
    assert len(helpers) >= 1
    kill(min(helpers))
    assert until(lambda: not list_containers(ground.locations))
    assert os.listdir(ground.locations.containers_dir) == []
    os.waitpid(door, 0)


def test_doors_die_and_nothing_is_lost(ground: Ground) -> None:
    view = ground.create(COUNTING)
    attachment = ground.client.attach(view.id)
    door = os.fork()
    if door == 0:
        ground.client.start(view.id)
        for _ in ground.client.attach(view.id):
            pass
        os._exit(0)
    assert until(lambda: len(ground.log(view.id)) > 3)
    os.kill(door, signal.SIGKILL)
    os.waitpid(door, 0)
    attachment.close()
    assert ground.client.wait(view.id).status == 6
    assert ground.log(view.id) == EXPECTED


def test_a_reboot_is_told_from_a_lost_end(ground: Ground) -> None:
    view = ground.run("exit 0")
    ground.client.wait(view.id)
    assert until(lambda: not ground.monitor(view.id))
    path = os.path.join(ground.locations.container_data_dir(view.id), "record.json")
    with open(path) as file:
        text = file.read()
    text = text.replace(boot_id(), "another-boot").replace('"exit_instance":1', '"exit_instance":0')
    with open(path, "w") as file:
        file.write(text)

    def reason() -> str:
        ending = ground.view(view.id).exit
        return "" if ending is None else ending.reason

    assert until(lambda: reason() == "reboot")


def test_a_pidfd_tells_the_status_of_a_strangers_child() -> None:
    child = os.fork()
    if child == 0:
        os._exit(42)
    pidfd = os.pidfd_open(child)
    os.waitpid(child, 0)
    try:
        status = exit_status_of(pidfd)
    except OSError:
        status = None
    finally:
        os.close(pidfd)
    if status is None:
        pytest.skip("needs PIDFD_GET_INFO with exit status (Linux 6.15)")
    assert os.waitstatus_to_exitcode(status) == 42


def comm(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""

"""Attached doors: several at once, slow ones, typing ones, terminals."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.kernel.supervise.ground import Ground, until
from tuicontainer.errors import FailedPrecondition
from tuicontainer.supervise.attachment import Attachment, Dropped, Ended, Output
from tuicontainer.supervise.log_writer import RETRY_SECONDS
from tuicontainer.supervise.requests import CreateRequest

TALKS = "while :; do echo 0123456789012345678901234567890123456789012345678901234567890; done"


def everything(attachment: Attachment) -> tuple[dict[str, bytes], Ended | Dropped]:
    """Read an attachment to its end: what came on each stream, and the last word."""
    said = {"stdout": b"", "stderr": b""}
    for each in attachment:
        if not isinstance(each, Output):
            return said, each
        said[each.stream] += each.data
    raise AssertionError("an attachment ends with a last word")


def test_streams_are_told_apart(ground: Ground) -> None:
    view = ground.create("echo out; echo err >&2; printf 'no end'; exit 1")
    with ground.client.attach(view.id) as attachment:
        assert not attachment.terminal
        ground.client.start(view.id)
        said, last = everything(attachment)
    assert said == {"stdout": b"out\nno end", "stderr": b"err\n"}
    assert isinstance(last, Ended)
    assert last.exit.status == 1


def test_all_viewers_see_all(ground: Ground) -> None:
    view = ground.create("for i in 1 2 3; do echo $i; done")
    attachments = [ground.client.attach(view.id) for _ in range(3)]
    ground.client.start(view.id)
    for attachment in attachments:
        with attachment:
            assert everything(attachment)[0]["stdout"] == b"1\n2\n3\n"


def test_from_start_misses_and_repeats_nothing(ground: Ground) -> None:
    view = ground.run(
        "i=0; while [ $i -lt 400 ]; do echo $i; i=$((i+1)); done; sleep 0.3; echo end"
    )
    expected = "".join(f"{number}\n" for number in range(400)) + "end\n"
    with ground.client.attach(view.id, from_start=True) as attachment:
        said, _ = everything(attachment)
    assert said["stdout"].decode() == expected


def test_from_start_shows_only_this_instance(ground: Ground) -> None:
    view = ground.run("echo once; sleep 0.2")
    ground.client.wait(view.id)
    ground.client.start(view.id)
    with ground.client.attach(view.id, from_start=True) as attachment:
        assert everything(attachment)[0]["stdout"] == b"once\n"


def test_bytes_are_passed_as_they_are(ground: Ground) -> None:
    view = ground.create(r"printf '\000\377\r\n\033[1m'")
    with ground.client.attach(view.id) as attachment:
        ground.client.start(view.id)
        assert everything(attachment)[0]["stdout"] == b"\x00\xff\r\n\x1b[1m"


def test_typing_and_the_end_of_input(ground: Ground) -> None:
    view = ground.run("cat; echo eof", stdin_open=True)
    with ground.client.attach(view.id, stdin=True) as attachment:
        attachment.send_input(b"hello\n" * 5000)
        attachment.close_input()
        said, last = everything(attachment)
    assert said["stdout"] == b"hello\n" * 5000 + b"eof\n"
    assert isinstance(last, Ended)
    assert last.exit.status == 0


def test_input_waits_for_a_container_that_does_not_read(ground: Ground) -> None:
    view = ground.run("sleep 1; wc -c", stdin_open=True)
    size = 3 * 2**20
    with ground.client.attach(view.id, stdin=True) as attachment:
        before = time.monotonic()
        attachment.send_input(b"x" * size)
        attachment.close_input()
        assert time.monotonic() - before > 0.5
        assert int(everything(attachment)[0]["stdout"]) == size


def test_input_that_is_not_open(ground: Ground) -> None:
    view = ground.run("cat; sleep 1000")
    with pytest.raises(FailedPrecondition, match="standard input"):
        ground.client.attach(view.id, stdin=True)


def test_a_viewer_may_not_type_unasked(ground: Ground) -> None:
    view = ground.run("cat", stdin_open=True)
    with ground.client.attach(view.id) as attachment:
        attachment.send_input(b"sneaky\n")
        assert isinstance(everything(attachment)[1], Dropped)
    assert ground.log(view.id) == []


def test_a_viewer_that_leaves_harms_nobody(ground: Ground) -> None:
    view = ground.run("cat", stdin_open=True)
    ground.client.attach(view.id).close()
    with ground.client.attach(view.id, stdin=True) as attachment:
        attachment.send_input(b"x")
    with ground.client.attach(view.id, stdin=True) as attachment:
        attachment.send_input(b"y\n")
        attachment.close_input()
        assert isinstance(everything(attachment)[1], Ended)
    assert "".join(ground.log(view.id)) == "xy"


def test_a_viewer_that_does_not_read_is_dropped_and_holds_up_nothing(ground: Ground) -> None:
    view = ground.create(TALKS)
    with ground.client.attach(view.id) as lazy:
        ground.client.start(view.id)
        log = Path(ground.locations.container_data_dir(view.id), "log")
        assert until(lambda: log.exists() and log.stat().st_size > 4 * 2**20, 30)
        assert resident(ground.monitor(view.id)) < 24 * 2**20
        _, last = everything(lazy)
    assert isinstance(last, Dropped)
    assert "read" in last.reason
    assert ground.view(view.id).status == "running"
    ground.client.kill(view.id)


def test_the_log_is_bounded(ground: Ground) -> None:
    view = ground.run("yes 0123456789012345678901234567890123456789012345678901234567890123456789")
    folder = Path(ground.locations.container_data_dir(view.id))
    assert until((folder / "log.2").exists, 60)
    inode = (folder / "log.2").stat().st_ino
    assert until(lambda: (folder / "log.2").stat().st_ino != inode, 60)
    ground.client.kill(view.id)
    ground.client.wait(view.id)
    sizes = sorted((path.name, path.stat().st_size) for path in folder.glob("log*"))
    assert [name for name, _ in sizes] == ["log", "log.1", "log.2"]
    assert all(size <= 16 * 2**20 for _, size in sizes)


def test_a_terminal(ground: Ground) -> None:
    view = ground.create("stty size; read line; stty size; exit 5", terminal=True,
                         console_size=(31, 97))  # fmt: skip
    with ground.client.attach(view.id, stdin=True, from_start=True) as attachment:
        assert attachment.terminal
        ground.client.start(view.id)
        assert until(lambda: "31 97" in "".join(ground.log(view.id)))
        attachment.resize(40, 120)
        attachment.send_input(b"\n")
        said, last = everything(attachment)
    assert b"31 97" in said["stdout"]
    assert b"40 120" in said["stdout"]
    assert isinstance(last, Ended)
    assert last.exit.status == 5


def test_a_terminal_that_is_closed_and_opened_again(ground: Ground) -> None:
    script = (
        "(sleep 0.7; echo back >/dev/console; sleep 0.2; kill -TERM 1) & "
        "trap 'exit 0' TERM; exec <&- >&- 2>&-; wait; wait"
    )
    view = ground.run(script, terminal=True)
    assert ground.client.wait(view.id).status == 0
    assert ground.log(view.id)[:1] == ["back\r"]


def test_a_resize_without_a_terminal_ends_the_attachment(ground: Ground) -> None:
    view = ground.run()
    with ground.client.attach(view.id) as attachment:
        attachment.resize(10, 10)
        last = everything(attachment)[1]
    assert isinstance(last, Dropped)
    assert "no terminal" in last.reason


def test_attaching_to_what_is_stopped(ground: Ground) -> None:
    view = ground.run("exit 0")
    ground.client.wait(view.id)
    with pytest.raises(FailedPrecondition, match="not running"):
        ground.client.attach(view.id)


def test_too_many_viewers(ground: Ground) -> None:
    view = ground.run()
    attachments = [ground.client.attach(view.id) for _ in range(32)]
    with pytest.raises(FailedPrecondition, match="32 viewers"):
        ground.client.attach(view.id)
    attachments.pop().close()
    assert until(lambda: can_attach(ground, view.id))
    for attachment in attachments:
        attachment.close()


def test_the_log_is_written_where_it_is_moved_away(ground: Ground) -> None:
    view = ground.run("while read line; do echo $line; done", stdin_open=True)
    folder = Path(ground.locations.container_data_dir(view.id))
    with ground.client.attach(view.id, stdin=True) as attachment:
        attachment.send_input(b"one\n")
        assert until(lambda: ground.log(view.id) == ["one"])
        (folder / "log").rename(folder / "kept-elsewhere")
        assert ground.ask_monitor(view.id, "reopen-log") == {}
        attachment.send_input(b"two\n")
        assert until(lambda: ground.log(view.id) == ["two"])


def test_a_full_disk_does_not_stop_the_container(ground: Ground) -> None:
    bundle = ground.bundle(
        "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; read x; echo last; exit 3"
    )
    view = ground.client.create(CreateRequest(bundle=bundle, stdin_open=True))
    log = Path(ground.locations.container_data_dir(view.id), "log")
    log.symlink_to("/dev/full")
    with ground.client.attach(view.id, stdin=True) as attachment:
        ground.client.start(view.id)
        seen = b""
        while b"line 2999" not in seen:
            said = attachment.receive()
            assert isinstance(said, Output)
            seen += said.data
        log.unlink()
        time.sleep(2 * RETRY_SECONDS)
        attachment.send_input(b"\n")
        everything(attachment)
    assert ground.client.wait(view.id).status == 3
    texts = ground.log(view.id)
    assert texts[-1] == "last"
    assert "bytes of output were lost" in texts[0]
    assert [event for event in ground.events(view.id) if event.startswith("log-")] == [
        "log-failing", "log-lost",
    ]  # fmt: skip


def can_attach(ground: Ground, container_id: str) -> bool:
    try:
        ground.client.attach(container_id).close()
    except FailedPrecondition:
        return False
    return True


def resident(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

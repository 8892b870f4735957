"""The line between the runtime and the init: messages, descriptors, errors, its end."""

from __future__ import annotations

import os

import pytest

from tuicontainer.errors import Internal, NotFound
from tuicontainer.runtime.process.channel import open_channel


def test_messages_keep_their_order_and_borders() -> None:
    ours, theirs = open_channel()
    theirs.send("mounted")
    theirs.send("ready", marks=[["init", 1]])
    assert ours.expect("mounted") == {"step": "mounted"}
    assert ours.expect("ready") == {"step": "ready", "marks": [["init", 1]]}
    theirs.close()
    assert ours.receive() is None
    ours.close()


def test_a_descriptor_travels_with_its_message() -> None:
    ours, theirs = open_channel()
    reader, writer = os.pipe()
    theirs.send("console", with_fd=reader)
    received = ours.receive()
    assert received is not None
    message, fd = received
    assert message["step"] == "console"
    assert fd is not None
    assert not os.get_inheritable(fd)
    os.write(writer, b"x")
    assert os.read(fd, 1) == b"x"
    for each in (reader, writer, fd):
        os.close(each)
    ours.close()
    theirs.close()


def test_an_error_is_raised_on_the_other_side() -> None:
    ours, theirs = open_channel()
    theirs.send_error(NotFound("no such file", hint="look", errno=2).to_wire())
    with pytest.raises(NotFound, match="no such file") as caught:
        ours.expect("ready")
    assert (caught.value.hint, caught.value.errno) == ("look", 2)
    ours.close()
    theirs.close()


def test_a_huge_error_is_cut() -> None:
    ours, theirs = open_channel()
    theirs.send_error(NotFound("x" * 10**6).to_wire())
    with pytest.raises(NotFound):
        ours.receive()
    ours.close()
    theirs.close()


def test_another_step_or_the_end_is_a_bug() -> None:
    ours, theirs = open_channel()
    theirs.send("mounted")
    with pytest.raises(Internal, match="expected `ready`"):
        ours.expect("ready")
    theirs.close()
    with pytest.raises(Internal, match="ended before `ready`"):
        ours.expect("ready")
    with pytest.raises(OSError, match=r"[Bb]roken pipe"):
        ours.send("go")
    ours.close()


def test_a_dead_reader_does_not_hide_the_error() -> None:
    ours, theirs = open_channel()
    ours.close()
    theirs.send_error(NotFound("x").to_wire())
    theirs.close()

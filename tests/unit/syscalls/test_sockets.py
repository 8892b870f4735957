"""Packets between two processes, also when one of them ends with some unread."""

from __future__ import annotations

import os
import socket

from tuicontainer.syscalls.sockets import receive_packet


def test_the_last_words_of_a_peer_that_did_not_read_ours_arrive() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    reader, writer = os.pipe()
    with ours:
        socket.send_fds(theirs, [b"why"], [reader])
        ours.send(b"go")
        theirs.close()
        packet, fd = receive_packet(ours.fileno(), 100)
        assert packet == b"why"
        assert fd is not None
        assert not os.get_inheritable(fd)
        assert receive_packet(ours.fileno(), 100) == (b"", None)
    for each in (reader, writer, fd):
        os.close(each)


def test_a_peer_that_said_nothing_is_at_its_end() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        ours.send(b"go")
        theirs.close()
        assert receive_packet(ours.fileno(), 100) == (b"", None)

"""Files of /proc, parsed from samples and read from this machine."""

from __future__ import annotations

import os
import subprocess

import pytest

from tuicontainer.engine.proc import (
    HostReader,
    NetworkReader,
    parse_cpu_ticks,
    parse_interfaces,
    parse_memory,
)


@pytest.mark.parametrize(
    ("line", "ticks"),
    [
        (b"cpu  10 1 20 100 5 2 3 4 6 1\ncpu0 1 1 1 1\n", (40, 145)),
        (b"cpu  1 0 1 1 1 0 0\n", (2, 4)),
    ],
)
def test_cpu_ticks_leave_out_guests_and_waiting(line: bytes, ticks: tuple[int, int]) -> None:
    assert parse_cpu_ticks(line) == ticks


def test_memory_is_in_bytes() -> None:
    text = b"MemTotal:  100 kB\nMemFree: 1 kB\nMemAvailable:   60 kB\n"
    assert parse_memory(text) == (102400, 61440)


def test_interfaces_have_names_with_any_characters() -> None:
    text = (
        b"Inter-|   Receive  |  Transmit\n face |bytes packets\n"
        b"    lo: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n"
        b"eth0:1:300 3 0 0 0 0 0 0 400 4 0 0 0 0 0 0\n"
        b"  short: 1 2\n"
    )
    found = [
        (entry.name, entry.rx_bytes, entry.rx_packets, entry.tx_bytes, entry.tx_packets)
        for entry in parse_interfaces(text)
    ]
    assert found == [("lo", 10, 1, 20, 2), ("eth0:1", 300, 3, 400, 4)]


def test_the_host_is_read_again_from_the_same_files() -> None:
    reader = HostReader()
    first = reader.read()
    sum(range(300_000))
    second = reader.read()
    reader.close()
    assert first.cpu_percent is None
    assert second.cpu_percent is None or 0 <= second.cpu_percent <= 100
    assert second.memory_total > second.memory_available > 0
    assert second.cpu_count == os.cpu_count()


def test_our_own_network_isnt_a_containers() -> None:
    reader = NetworkReader(os.getpid())
    assert reader.read() == ()
    reader.close()


def test_a_network_reader_doesnt_read_another_process_of_the_same_pid() -> None:
    child = subprocess.Popen(["sleep", "60"])
    reader = NetworkReader(child.pid)
    reader._own_namespace = True
    assert any(entry.name == "lo" for entry in reader.read())
    child.kill()
    child.wait()
    with pytest.raises(OSError, match="No such"):
        reader.read()
    reader.close()

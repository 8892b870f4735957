"""The few files of /proc that statistics need: parsers, and a reader that keeps its files open.

Sources: proc(5): /proc/stat, /proc/meminfo, /proc/loadavg, /proc/PID/net/dev.
"""

from __future__ import annotations

import os

from tuicontainer.engine.rates import InterfaceCounters, host_cpu_percent
from tuicontainer.engine.statistics import HostStats

_LARGEST = 65536


def parse_cpu_ticks(text: bytes) -> tuple[int, int]:
    """Return `(busy, total)` of all cores in clock ticks, from /proc/stat.

    The line is `cpu user nice system idle iowait irq softirq steal guest guest_nice`. Guest time
    is contained in user time, so it isn't added again; waiting for I/O is idle time.
    """
    numbers = [int(word) for word in text.split(b"\n", 1)[0].split()[1:9]]
    return sum(numbers) - numbers[3] - numbers[4], sum(numbers)


def parse_memory(text: bytes) -> tuple[int, int]:
    """Return total and available bytes, from /proc/meminfo."""
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition(b":")
        if name in (b"MemTotal", b"MemAvailable"):
            found[name] = int(rest.split()[0]) * 1024
    return found[b"MemTotal"], found.get(b"MemAvailable", 0)


def parse_interfaces(text: bytes) -> tuple[InterfaceCounters, ...]:
    """Return every interface of /proc/PID/net/dev: two heading lines, then `name: 16 counters`."""
    found = []
    for line in text.splitlines()[2:]:
        name, _, rest = line.rpartition(b":")
        counters = rest.split()
        if len(counters) < 16:
            continue
        found.append(
            InterfaceCounters(
                name=name.strip().decode(errors="replace"),
                rx_bytes=int(counters[0]),
                rx_packets=int(counters[1]),
                tx_bytes=int(counters[8]),
                tx_packets=int(counters[9]),
            )
        )
    return tuple(found)


class HostReader:
    """Reads the whole machine's numbers; owns three descriptors until `close`."""

    def __init__(self) -> None:
        self._files = [
            os.open(f"/proc/{name}", os.O_RDONLY | os.O_CLOEXEC)
            for name in ("stat", "meminfo", "loadavg")
        ]
        self._before: tuple[int, int] | None = None
        self._cpu_count = os.cpu_count() or 1

    def read(self) -> HostStats:
        """Return the machine's statistics since the last call."""
        stat, meminfo, loadavg = (os.pread(file, _LARGEST, 0) for file in self._files)
        ticks = parse_cpu_ticks(stat)
        total, available = parse_memory(meminfo)
        percent = host_cpu_percent(ticks, self._before)
        self._before = ticks
        return HostStats(
            cpu_count=self._cpu_count,
            cpu_percent=percent,
            memory_total=total,
            memory_available=available,
            load_1=float(loadavg.split()[0]),
        )

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            os.close(file)
        self._files = []


class NetworkReader:
    """Reads the interfaces of one process's network namespace, if it isn't our own.

    What stays open is the process's folder in /proc: it keeps answering for that very process and
    fails once it is gone, however often its pid is used again. `net/dev` is opened anew each time,
    because an open one would keep the container's network namespace alive after the container.
    """

    def __init__(self, pid: int) -> None:
        self._folder = os.open(f"/proc/{pid}", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            theirs = os.stat("ns/net", dir_fd=self._folder)
            ours = os.stat("/proc/self/ns/net")
        except OSError:
            self.close()
            raise
        self._own_namespace = (theirs.st_dev, theirs.st_ino) != (ours.st_dev, ours.st_ino)

    def read(self) -> tuple[InterfaceCounters, ...]:
        """Return the interfaces; none for a container that shares the host's network.

        Raises:
            OSError: the process is gone.
        """
        if not self._own_namespace:
            return ()
        file = os.open("net/dev", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        try:
            # A sequence file hands out one page at a time, which is some thirty interfaces.
            text = b""
            while page := os.read(file, _LARGEST):
                text += page
            return parse_interfaces(text)
        finally:
            os.close(file)

    def close(self) -> None:
        """Close the folder."""
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

"""The counters of a v2 group, read again and again.

Sources: Documentation/admin-guide/cgroup-v2.rst, accounting/psi.rst.
"""

from __future__ import annotations

import time

from tuicontainer.runtime.cgroups.descriptors import OpenFiles
from tuicontainer.runtime.cgroups.formats import flat_keyed, limit_value, pressure, v2_io
from tuicontainer.runtime.cgroups.sample import (
    CgroupSample,
    CpuSample,
    MemorySample,
    PidsSample,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from tuicontainer.runtime.cgroups.sample import IoDeviceSample, PressureKind, PressureSample

PRESSURES: tuple[PressureKind, ...] = ("cpu", "memory", "io")


class V2Sampler:
    """Answers `api.Sampler`."""

    def __init__(self, path: str, folder: str) -> None:
        """Args: the group's path, for errors, and its folder."""
        self._folder = folder
        self._files = OpenFiles(path)

    def sample(self) -> CgroupSample:
        now = time.monotonic_ns()
        return CgroupSample(
            monotonic_ns=now,
            cpu=self._cpu(),
            memory=self._memory(),
            pids=PidsSample(current=self._number("pids.current"), limit=self._limit("pids.max")),
            io=self._io(),
            pressure=self.pressures(),
        )

    def pressures(self) -> dict[PressureKind, PressureSample]:
        """Return pressure stall information alone, which a hybrid host has nowhere else."""
        found = {}
        for kind in PRESSURES:
            text = self._read(f"{kind}.pressure")
            sample = pressure(text) if text else None
            if sample is not None:
                found[kind] = sample
        return found

    def close(self) -> None:
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self, file: str) -> str | None:
        return self._files.read(f"{self._folder}/{file}")

    def _number(self, file: str) -> int | None:
        text = self._read(file)
        return int(text) if text else None

    def _limit(self, file: str) -> int | None:
        text = self._read(file)
        return limit_value(text) if text else None

    def _cpu(self) -> CpuSample:
        used = flat_keyed(self._read("cpu.stat") or "")
        bandwidth = (self._read("cpu.max") or "").split()
        return CpuSample(
            usage_ns=_nanoseconds(used.get("usage_usec")),
            user_ns=_nanoseconds(used.get("user_usec")),
            system_ns=_nanoseconds(used.get("system_usec")),
            periods=used.get("nr_periods"),
            throttled_periods=used.get("nr_throttled"),
            throttled_ns=_nanoseconds(used.get("throttled_usec")),
            quota_us=limit_value(bandwidth[0]) if bandwidth else None,
            period_us=int(bandwidth[1]) if bandwidth else None,
        )

    def _memory(self) -> MemorySample:
        counted = flat_keyed(self._read("memory.stat") or "")
        events = flat_keyed(self._read("memory.events") or "")
        return MemorySample(
            usage=self._number("memory.current"),
            limit=self._limit("memory.max"),
            peak=self._number("memory.peak"),
            swap=self._number("memory.swap.current"),
            swap_limit=self._limit("memory.swap.max"),
            anon=counted.get("anon"),
            file=counted.get("file"),
            shmem=counted.get("shmem"),
            kernel=counted.get("kernel"),
            slab=counted.get("slab"),
            sock=counted.get("sock"),
            inactive_file=counted.get("inactive_file"),
            oom_kills=events.get("oom_kill"),
        )

    def _io(self) -> tuple[IoDeviceSample, ...] | None:
        text = self._read("io.stat")
        return None if text is None else v2_io(text)


def _nanoseconds(microseconds: int | None) -> int | None:
    return None if microseconds is None else microseconds * 1000

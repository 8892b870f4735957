"""The counters of a v1 group, read again and again.

Sources: Documentation/admin-guide/cgroup-v1/{cpuacct,memory,pids,blkio-controller}.rst,
scheduler/sched-bwc.rst.
"""

from __future__ import annotations

import time

from tuicontainer.runtime.cgroups.descriptors import OpenFiles
from tuicontainer.runtime.cgroups.formats import flat_keyed, limit_value, v1_io
from tuicontainer.runtime.cgroups.sample import (
    CgroupSample,
    CpuSample,
    MemorySample,
    PidsSample,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from tuicontainer.runtime.cgroups.sample import IoDeviceSample


class V1Sampler:
    """Answers `api.Sampler`."""

    def __init__(self, path: str, folders: Mapping[str, str]) -> None:
        """Args: the group's path, for errors, and its folder for each mounted controller."""
        self._folders = folders
        self._files = OpenFiles(path)

    def sample(self) -> CgroupSample:
        now = time.monotonic_ns()
        return CgroupSample(
            monotonic_ns=now,
            cpu=self._cpu(),
            memory=self._memory(),
            pids=self._pids(),
            io=self._io(),
        )

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

    def _read(self, controller: str, file: str) -> str | None:
        folder = self._folders.get(controller)
        return None if folder is None else self._files.read(f"{folder}/{file}")

    def _number(self, controller: str, file: str) -> int | None:
        text = self._read(controller, file)
        return int(text) if text else None

    def _limit(self, controller: str, file: str) -> int | None:
        text = self._read(controller, file)
        return limit_value(text) if text else None

    def _cpu(self) -> CpuSample:
        throttling = flat_keyed(self._read("cpu", "cpu.stat") or "")
        return CpuSample(
            usage_ns=self._number("cpuacct", "cpuacct.usage"),
            user_ns=self._number("cpuacct", "cpuacct.usage_user"),
            system_ns=self._number("cpuacct", "cpuacct.usage_sys"),
            periods=throttling.get("nr_periods"),
            throttled_periods=throttling.get("nr_throttled"),
            throttled_ns=throttling.get("throttled_time"),
            quota_us=self._limit("cpu", "cpu.cfs_quota_us"),
            period_us=self._number("cpu", "cpu.cfs_period_us"),
        )

    def _memory(self) -> MemorySample:
        counted = flat_keyed(self._read("memory", "memory.stat") or "")
        events = flat_keyed(self._read("memory", "memory.oom_control") or "")
        limit = self._limit("memory", "memory.limit_in_bytes")
        both = self._limit("memory", "memory.memsw.limit_in_bytes")
        cache, shmem = counted.get("total_cache"), counted.get("total_shmem")
        return MemorySample(
            usage=self._number("memory", "memory.usage_in_bytes"),
            limit=limit,
            peak=self._number("memory", "memory.max_usage_in_bytes"),
            swap=counted.get("total_swap"),
            # v1 limits the sum; what swap alone may take follows only if both are limited.
            swap_limit=None if both is None or limit is None else both - limit,
            anon=counted.get("total_rss"),
            file=cache,
            shmem=shmem,
            kernel=self._number("memory", "memory.kmem.usage_in_bytes"),
            sock=self._number("memory", "memory.kmem.tcp.usage_in_bytes"),
            inactive_file=counted.get("total_inactive_file"),
            oom_kills=events.get("oom_kill"),
        )

    def _pids(self) -> PidsSample:
        return PidsSample(
            current=self._number("pids", "pids.current"), limit=self._limit("pids", "pids.max")
        )

    def _io(self) -> tuple[IoDeviceSample, ...] | None:
        if "blkio" not in self._folders:
            return None
        prefix = "blkio.throttle.io_servic"
        # The plain files count the group itself only; the recursive ones are there since 5.0.
        service_bytes = self._read("blkio", f"{prefix}e_bytes_recursive")
        serviced = self._read("blkio", f"{prefix}ed_recursive")
        if service_bytes is None or serviced is None:
            service_bytes = self._read("blkio", f"{prefix}e_bytes")
            serviced = self._read("blkio", f"{prefix}ed")
        if service_bytes is None or serviced is None:
            return None
        return v1_io(service_bytes, serviced)

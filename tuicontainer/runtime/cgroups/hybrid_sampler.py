"""The counters of a group on a host with v1 controllers and a unified tree."""

from __future__ import annotations

from tuicontainer.runtime.cgroups.sample import CpuSample, MemorySample, PidsSample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from tuicontainer.runtime.cgroups.sample import CgroupSample
    from tuicontainer.runtime.cgroups.v1.sampler import V1Sampler
    from tuicontainer.runtime.cgroups.v2.sampler import V2Sampler


class HybridSampler:
    """Answers `api.Sampler`: v1's counters, and from the unified group what v1 hasn't got."""

    def __init__(self, first: V1Sampler, unified: V2Sampler, *, complete: bool) -> None:
        """Args: both samplers, and whether v1 has every controller that is sampled."""
        self._first = first
        self._unified = unified
        self._complete = complete

    def sample(self) -> CgroupSample:
        sample = self._first.sample()
        if self._complete:
            return sample.replace(pressure=self._unified.pressures())
        other = self._unified.sample()
        return sample.replace(
            cpu=other.cpu if sample.cpu == CpuSample() else sample.cpu,
            memory=other.memory if sample.memory == MemorySample() else sample.memory,
            pids=other.pids if sample.pids == PidsSample() else sample.pids,
            io=other.io if sample.io is None else sample.io,
            pressure=other.pressure,
        )

    def close(self) -> None:
        self._first.close()
        self._unified.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

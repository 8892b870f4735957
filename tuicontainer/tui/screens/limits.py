"""Other limits for a container, a running one at once."""

from __future__ import annotations

from collections.abc import Mapping

from tuicontainer.engine.api import EngineInfo
from tuicontainer.engine.statistics import ContainerStats
from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.limits import Limits
from tuicontainer.tui.command_lines import update_line
from tuicontainer.tui.limit_texts import FIELDS, read_limits
from tuicontainer.tui.quantities import cores, short_size
from tuicontainer.tui.screens.form import Form


class LimitsForm(Form[Limits]):
    """Asks for memory, CPU time and processes; what is left empty stays as it is."""

    keys_text = "enter changes · `none` is no limit · esc leaves"

    def __init__(
        self, container_id: str, stats: ContainerStats | None, info: EngineInfo | None
    ) -> None:
        """Ask for limits of a container whose latest statistics are *stats*."""
        super().__init__(f"Limits of {container_id}", FIELDS, _present(stats))
        self._container = container_id
        self._info = info

    def meant(self, values: Mapping[str, str]) -> Limits:
        """Return the limits; at least one."""
        limits = read_limits(values)
        if limits == Limits():
            raise InvalidArgument("nothing is changed yet", hint="such as 64m, 0.5 and 100")
        return limits

    def command(self, meant: Limits) -> str:
        """Return the command line that does the same."""
        return update_line(self._container, meant, self._info)


def _present(stats: ContainerStats | None) -> dict[str, str]:
    if stats is None:
        return {name: "as it is" for name, _ in FIELDS}
    sample = stats.sample
    now = {
        "memory": None if sample.memory.limit is None else short_size(sample.memory.limit),
        "cpus": None if stats.cpu_limit_cores is None else cores(stats.cpu_limit_cores),
        "pids": None if sample.pids.limit is None else str(sample.pids.limit),
    }
    return {
        name: "no limit now" if value is None else f"{value} now" for name, value in now.items()
    }

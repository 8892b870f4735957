"""The limits on the command line: the same options for `run`, `create` and `update`.

Source: docker-run(1), docker-update(1).
"""

from __future__ import annotations

from tuicontainer.cli.options import Option
from tuicontainer.cli.quantities import parse_count, parse_cpus, parse_positive, parse_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.cli.options import Arguments

NONE = "-1"
"""How no limit is written."""


def _size(word: str) -> int:
    return -1 if word == NONE else parse_size(word)


def _tasks(word: str) -> int:
    return -1 if word == NONE else parse_positive(word)


LIMITS = (
    Option(
        names=("-m", "--memory"),
        value="SIZE",
        help="memory limit, such as 64m; -1 for none",
        convert=_size,
    ),
    Option(
        names=("--memory-reservation",),
        value="SIZE",
        help="memory that reclaim leaves alone if it can",
        convert=_size,
    ),
    Option(
        names=("--memory-swap",),
        value="SIZE",
        help="limit of memory and swap together; -1 for none",
        convert=_size,
    ),
    Option(
        names=("--cpus",),
        value="N",
        help="cores' worth of CPU time, such as 0.5; 0 for no limit",
        convert=parse_cpus,
    ),
    Option(
        names=("--cpu-shares",),
        value="N",
        help="weight against other groups (2 to 262144, usually 1024)",
        convert=parse_count,
    ),
    Option(names=("--cpuset-cpus",), value="LIST", help="which cores, such as 0-2,7"),
    Option(
        names=("--pids-limit",),
        value="N",
        help="most processes and threads; -1 for no limit",
        convert=_tasks,
    ),
    Option(
        names=("--blkio-weight",),
        value="N",
        help="weight of block I/O against other groups (10 to 1000)",
        convert=parse_count,
    ),
)
"""The options."""


def limits_given(options: Arguments) -> dict[str, Any]:
    """Return the values by the names that `spec.limits.Limits` has for them."""
    return {
        "memory_limit": options.memory,
        "memory_reservation": options.memory_reservation,
        "memory_swap": options.memory_swap,
        "cpus": options.cpus,
        "cpu_shares": options.cpu_shares,
        "cpuset_cpus": options.cpuset_cpus,
        "pids_limit": options.pids_limit,
        "io_weight": options.blkio_weight,
    }

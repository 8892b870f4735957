"""`update`: other limits for containers, running ones at once."""

from __future__ import annotations

from tuicontainer.cli.limits import LIMITS, limits_given
from tuicontainer.cli.options import FORMAT, Command, Example
from tuicontainer.cli.output import report_error, write, write_json
from tuicontainer.cli.parser import WrongUsage
from tuicontainer.cli.quantities import format_size
from tuicontainer.errors import TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.cli.invocation import Invocation


def update(invocation: Invocation) -> int:
    """Change the limits of each container and print those that the kernel has then."""
    from tuicontainer.spec.limits import Limits
    from tuicontainer.supervise.inventory import find_container

    limits = Limits(**limits_given(invocation.options))
    if limits == Limits():
        raise WrongUsage("`update` needs a limit to change", hint="such as `--memory 64m`")
    client = invocation.client()
    done = []
    failures = 0
    for reference in invocation.operands:
        try:
            container_id = find_container(invocation.locations, reference).id
            in_force = client.update(container_id, limits)
        except TuiContainerError as error:
            report_error(error)
            failures = 1
            continue
        done.append({"id": container_id, "inForce": _camel(in_force)})
        if not invocation.json:
            write(f"{container_id}: {_in_words(in_force)}\n")
    if invocation.json:
        write_json(done)
    return failures


def _camel(in_force: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if in_force is None:
        return None
    return {
        "memory": in_force["memory"],
        "swap": in_force["swap"],
        "cpuQuota": in_force["cpu_quota_us"],
        "cpuPeriod": in_force["cpu_period_us"],
        "pids": in_force["pids"],
    }


def _in_words(in_force: Mapping[str, Any] | None) -> str:
    if in_force is None:
        return "from its next start on"
    quota, period = in_force["cpu_quota_us"], in_force["cpu_period_us"]
    memory, pids = in_force["memory"], in_force["pids"]
    return ", ".join(
        (
            "memory " + ("unlimited" if memory is None else format_size(memory)),
            "cpus " + ("unlimited" if quota is None else f"{quota / period:g}"),
            "pids " + ("unlimited" if pids is None else str(pids)),
        )
    )


COMMAND = Command(
    name="update",
    summary="Change limits of containers, of running ones at once",
    run=update,
    operands="ID…",
    least=1,
    options=(*LIMITS, FORMAT),
    examples=(
        Example(line="tuicontainer update -m 128m web-1", meaning="prints what is in force then"),
        Example(line="tuicontainer update --cpus 0 web-1", meaning="as much CPU time as there is"),
    ),
    complete="container",
    changes=True,
)

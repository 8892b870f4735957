"""Verbs that do one thing to each of several containers."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command
from tuicontainer.cli.output import report_error, write, write_json
from tuicontainer.errors import TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.cli.options import Example, Option
    from tuicontainer.supervise.views import ContainerView


def batch_command(
    name: str,
    summary: str,
    act: Callable[[Invocation, ContainerView], None],
    *,
    options: tuple[Option, ...] = (),
    examples: tuple[Example, ...] = (),
    states: tuple[str, ...] = (),
) -> Command:
    """Return the command that does *act* to every container named on the command line.

    It prints the id of each container when it is done, and goes on after a failure: the others
    don't suffer from one wrong name.
    """
    return Command(
        name=name,
        summary=summary,
        run=lambda invocation: act_on_each(invocation, act),
        operands="ID…",
        least=1,
        options=(*options, FORMAT),
        examples=examples,
        complete="container",
        states=states,
        changes=True,
    )


def act_on_each(invocation: Invocation, act: Callable[[Invocation, ContainerView], None]) -> int:
    """Do *act* to each named container; return 1 if any of them failed."""
    from tuicontainer.supervise.inventory import find_container

    done: list[dict[str, str]] = []
    failures = 0
    for reference in invocation.operands:
        try:
            view = find_container(invocation.locations, reference)
            act(invocation, view)
        except TuiContainerError as error:
            report_error(error)
            failures += 1
            continue
        done.append({"id": view.id})
        if not invocation.json:
            write(view.id + "\n")
    if invocation.json:
        write_json(done)
    return 1 if failures else 0

"""`inspect`: all that is known of containers."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import report_error, write, write_json
from tuicontainer.errors import InvalidArgument, TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def inspect(invocation: Invocation) -> int:
    """Print one JSON array with an object for each container that was found."""
    from tuicontainer.supervise.inventory import inspect_container

    if invocation.options.timeline:
        return _timelines(invocation)
    documents = []
    failures = 0
    for reference in invocation.operands:
        try:
            documents.append(inspect_container(invocation.locations, reference))
        except TuiContainerError as error:
            report_error(error)
            failures = 1
    write_json(documents, indent=not invocation.json)
    return failures


def _timelines(invocation: Invocation) -> int:
    """Print tables of what making and starting each container took.

    Raises:
        InvalidArgument: JSON is asked for, which has them among all else.
    """
    from tuicontainer.cli.timeline_text import timeline_text
    from tuicontainer.supervise.inventory import find_container
    from tuicontainer.supervise.timelines import read_timeline

    if invocation.json:
        raise InvalidArgument(
            "`--timeline` prints tables, no JSON",
            hint="leave it out: the JSON has the same under `timeline`",
        )
    failures = 0
    texts = []
    for reference in invocation.operands:
        try:
            found = find_container(invocation.locations, reference).id
            texts.append(timeline_text(found, read_timeline(invocation.locations, found)))
        except TuiContainerError as error:
            report_error(error)
            failures = 1
    write("\n".join(texts))
    return failures


COMMAND = Command(
    name="inspect",
    summary="Print record, state and configuration of containers as a JSON array",
    run=inspect,
    operands="ID…",
    least=1,
    options=(
        FORMAT,
        Option(
            names=("--timeline",),
            help="print instead how long each step of making and starting it took, and its hooks",
        ),
    ),
    examples=(
        Example(line="tuicontainer inspect web-1", meaning="indented, for people"),
        Example(line="tuicontainer inspect --timeline web-1", meaning="why it took so long"),
    ),
    complete="container",
)

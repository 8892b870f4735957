"""`doctor`: what doesn't fit together, and mending it."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import printable, write, write_json
from tuicontainer.cli.quantities import parse_positive
from tuicontainer.errors import PermissionDenied, TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.supervise.doctor.finding import Finding


def doctor(invocation: Invocation) -> int:
    """Print what was found; with `--fix` mend it. Faults that are left make the status 1."""
    from tuicontainer.supervise.doctor.examine import examine

    options = invocation.options
    if options.fix and invocation.settings.read_only:
        raise PermissionDenied(
            "`doctor --fix` changes something, and this is read-only mode",
            hint="leave out `--fix`, or `--read-only`",
        )
    results = [
        (finding, *_treat(finding, fix=options.fix))
        for finding in examine(invocation.locations, containers=options.containers)
    ]
    if invocation.json:
        write_json([_row(*result) for result in results])
    else:
        write("".join(map(_line, *zip(*results, strict=True))) if results else "nothing found\n")
    return int(any(outcome in ("left", "failed") for _, outcome, _ in results))


def _treat(finding: Finding, *, fix: bool) -> tuple[str, str]:
    """Return what became of a finding, and what is to be said of it."""
    if not finding.is_fault:
        return "host", finding.remedy
    if finding.mend is None or not fix:
        return "left", f"`--fix` {finding.remedy}"
    try:
        finding.mend()
    except (TuiContainerError, OSError) as error:
        return "failed", str(error)
    return "mended", finding.remedy


def _line(finding: Finding, outcome: str, said: str) -> str:
    return (
        printable(f"{outcome:<7} {finding.kind} {finding.subject}: {finding.problem} ({said})")
        + "\n"
    )


def _row(finding: Finding, outcome: str, said: str) -> dict[str, str]:
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "problem": finding.problem,
        "remedy": said if outcome == "failed" else finding.remedy,
        "outcome": outcome,
    }


COMMAND = Command(
    name="doctor",
    summary="Compare our records with the kernel, name what doesn't fit, mend it",
    run=doctor,
    most=0,
    options=(
        Option(names=("--fix",), help="mend what is ours; the host is yours"),
        Option(
            names=("--containers",),
            value="N",
            help="how many containers the host should have room for (default 100)",
            convert=parse_positive,
            default=100,
        ),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer doctor", meaning="status 0 if nothing of ours is wrong"),
        Example(line="sudo tuicontainer doctor --fix", meaning="says what it did"),
        Example(line="tuicontainer doctor --containers 1000", meaning="is the host wide enough?"),
    ),
)

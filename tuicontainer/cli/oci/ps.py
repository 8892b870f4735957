"""`ps [-f table|json] ID [PS-OPTIONS]`: the container's processes as the host's ps shows them.

Source: runc ps.go.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, InvalidArgument, NotFound
from tuicontainer.runtime.processes import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Print the processes."""
    container_id, *options = parsed.words
    form = parsed.text("format") or "table"
    if form not in ("table", "json"):
        raise InvalidArgument("invalid format option", hint="`table` or `json`")
    # Without a PID namespace of its own a stopped container may still have some.
    pids = processes(invocation.root, container_id, even_stopped=True)
    if form == "json":
        from tuicontainer.jsontext import dumps

        # runc prints `null` for none, which clients take for an empty list.
        print(dumps(pids or None))
        return 0
    for line in select_lines(_run_ps(options or ["-ef"]), pids):
        print(line)
    return 0


def select_lines(listing: str, pids: list[int]) -> list[str]:
    """Return the heading and the lines of these processes.

    Raises:
        FailedPrecondition: the heading has no column PID.
    """
    heading, *lines = listing.splitlines() or [""]
    columns = heading.split()
    if "PID" not in columns:
        raise FailedPrecondition("couldn't find PID field in ps output")
    index = columns.index("PID")
    wanted = {str(pid) for pid in pids}
    # Fields before PID never hold blanks; those behind it, as the command, may.
    return [heading, *(line for line in lines if _field(line, index) in wanted)]


def _field(line: str, index: int) -> str:
    fields = line.split(None, index + 1)
    return fields[index] if len(fields) > index else ""


def _run_ps(options: list[str]) -> str:
    reader, writer = os.pipe()
    try:
        pid = os.posix_spawnp(
            "ps", ["ps", *options], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)]
        )
    except FileNotFoundError as error:
        os.close(reader)
        raise NotFound("there is no program `ps` on this host") from error
    finally:
        os.close(writer)
    with open(reader, "rb") as file:
        output = file.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise FailedPrecondition(f"ps: exit status {os.waitstatus_to_exitcode(status)}")
    return output.decode(errors="replace")

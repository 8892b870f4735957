"""`boot`: start what the restart policies want to run after the host has booted."""

from __future__ import annotations

import os
import sys

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import report_error, write, write_json
from tuicontainer.errors import TuiContainerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.locations import Locations

UNIT = """\
# Written by `tuicontainer boot --unit`. To install it:
#   tuicontainer boot --unit > /etc/systemd/system/tuicontainer-boot.service
#   systemctl enable tuicontainer-boot.service
[Unit]
Description=Start containers by their restart policies
Documentation=man:tuicontainer(1)
Wants=network-online.target
After=network-online.target local-fs.target

[Service]
Type=oneshot
RemainAfterExit=yes
# The containers are in a scope of their own, which this unit's end doesn't touch.
KillMode=process
ExecStart={command}

[Install]
WantedBy=multi-user.target
"""


def boot(invocation: Invocation) -> int:
    """Start them one after the other and print their ids; with `--unit` print a systemd unit."""
    if invocation.options.unit:
        write(UNIT.format(command=_command(invocation.locations)))
        return 0
    from tuicontainer.supervise.boot import containers_to_boot

    client = invocation.client()
    started = []
    failures = 0
    for view in containers_to_boot(invocation.locations):
        try:
            client.start(view.id)
        except TuiContainerError as error:
            report_error(error)
            failures = 1
            continue
        started.append({"id": view.id})
        if not invocation.json:
            write(view.id + "\n")
    if invocation.json:
        write_json(started)
    return failures


def _command(locations: Locations) -> str:
    """Return the command line that boots these very roots, by absolute paths."""
    import shutil

    program = shutil.which("tuicontainer") or os.path.abspath(sys.argv[0])
    words = (program, "--root", locations.state_root, "--data-root", locations.data_root, "boot")
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    """Quote a word for a unit file (systemd.syntax(7)); `%` begins a specifier there."""
    safe = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{safe}"' if safe != word or " " in word else word


COMMAND = Command(
    name="boot",
    summary="Start what restart policies want to run after the host has booted",
    run=boot,
    most=0,
    options=(Option(names=("--unit",), help="print a systemd unit that does this at boot"), FORMAT),
    examples=(
        Example(line="sudo tuicontainer boot", meaning="for an init script; prints ids"),
        Example(line="tuicontainer boot --unit", meaning="its first lines say how to install it"),
    ),
    changes=True,
)

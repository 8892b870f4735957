"""`list`: all containers of the state root, as a table, as JSON, or ids only."""

from __future__ import annotations

from tuicontainer.cli.oci.rows import state_row
from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.list import list_instances

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation

_COLUMNS = ("id", "pid", "status", "bundle", "created", "owner")
_GAP = 3
_LEAST_WIDTH = 12
"""Of a column with its gap; as runc's, so that scripts that cut by columns go on working."""


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Print the list."""
    views = list_instances(invocation.root)
    form = parsed.text("format") or "table"
    if parsed.switch("quiet"):
        for view in views:
            print(view.instance.id)
    elif form == "json":
        from tuicontainer.jsontext import dumps

        # runc prints `null` for none, which clients take for an empty list.
        print(dumps([state_row(view) for view in views] or None))
    elif form == "table":
        _print_table([{**state_row(view), "pid": view.pid} for view in views])
    else:
        raise InvalidArgument("invalid format option", hint="`table` or `json`")
    return 0


def _print_table(rows: list[dict[str, object]]) -> None:
    lines = [[name.upper() for name in _COLUMNS]]
    lines += [[str(row[name]) for name in _COLUMNS] for row in rows]
    columns = range(len(_COLUMNS))
    widths = [max(len(line[index]) + _GAP for line in lines) for index in columns]
    for line in lines:
        cells = [
            cell.ljust(max(width, _LEAST_WIDTH)) for cell, width in zip(line, widths, strict=True)
        ]
        print("".join(cells).rstrip())

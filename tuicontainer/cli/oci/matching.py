"""`--regex` of `kill` and `delete`: one operation on every container whose id matches.

Source: crun kill.c, delete.c: a failure stops none of the others, and no match is no error. Unlike
there, the exit status tells of failures.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument, TuiContainerError
from tuicontainer.runtime.list import list_instances

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuicontainer.cli.oci.main import Invocation


def each_match(pattern: str, invocation: Invocation, operation: Callable[[str], None]) -> int:
    """Call *operation* with each id in which *pattern* is found; return the exit status.

    Raises:
        InvalidArgument: the pattern isn't a regular expression.
    """
    # Slow to import, and asked for by people only, never by engines.
    import re

    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise InvalidArgument(f"`{pattern}` isn't a regular expression: {error}") from error
    status = 0
    for view in list_instances(invocation.root):
        container_id = view.instance.id
        if not expression.search(container_id):
            continue
        try:
            operation(container_id)
        except TuiContainerError as error:
            invocation.messages.error(f"container `{container_id}`: {error.message}", error.hint)
            status = 1
    return status

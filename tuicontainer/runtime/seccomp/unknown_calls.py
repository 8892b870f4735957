"""Profiles whose author wants to hear of misspelled system calls.

A name that no architecture knows means nothing (config-linux.md#seccomp); crun's annotation
`run.oci.seccomp_fail_unknown_syscall` makes it an error.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.seccomp.architectures import ARCHITECTURES
from tuicontainer.runtime.seccomp.syscall_tables import syscall_numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.seccomp import Seccomp


def refuse_unknown_calls(seccomp: Seccomp) -> None:
    """Check that each call named exists somewhere.

    Raises:
        InvalidArgument: names all that don't.
    """
    unknown = {name for rule in seccomp.rules for name in rule.names}
    for table in {architecture.table for architecture in ARCHITECTURES.values()}:
        unknown -= syscall_numbers(table).keys()
    if unknown:
        names = ", ".join(f"`{name}`" for name in sorted(unknown))
        raise InvalidArgument(f"`linux.seccomp` names unknown system calls: {names}")

"""When and by whom a process's seccomp filter is loaded, and what it must be able to do for that.

A filter that doesn't notify is loaded by the waiter or the entrant (see `confine`), just before the
program. One that notifies is loaded earlier, here in the interpreter, while the runtime holds the
process between two system calls and takes the listener's descriptor out of it (see `handover`).
Sources: seccomp(2); capabilities(7); config-linux.md#seccomp.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.runtime.process.capabilities import NAMES, grantable, to_masks
from tuicontainer.runtime.process.confine import Confinement
from tuicontainer.runtime.process.handover import Recipient
from tuicontainer.runtime.seccomp.prepare import Filter, prepare_filter
from tuicontainer.syscalls.capabilities import get_capabilities, set_capabilities
from tuicontainer.syscalls.seccomp import load_filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.spec.config import Process
    from tuicontainer.spec.seccomp import Seccomp

_LOADER = 1 << NAMES.index("CAP_SYS_ADMIN")
_ALL = (1 << len(NAMES)) - 1


class Filtering(Record):
    """A filter on its way into one process."""

    filter: Filter
    kept: int
    """Mask of capabilities that the process keeps until it has loaded the filter."""
    capabilities: tuple[int, int, int] | None
    """Effective, permitted and inheritable set to take on just before that, or None."""
    recipient: Recipient | None
    """Who gets the listener, if the filter notifies."""

    def confinement(self) -> Confinement | None:
        """Return what the waiter or the entrant is to do, or None if it is done here."""
        if self.filter.notifies:
            return None
        return Confinement(
            program=self.filter.program, flags=self.filter.flags, capabilities=self.capabilities
        )

    def load(self) -> None:
        """Lay the filter on this process, whose next act is an exec.

        Raises:
            SyscallError: the kernel refused.
        """
        if self.capabilities is not None:
            set_capabilities(*self.capabilities)
        load_filter(self.filter.program, self.filter.flags)


def plan_filtering(
    seccomp: Seccomp,
    process: Process,
    root: str,
    *,
    new_user_namespace: bool,
    state: Mapping[str, Any],
) -> Filtering:
    """Return how a process gets the filter of a profile.

    Args:
        seccomp: the profile.
        process: what it is for; without no_new_privs the loading needs a capability.
        root: the state root, where compiled filters are kept.
        new_user_namespace: whether the process gets all capabilities of a namespace, rather than
            having ours.
        state: the container's state document, for the listener's recipient.

    Raises:
        TuiContainerError: the filter can't be compiled, or not be loaded on this kernel.
    """
    prepared = prepare_filter(seccomp, root)
    recipient = None
    if prepared.notifies and seccomp.listener_path is not None:
        recipient = Recipient(
            path=seccomp.listener_path, metadata=seccomp.listener_metadata, state=state
        )
    if process.no_new_privileges:
        return Filtering(filter=prepared, kept=0, capabilities=None, recipient=recipient)
    held = _ALL if new_user_namespace else get_capabilities()[1]
    sets = grantable(to_masks(process.capabilities), held)
    loading = permitted = sets.ambient | _LOADER
    if process.user.uid == 0:
        # Root's exec gives back what is in the bounding set. If that is a gain, the kernel protects
        # the program from everybody with no more rights: none of the container's processes could
        # open /proc/1/fd/1, to which many images write their logs (commit_creds in kernel/cred.c).
        permitted |= sets.permitted & (sets.bounding | sets.inheritable)
    return Filtering(
        filter=prepared,
        kept=_LOADER,
        capabilities=(loading, permitted, sets.inheritable),
        recipient=recipient,
    )

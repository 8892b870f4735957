"""What all steps of a plan have in common.

A step is a frozen record that can say itself (`describe`, pure) and do itself (`apply`). One that
shows something of the host takes hold of it first, while the host's root user is still there.
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.rootfs.tree import Tree


class Operation(Record):
    """One step of a plan."""

    @property
    def group(self) -> str:
        """With what it is counted in the timeline, such as "mount proc"."""
        return "devices"

    def describe(self) -> str:
        """Return the step in words, such as "mount proc on `/proc`"."""
        raise NotImplementedError

    def apply(self, tree: Tree) -> None:
        """Do it to the container's tree of mounts.

        Raises:
            OSError, TuiContainerError: it can't be done.
        """
        raise NotImplementedError


class HostOperation(Operation):
    """A step that shows something of the host."""

    def hold(self) -> int:
        """Return a mount, without a place yet, of what the step shows.

        Raises:
            OSError, TuiContainerError: it isn't there or isn't what it should be.
        """
        raise NotImplementedError

    def put(self, tree: Tree, held: int) -> None:
        """Do the step with what `hold` returned, which is closed in any case.

        Raises:
            OSError, TuiContainerError: it can't be done.
        """
        raise NotImplementedError

    def apply(self, tree: Tree) -> None:
        """Do both at once."""
        self.put(tree, self.hold())

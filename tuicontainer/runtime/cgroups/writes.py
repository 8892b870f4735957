"""One value for one control file: the operation that limits are planned as, and its application.

`v1/plan.py` and `v2/plan.py` compute the list from the configuration without looking at the host;
a group applies it to its folders.
"""

from __future__ import annotations

from errno import EBUSY, EINVAL, ENOENT

from tuicontainer.errors import Unsupported
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.files import failure, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tuicontainer.errors import TuiContainerError
    from tuicontainer.runtime.cgroups.undo import Undo
    from tuicontainer.spec.config import RdmaLimit


class Write(Record):
    """Give *value* to *file* of *controller*."""

    controller: str
    file: str
    value: str
    field: str
    """Where the value comes from, such as `linux.resources.cpu.shares`."""
    otherwise: Write | None = None
    """What to do where the kernel has no such file."""
    optional: bool = False
    """A kernel without the file behaves as the value asks, so its absence is no error."""
    later: bool = False
    """The kernel may refuse it because of a value written after it: then it's tried again."""
    hint: str = ""
    """What a refusal most likely means; empty if nothing."""

    def describe(self) -> str:
        """Return the operation in words."""
        return f"{self.file} = {self.value}"


def refuse(field: str, value: object, why: str, hint: str = "") -> Unsupported:
    """Return the error for a field that these control groups can't express."""
    return Unsupported(f"`linux.resources.{field}` is `{value}`: {why}", hint=hint)


def plan_rdma(limits: Iterable[RdmaLimit]) -> list[Write]:
    """Return the writes of `rdma`, which v1 and v2 take in the same words."""
    writes = []
    for limit in limits:
        words = [limit.device]
        if limit.handles is not None:
            words.append(f"hca_handle={limit.handles}")
        if limit.objects is not None:
            words.append(f"hca_object={limit.objects}")
        field = f"linux.resources.rdma.{limit.device}"
        writes.append(Write(controller="rdma", file="rdma.max", value=" ".join(words), field=field))
    return writes


def apply_writes(
    writes: Iterable[Write],
    locate: Callable[[Write], str | None],
    explain: Callable[[Write], TuiContainerError],
    undo: Undo | None = None,
) -> None:
    """Do the writes in order.

    Args:
        writes: what to do.
        locate: returns the folder a write is for, or None if its controller isn't there.
        explain: returns the error for a write whose file doesn't exist.
        undo: remembers the former values; None in a group that a failure removes.

    Raises:
        TuiContainerError: the first failure; its text names the field, the value and the file.
    """
    put = write_file if undo is None else undo.write
    postponed = [write for write in writes if not _attempt(write, locate, explain, put, last=False)]
    for write in postponed:
        _attempt(write, locate, explain, put, last=True)


def _attempt(
    write: Write,
    locate: Callable[[Write], str | None],
    explain: Callable[[Write], TuiContainerError],
    put: Callable[[str, str], None],
    *,
    last: bool,
) -> bool:
    """Return whether the write is done with; False asks to try again later."""
    folder = locate(write)
    choice: Write | None = write
    while choice is not None and folder is not None:
        try:
            put(f"{folder}/{choice.file}", choice.value)
        except OSError as error:
            if error.errno == ENOENT:
                choice = choice.otherwise
                continue
            if error.errno == EINVAL and choice.later and not last:
                return False
            doing = f"`{choice.field}`: writing `{choice.value}` to `{folder}/{choice.file}`"
            # v1 tries to reclaim down to a new limit and gives up where that isn't enough.
            in_use = error.errno == EBUSY and choice.controller == "memory"
            hint = "more than that is in use" if in_use else choice.hint
            raise failure(error, doing=doing, hint=hint) from error
        return True
    if not write.optional:
        raise explain(write)
    return True

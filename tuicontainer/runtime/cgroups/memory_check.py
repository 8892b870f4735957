"""Refuse a memory limit below what is in use, if the configuration asks for that.

Without `checkBeforeUpdate` the kernel reclaims what it can, and kills on v2 or refuses on v1.
Source: config-linux.md#memory.
"""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition
from tuicontainer.runtime.cgroups.files import read_if_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Memory


def check_memory_before_update(memory: Memory, usage_file: str) -> None:
    """Compare the limit with the bytes that *usage_file* tells of.

    Raises:
        FailedPrecondition: the check is asked for, and more than the limit is in use.
    """
    if not memory.check_before_update or memory.limit is None or memory.limit < 0:
        return
    text = read_if_there(usage_file)
    usage = int(text) if text else 0
    if usage > memory.limit:
        raise FailedPrecondition(
            f"`linux.resources.memory.limit` is `{memory.limit}`, but `{usage}` bytes are in use "
            "and `checkBeforeUpdate` is set",
            hint="free memory first, or unset `checkBeforeUpdate`",
        )

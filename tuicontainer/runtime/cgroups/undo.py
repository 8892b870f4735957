"""Setting control files back when a later write of the same update is refused.

The values are set back in the reverse order of the writes, so that every state on the way is one
that the kernel has already allowed. Sources: Documentation/admin-guide/cgroup-v2.rst (flat keyed,
nested keyed), cgroup-v1/{memory,blkio-controller}.rst.
"""

from __future__ import annotations

from tuicontainer.runtime.cgroups.files import read_file, write_file
from tuicontainer.runtime.cgroups.formats import flat_keyed
from tuicontainer.runtime.rollback import Rollback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_NO_LIMIT = {
    "io.max": "rbps=max wbps=max riops=max wiops=max",
    "io.weight": "default",
    "io.bfq.weight": "default",
}
"""What frees a device that a keyed file doesn't list; v1's files take 0."""


class Undo:
    """A context in which writes are remembered, and taken back if it is left by an error."""

    __slots__ = ("_rollback",)

    def __init__(self) -> None:
        self._rollback = Rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            return
        failure = self._rollback.run(error, while_="updating a control group")
        if isinstance(error, Exception) and failure is not error:
            raise failure from error

    def write(self, path: str, value: str) -> None:
        """Write a value and remember the former one, if the file tells it.

        Raises:
            OSError: the file can't be opened, or the kernel refuses the value.
        """
        former = _read_former(path, value)
        write_file(path, value)
        if former is not None:
            self._rollback.add(f"setting `{path}` back", lambda: write_file(path, former))


def _read_former(path: str, value: str) -> str | None:
    try:
        text = read_file(path)
    except OSError:
        # Such as memory.reclaim, which is a command and holds nothing.
        return None
    return former_value(path.rpartition("/")[2], text, value)


def former_value(file: str, text: str, value: str) -> str | None:
    """Return what to write to restore what writing *value* changes; None if nothing can. Pure.

    Args:
        file: the file's name, without its folder.
        text: its present content.
        value: what is about to be written.
    """
    if file == "memory.oom_control":
        return str(flat_keyed(text).get("oom_kill_disable", 0))
    lines = text.splitlines()
    key, _, rest = value.partition(" ")
    if not rest or file == "cpu.max":
        # Without a newline an empty value would be no write at all.
        return lines[0] if lines else "\n"
    for line in lines:
        if line.split(" ", 1)[0] == key:
            return line
    if file.startswith("blkio."):
        return f"{key} 0"
    return f"{key} {_NO_LIMIT[file]}" if file in _NO_LIMIT else None

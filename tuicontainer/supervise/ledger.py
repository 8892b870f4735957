"""What a monitor writes down, and when it is safe: the record and the journal.

Changes are written at once and put on disk together, within 100 ms: one fdatasync for the record
and one for the journal, however many events came. While the disk refuses (full, failing) the
monitor keeps what it has to write, tries again, and doesn't end.
"""

from __future__ import annotations

import os

from tuicontainer.supervise.files import sync_file, sync_folder
from tuicontainer.supervise.journal import Journal
from tuicontainer.supervise.records import record_path, remove_record, write_record
from tuicontainer.supervise.undo import set_aside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.supervise.loop import Loop, Timer
    from tuicontainer.supervise.records import ContainerRecord

COMMIT_SECONDS = 0.05
_RETRY_SECONDS = 2.0


class Ledger:
    """One container's record, and its entries in the journal.

    Attributes:
        id: under which its monitor serves it.
        record: as it is; what is on disk follows.
        gone: whether the record has been removed, or has another id by now.
    """

    def __init__(
        self,
        locations: Locations,
        loop: Loop,
        record: ContainerRecord,
        on_safe: Callable[[], None],
    ) -> None:
        self.id = record.id
        self.record = record
        self.gone = False
        self._locations = locations
        self._loop = loop
        self._on_safe = on_safe
        self._journal = Journal(locations)
        self._events: list[tuple[str, int, dict[str, Any]]] = []
        self._dirty = False
        self._unsafe = False
        self._timer: Timer | None = None

    @property
    def safe(self) -> bool:
        """Whether everything is on disk."""
        return self._timer is None

    def write(self, **changes: Any) -> None:
        """Change fields of the record."""
        self.record = self.record.replace(**changes)
        self._dirty = True
        self._settle()

    def note(self, type: str, **details: Any) -> None:
        """Append an event of the present instance to the journal."""
        self._events.append((type, self.record.instance, details))
        self._settle()

    def remove(self) -> None:
        """Remove the record, its log and everything with it.

        Raises:
            OSError: something couldn't be removed.
        """
        remove_record(self._locations, self.record.id)
        self.gone = True
        self._dirty = self._unsafe = False

    def set_aside(self) -> None:
        """Take the record and its log away so that they can be restored.

        Raises:
            OSError: they couldn't be moved.
        """
        self._flush()
        set_aside(self._locations, self.record.id)
        self.gone = True
        self._dirty = self._unsafe = False

    def rename(self, container_id: str) -> None:
        """Give the container another id; its monitor has nothing to do with that one.

        Raises:
            AlreadyExists: the id was taken meanwhile.
            OSError: it couldn't be renamed.
        """
        # Late, as it is rare: an idle monitor never runs this.
        from tuicontainer.supervise.renaming import move_record

        self._flush()
        self.record = move_record(self._locations, self.record, container_id)
        self.gone = True
        self._dirty = self._unsafe = False
        self.note("renamed", before=self.id)

    def commit(self) -> None:
        """Put everything on disk now; if the disk refuses, try again later."""
        self._cancel()
        try:
            self._flush()
            if self._unsafe:
                path = record_path(self._locations, self.record.id)
                sync_file(path)
                sync_folder(os.path.dirname(path))
                self._unsafe = False
            self._journal.commit()
        except OSError:
            self._timer = self._loop.call_later(_RETRY_SECONDS, self.commit)
            return
        self._on_safe()

    def _settle(self) -> None:
        seconds = COMMIT_SECONDS
        try:
            self._flush()
        except OSError:
            seconds = _RETRY_SECONDS
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self.commit)

    def _flush(self) -> None:
        if self._dirty and not self.gone:
            write_record(self._locations, self.record, durable=False)
            self._unsafe = True
        self._dirty = False
        while self._events:
            kind, instance, details = self._events[0]
            self._journal.append(kind, self.record.id, instance=instance, details=details)
            del self._events[0]

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

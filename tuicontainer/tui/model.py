"""What the screen shows, as plain data: streams write it, panes are drawn from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import EngineInfo
from tuicontainer.engine.statistics import ContainerStats, HostStats, StatsTick
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.activity import ActivityLog
from tuicontainer.tui.notices import Watch
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.verbs import Rights


class Model:
    """The latest of everything that streams in.

    Attributes:
        now_ns: the clock, nanoseconds since the epoch.
        doing: by container id, what is being done to it now (`stopping`).
        activity: every command of this session.
        preferences: what the person has chosen.
        notices: what happened by itself in this session.
        elsewhere: what is shown instead of the present, and how to come back; empty for the
            present.
        recording: path of the file that this session is recorded to; empty for none.
    """

    def __init__(
        self,
        now_ns: Callable[[], int],
        *,
        read_only: bool,
        preferences: Preferences | None = None,
    ) -> None:
        self.now_ns = now_ns
        self.info: EngineInfo | None = None
        self.bundles: Sequence[BundleView] | None = None
        """None until the first answer."""
        self.containers: dict[str, ContainerView] | None = None
        """By id, oldest first; None until the first answer."""
        self.tick: StatsTick | None = None
        self.doing: dict[str, str] = {}
        self.activity = ActivityLog(now_ns)
        self.preferences = preferences or Preferences()
        self.notices = Watch()
        self.undoable: tuple[str, ...] = ()
        """Deleted containers that can still be brought back, newest last."""
        self.elsewhere = ""
        self.recording = ""
        self._read_only = read_only

    @property
    def rights(self) -> Rights:
        """What this session may do; nothing until the engine has answered."""
        if self.info is None:
            return Rights(root=False, read_only=self._read_only)
        return Rights(
            root=self.info.root,
            read_only=self._read_only or self.info.read_only,
            elsewhere=self.elsewhere,
        )

    @property
    def host(self) -> HostStats | None:
        """The machine at the latest tick."""
        return None if self.tick is None else self.tick.host

    def set_containers(self, views: Sequence[ContainerView]) -> None:
        """Replace the containers."""
        self.containers = {view.id: view for view in views}

    def container(self, container_id: str | None) -> ContainerView | None:
        """Return a container, or None if it is gone."""
        return None if container_id is None else (self.containers or {}).get(container_id)

    def bundle(self, path: str | None) -> BundleView | None:
        """Return a bundle, or None if it is gone."""
        return next((bundle for bundle in self.bundles or () if bundle.path == path), None)

    def stats(self, container_id: str) -> ContainerStats | None:
        """Return the latest statistics of a container that has a process."""
        view = self.container(container_id)
        if self.tick is None or view is None or view.status not in ("running", "paused"):
            return None
        return self.tick.containers.get(container_id)

    def count(self, *statuses: str) -> int:
        """Return how many containers are in one of *statuses*."""
        return sum(view.status in statuses for view in (self.containers or {}).values())

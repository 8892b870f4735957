"""What the main screen shows and what is chosen in it; `main` says what its keys do.

The *subject* is what a person touched last: a bundle or a container. The details show it, and
container verbs act on it (or on the marked containers, while the containers pane has the keys).
Starting a bundle makes its new container the subject although the bundles keep the keys, so that
the next key may already stop or kill it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import Engine
from tuicontainer.errors import TuiContainerError
from tuicontainer.supervise.views import ContainerView, Event
from tuicontainer.tui.filler import DetailsFiller
from tuicontainer.tui.model import Model
from tuicontainer.tui.notifier import Notifier
from tuicontainer.tui.painter import Painter
from tuicontainer.tui.panes import Panes
from tuicontainer.tui.spans import Line
from tuicontainer.tui.stage import DialogStage
from tuicontainer.tui.widgets.activity import ActivityTable
from tuicontainer.tui.widgets.bundles import BundleTable
from tuicontainer.tui.widgets.containers import ContainerTable
from tuicontainer.tui.widgets.details import Details
from tuicontainer.tui.widgets.footer import Footer
from tuicontainer.tui.widgets.graphs import SizedView
from tuicontainer.tui.widgets.header import Header
from tuicontainer.tui.widgets.lines import LineView
from tuicontainer.tui.widgets.table import Table
from tuicontainer.tui.widgets.terminals import Terminals

if TYPE_CHECKING:
    from tuicontainer.tui.conductor import Conductor

FLUSH_AFTER = 0.04
"""Seconds for which changes are gathered before they are drawn together."""


class Browser(Screen[None], inherit_bindings=False):
    """Bundles, containers, gauges and details."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual's declaration isn't a ClassVar
        (0, "-narrow"),
        (78, "-normal"),
        (110, "-wide"),
        (170, "-huge"),
        (230, "-vast"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - same
        (0, "-short"),
        (30, "-tall"),
        (46, "-taller"),
        (62, "-tallest"),
    ]
    AUTO_FOCUS = "#bundles"

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._guess_size()
        self.model = model
        self.panes = Panes(self)
        self.stage = DialogStage(self, lambda: model.preferences.undo)
        self.notifier = Notifier(self, model)
        self.terminals = Terminals(id="terminals")
        self.conductor: Conductor | None = None
        """None until the engine is open."""
        self._dirty: set[str] = set()

    # What there is

    def compose(self) -> ComposeResult:
        """Yield header, panes and footer."""
        yield Header(id="header")
        yield Widget(BundleTable(id="bundles"), ContainerTable(id="containers"), id="upper")
        yield Widget(SizedView(id="gauges"), Details(id="details"), self.terminals, id="lower")
        yield Widget(ActivityTable(id="activity"), id="lowest")
        yield Vertical(Footer(id="footer"), id="bottom")

    def _guess_size(self) -> None:
        """Set the classes of the terminal's size; Textual does so only after the first layout."""
        try:
            size = os.get_terminal_size(0)
        except OSError:
            return
        for least, points in (
            (size.columns, self.HORIZONTAL_BREAKPOINTS),
            (size.lines, self.VERTICAL_BREAKPOINTS),
        ):
            self.add_class([name for start, name in points if start <= least][-1])

    def on_mount(self) -> None:
        """Draw the frame, so that the first paint is complete."""
        self.details = self.query_one(Details)
        self.bundles = self.query_one(BundleTable)
        self.containers = self.query_one(ContainerTable)
        self.activity = self.query_one(ActivityTable)
        self.filler = DetailsFiller(self.details, self.model)
        self.painter = Painter(self, self.model, self.filler)
        self.panes.arrange()
        self.containers.show_columns(self.model.preferences.columns)
        self.details.border_title = "4 Details"
        self.painter.paint({"bundles", "containers", "activity"})

    def on_resize(self) -> None:
        """Keep the chosen sizes of panes in a terminal of another size."""
        self.panes.fit()

    def connect(self, engine: Engine) -> None:
        """Show and act on what *engine* has from now on."""
        from tuicontainer.tui.conductor import Conductor

        self.look_at(engine, Conductor(self, self.model, engine))

    def look_at(self, engine: Engine, conductor: Conductor | None) -> None:
        """Show what *engine* has, and act by *conductor*, or not at all."""
        self.painter.engine = engine
        self.conductor = conductor
        self.filler.connect(engine)

    def cant_open(self, error: TuiContainerError) -> None:
        """Say why there is nothing to show, for as long as there isn't."""
        self.stage.tell(error)
        self.containers.empty = (error.message, error.hint, "q quits")
        self.containers.set_items(())

    def preferences_changed(self) -> None:
        """Show what the person has chosen now."""
        wanted = self.model.preferences.columns
        self.containers.show_columns(wanted)
        self.changed("tick")
        self.refresh_bindings()

    def refresh_colors(self) -> None:
        """Draw everything anew: the theme in use has other colours."""
        for view in self.query(LineView):
            view.notify_style_update()
            view.refresh()

    # What streams in (feed.Listener)

    def changed(self, part: str) -> None:
        """Part of the model is new: draw it soon, together with what else changes."""
        if not self._dirty:
            self.set_timer(FLUSH_AFTER, self.flush)
        self._dirty.add(part)

    def happened(self, event: Event) -> None:
        """Tell what nobody asked for and nobody should miss."""
        notice = self.model.notices.happened(event)
        if notice is not None:
            self.notifier.tell(notice)
            self.changed("notices")

    def failed(self, error: TuiContainerError) -> None:
        """Tell that a stream broke."""
        self.stage.tell(error)

    @property
    def quiet(self) -> bool:
        """Whether everything that streamed in is drawn."""
        return not self._dirty and self.filler.quiet

    def flush(self) -> None:
        """Draw all that changed."""
        parts, self._dirty = self._dirty, set()
        # What is looked back at is no news.
        if "tick" in parts and self.model.tick is not None and not self.model.elsewhere:
            threshold = self.model.preferences.thresholds["pressure"]
            for notice in self.model.notices.measured(self.model.tick, threshold):
                self.notifier.tell(notice)
        self.painter.paint(parts)
        if parts - {"tick"}:
            self._follow_subject()
            self.refresh_bindings()

    # What the conductor needs (conductor.Stage)

    def work(self, job: Coroutine[Any, Any, None]) -> None:
        """Run *job* beside everything else."""
        self.stage.work(job)

    def ask(
        self,
        verb: str,
        views: Sequence[ContainerView],
        then: Callable[[], None],
        *,
        typed: bool = False,
    ) -> None:
        """Show what *verb* would do to each of *views*; call *then* if that is wanted."""
        self.stage.ask(verb, views, then, typed=typed)

    def ask_signal(self, whom: str, then: Callable[[str], None]) -> None:
        """Ask which signal to send to *whom*; call *then* with its name."""
        self.stage.ask_signal(whom, then)

    def ask_word(
        self, title: str, lines: Sequence[Line], word: str, then: Callable[[], None]
    ) -> None:
        """Say what will happen; call *then* once *word* was typed."""
        self.stage.ask_word(title, lines, word, then)

    def report(self, title: str, text: str) -> None:
        """Say what came of something."""
        self.stage.report(title, text)

    def tell(self, error: TuiContainerError) -> None:
        """Show a failure."""
        self.stage.tell(error)

    # What is chosen

    def on_table_highlighted(self, message: Table.Highlighted) -> None:
        """The cursor moved, by a key or because the list changed under it."""
        if message.table_id == "containers":
            self.painter.paint_gauges()
        if message.table_id != "activity":
            self._follow_subject()

    def _follow_subject(self) -> None:
        """Let the subject be what the pane's cursor is on now."""
        kind = self.filler.subject[0]
        if self.panes.current == "containers":
            kind = "container" if self.containers.cursor_key else kind
        if kind == "nothing":
            kind = "bundle"
        key = self.containers.cursor_key if kind == "container" else self.bundles.cursor_key
        if kind == "container" and key is None:
            kind, key = "bundle", self.bundles.cursor_key
        self._choose(kind, key)

    def _choose(self, kind: str, key: str | None) -> None:
        before = self.filler.subject
        self.filler.show(*(("nothing", "") if key is None else (kind, key)))
        if self.filler.subject != before:
            self.refresh_bindings()

    def focus_pane(self, name: str) -> None:
        """Give the keys to a pane; what it shows is meant from the next key on."""
        self.panes.focus(name)
        self._pane_changed()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Another pane has the keys, by the mouse perhaps."""
        if self.panes.noticed(event.widget):
            self._pane_changed()

    def _pane_changed(self) -> None:
        if self.panes.current == "bundles":
            self._choose("bundle", self.bundles.cursor_key)
        elif self.panes.current == "containers" and self.containers.cursor_key:
            self._choose("container", self.containers.cursor_key)
        self.refresh_bindings()

    def make_current(self, container_id: str) -> None:
        """Put the containers' cursor on a container, now or as soon as it is listed."""
        self.containers.select(container_id)
        self._choose("container", container_id)

    @property
    def current_bundle(self) -> BundleView | None:
        """The bundle that verbs mean: under the cursor, while the bundles have the keys."""
        if self.panes.current == "bundles" or self.filler.subject[0] == "bundle":
            return self.model.bundle(self.bundles.cursor_key)
        return None

    @property
    def targets(self) -> list[ContainerView]:
        """The containers that verbs mean: the marked ones, else the subject."""
        marks = self.containers.marks
        if marks and self.panes.current == "containers":
            return [view for key in sorted(marks) if (view := self.model.container(key))]
        # The list itself is asked, because the subject follows the cursor only when its message
        # has come: the next key may be here first.
        kind, key = self.filler.subject
        if self.panes.current == "containers":
            kind, key = "container", self.containers.wanted_key or self.containers.cursor_key or ""
        view = self.model.container(key) if kind == "container" else None
        return [] if view is None else [view]

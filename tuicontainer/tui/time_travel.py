"""Looking back: the view is held, and an engine of the past takes the place of the real one.

The same holds for a recording, which has no present to come back to. Keys that act are refused by
the model's rights, and there is no conductor that could act; the engine itself refuses as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tuicontainer.engine.api import Engine
from tuicontainer.errors import TuiContainerError
from tuicontainer.supervise.views import Event
from tuicontainer.tui.feed import Feed

if TYPE_CHECKING:
    from textual.timer import Timer

    from tuicontainer.engine.past import Ring
    from tuicontainer.engine.playback import Playback
    from tuicontainer.engine.replay import ReplayEngine
    from tuicontainer.tui.conductor import Conductor
    from tuicontainer.tui.screens.browser import Browser
    from tuicontainer.tui.time_bar import Place
    from tuicontainer.tui.widgets.time_bar import TimeBar

STEP = 0.1
"""Seconds between two moments while the past is played."""
PAST = "this is the past: R returns to now"
RECORDING = "this is a recording: nothing can be changed"

_ADVICE = ("nothing can be changed · R returns to now", "R returns to now")


class TimeTravel:
    """Which moment the main screen shows."""

    def __init__(self, screen: Browser) -> None:
        self._screen = screen
        self._live: tuple[Engine, Feed, Ring] | None = None
        self._conductor: Conductor | None = None
        self._now_ns: Callable[[], int] = screen.model.now_ns
        self._playback: Playback | None = None
        self._feeding: asyncio.Task[None] | None = None
        self._timer: Timer | None = None
        self._passed_at = 0.0
        self._bar: TimeBar | None = None

    @property
    def away(self) -> bool:
        """Whether something else than the present is shown."""
        return self._playback is not None

    @property
    def in_past(self) -> bool:
        """Whether there is a present to come back to."""
        return self.away and self._live is not None

    def begin(self, engine: Engine, feed: Feed, ring: Ring) -> None:
        """Take the present: what *feed* brings from *engine*, and *ring* keeps."""
        self._live = (engine, feed, ring)

    def replay(self, engine: ReplayEngine) -> None:
        """Show a recording, and play it."""
        from tuicontainer.engine.playback import Playback

        self._leave_for(Playback(engine, playing=True), RECORDING)

    # What keys do

    def objection(self, action: str) -> str:
        """Return why an action on time does nothing now; empty if it does something."""
        if self.away:
            return "a recording has no present" if self._live is None and action == "now" else ""
        if self._live is None or not self._live[2].tape.last_ns:
            return "nothing has been seen yet"
        return "" if action in ("pause", "back") else "that is for the past: P holds the view"

    def pause(self) -> None:
        """Hold the present view; in the past play or pause."""
        if self._playback is None:
            self._enter_past()
        else:
            self._playback.toggle()
            self._draw()

    def by(self, seconds: int) -> None:
        """Go back or on."""
        if self._playback is None:
            self._enter_past()
        if self._playback is not None:
            self._move(lambda playback: playback.by(seconds))

    def to_event(self, by: int) -> None:
        """Go to the next start or end, or to the one before."""
        found = True

        def seek(playback: Playback) -> None:
            nonlocal found
            found = playback.seek_mark(by)

        self._move(seek)
        if not found:
            self._screen.stage.advise(f"nothing started or ended {'later' if by > 0 else 'before'}")

    def faster(self) -> None:
        """Play at the next speed."""
        if self._playback is not None:
            self._playback.faster()
            self._draw()

    def to_share(self, share: float) -> None:
        """Go to a place between the beginning and the end."""
        self._move(lambda playback: playback.seek_share(share))

    def return_to_now(self) -> None:
        """Show the present again."""
        if self._playback is None or self._live is None:
            return
        engine, feed, _ = self._live
        self._end()
        model = self._screen.model
        model.now_ns, model.elsewhere = self._now_ns, ""
        self._screen.look_at(engine, self._conductor)
        feed.release()
        self._screen.refresh_bindings()

    def close(self) -> Conductor | None:
        """End looking back; return the conductor of the present."""
        conductor = self._conductor if self.in_past else self._screen.conductor
        self._end()
        return conductor

    # How

    def _enter_past(self) -> None:
        from tuicontainer.engine.past import PastEngine
        from tuicontainer.engine.playback import Playback

        assert self._live is not None
        engine, feed, ring = self._live
        feed.hold()
        self._conductor = self._screen.conductor
        self._leave_for(Playback(PastEngine(ring, engine), playing=False), PAST)

    def _leave_for(self, playback: Playback, elsewhere: str) -> None:
        from tuicontainer.tui.widgets.time_bar import TimeBar

        model = self._screen.model
        self._playback = playback
        model.now_ns, model.elsewhere = (lambda: playback.now_ns), elsewhere
        self._screen.look_at(playback.engine, None)
        feed = Feed(playback.engine, model, _Quiet(self._screen))
        self._feeding = asyncio.get_running_loop().create_task(feed.run())
        self._bar = TimeBar(self._place, self.to_share)
        self._screen.query_one("#bottom").mount(self._bar, before=0)
        self._passed_at = time.monotonic()
        self._timer = self._screen.set_interval(STEP, self._pass_time)
        self._screen.refresh_bindings()

    def _end(self) -> None:
        self._playback = None
        if self._feeding is not None:
            self._feeding.cancel()
        if self._timer is not None:
            self._timer.stop()
        if self._bar is not None:
            self._bar.remove()
        self._feeding = self._timer = self._bar = None

    def _pass_time(self) -> None:
        now = time.monotonic()
        elapsed, self._passed_at = now - self._passed_at, now
        playback = self._playback
        if playback is None:
            return
        if playback.playing:
            self._move(lambda playback: playback.pass_time(elapsed))
            if self._live is not None and playback.at_end:
                # What was the past has caught up with the present.
                self.return_to_now()
        else:
            # The end moves on, also while nothing else does.
            self._draw()

    def _move(self, move: Callable[[Playback], None]) -> None:
        playback = self._playback
        if playback is None:
            return
        before = playback.now_ns
        move(playback)
        model, tape = self._screen.model, playback.engine.tape
        if playback.now_ns < before:
            # A log that is followed only goes on, and documents were of later.
            self._screen.filler.turn()
        if not tape.count("containers", playback.now_ns):
            model.set_containers(())
            self._screen.changed("containers")
        if not tape.count("tick", playback.now_ns):
            model.tick = None
        self._draw()

    def _draw(self) -> None:
        if self._bar is not None:
            self._bar.update()

    def _place(self) -> Place:
        from tuicontainer.tui.time_bar import Place

        playback = self._playback
        assert playback is not None
        return Place(
            title="RECORDING" if self._live is None else "THE PAST",
            first_ns=playback.first_ns,
            last_ns=playback.last_ns,
            now_ns=playback.now_ns,
            playing=playback.playing,
            speed=playback.speed,
            marks=playback.shown_marks(),
            advice=() if self._live is None else _ADVICE,
            torn=playback.engine.torn,
        )


class _Quiet:
    """Tells the screen of what is new in the past, but not of what happened in it."""

    def __init__(self, screen: Browser) -> None:
        self._screen = screen

    def changed(self, part: str) -> None:
        self._screen.changed(part)

    def happened(self, event: Event) -> None:
        """Nothing: whoever looks back knows that it has happened."""

    def failed(self, error: TuiContainerError) -> None:
        self._screen.failed(error)

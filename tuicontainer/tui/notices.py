"""What people should hear of without looking: OOM kills, unexpected ends, pressure. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from tuicontainer.engine.statistics import StatsTick
from tuicontainer.record import Record
from tuicontainer.spec.signals import signal_name
from tuicontainer.supervise.views import Event
from tuicontainer.tui.quantities import percent

KEPT = 200
_ASKED = ("killed", "stopping", "deleted")
"""Events after which an end is no surprise."""


class Notice(Record):
    """One thing that happened by itself."""

    number: int
    time_ns: int
    """Nanoseconds since the epoch."""
    kind: str
    """`oom`, `exit` or `pressure`."""
    container: str
    title: str
    text: str
    severe: bool


class Watch:
    """Finds what is worth a notice in events and statistics, and keeps the last `KEPT`.

    Attributes:
        entries: the notices, oldest first.
        unseen: how many came since they were looked at.
    """

    def __init__(self) -> None:
        self.entries: deque[Notice] = deque(maxlen=KEPT)
        self.unseen = 0
        self._count = 0
        self._asked: dict[str, int] = {}
        """By container, the instance that somebody asked to end."""
        self._pressed: set[tuple[str, str]] = set()
        """Container and resource whose pressure is above its threshold."""

    def happened(self, event: Event) -> Notice | None:
        """Return what an event of the journal is worth."""
        if event.type in _ASKED:
            self._asked[event.id] = event.instance
            if event.type == "deleted":
                del self._asked[event.id]
            return None
        if event.type == "oom":
            text = f"{event.id} ran out of memory: the kernel killed a process"
            return self._add("oom", event.id, event.time_ns, "OOM kill", text, severe=True)
        if event.type != "exited" or event.details.get("oom_killed"):
            return None
        asked = self._asked.pop(event.id, None) == event.instance
        status = event.details.get("status")
        if asked or status == 0:
            return None
        text = f"{event.id} ended {_how(status)}, and nobody had asked it to"
        return self._add("exit", event.id, event.time_ns, "Unexpected end", text, severe=True)

    def measured(self, tick: StatsTick, threshold: tuple[float, float]) -> list[Notice]:
        """Return notices of pressure that has risen above the second *threshold*.

        Waiting for a processor because of the container's own quota is no news.

        The next notice of the same pressure comes only after it was below the first.
        """
        warn, alarm = threshold
        found = []
        for container_id, stats in tick.containers.items():
            for resource, sample in stats.sample.pressure.items():
                place = (container_id, resource)
                limited = stats.cpu_limit_cores is not None
                if resource == "cpu" and limited and stats.throttled_percent != 0:
                    # It waits because its own quota has run out, as somebody wanted.
                    continue
                if sample.some_avg10 >= alarm and place not in self._pressed:
                    self._pressed.add(place)
                    share = percent(sample.some_avg10)
                    text = f"{container_id} waited for {resource} in {share} of 10 s"
                    found.append(
                        self._add("pressure", container_id, tick.time_ns, "Pressure", text)
                    )
                elif sample.some_avg10 < warn:
                    self._pressed.discard(place)
        self._pressed = {place for place in self._pressed if place[0] in tick.containers}
        return found

    def _add(
        self,
        kind: str,
        container: str,
        time_ns: int,
        title: str,
        text: str,
        *,
        severe: bool = False,
    ) -> Notice:
        self._count += 1
        notice = Notice(
            number=self._count,
            time_ns=time_ns,
            kind=kind,
            container=container,
            title=title,
            text=text,
            severe=severe,
        )
        self.entries.append(notice)
        self.unseen += 1
        return notice


def _how(status: object) -> str:
    if not isinstance(status, int):
        return "in a way that nobody saw"
    if status > 128:
        return f"by {_signal(status - 128)}"
    return f"with status {status}"


def _signal(number: int) -> str:
    name = signal_name(number)
    return f"SIG{name}" if not name.isdigit() else f"signal {name}"


def desktop_sequence(title: str, text: str, form: str, env: Mapping[str, str]) -> str:
    """Return what makes a terminal show a notification of the desktop.

    Args:
        title: one line.
        text: one line.
        form: `osc9` (iTerm2, kitty, WezTerm, Ghostty, Windows Terminal) or `osc777` (urxvt, foot).
        env: the environment; tmux passes sequences on only in an envelope of its own.
    """
    title, text = _harmless(title), _harmless(text)
    if form == "osc777":
        sequence = f"\x1b]777;notify;{title.replace(';', ',')};{text}\x07"
    else:
        sequence = f"\x1b]9;{title}: {text}\x07"
    if env.get("TMUX"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return sequence


def _harmless(text: str) -> str:
    """Return *text* without what could end the sequence and begin another."""
    return "".join(character for character in text if character.isprintable())[:200]

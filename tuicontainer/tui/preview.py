"""What a verb would do to each of several containers, before it is done. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.supervise.records import DEFAULT_STOP_TIMEOUT
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.quantities import plural
from tuicontainer.tui.spans import Line, clipped
from tuicontainer.tui.verbs import VERBS

_LISTED = 10
"""Containers in a preview; more are counted."""
_NAME = 24
"""Columns of a name."""


def preview_title(verb: str, views: Sequence[ContainerView]) -> str:
    """Return the question: `Stop 3 containers?`."""
    whom = views[0].id if len(views) == 1 else plural(len(views), "container")
    return f"{verb.capitalize()} {whom}?"


def preview_lines(verb: str, views: Sequence[ContainerView], undo: float = 0) -> list[Line]:
    """Return one line a container, first those that *verb* changes, and what is lost by it.

    Args:
        verb: as in `verbs.VERBS`.
        views: what it is done to.
        undo: seconds in which the delete of a stopped container can be taken back.
    """
    outcomes = [(view, outcome(verb, view)) for view in views]
    outcomes.sort(key=lambda pair: pair[1][1] == "dim")
    width = max(len(clipped(view.id, _NAME)) for view in views)
    lines: list[Line] = [
        ((f" {clipped(view.id, _NAME):<{width}}", "strong"), (f"  {text}", tone))
        for view, (text, tone) in outcomes[:_LISTED]
    ]
    if len(outcomes) > _LISTED:
        rest = outcomes[_LISTED:]
        skipped = sum(tone == "dim" for _, (_, tone) in rest)
        text = f" and {len(rest)} more" + (f", {skipped} of them skipped" if skipped else "")
        lines.append(((text, "dim"),))
    if verb == "delete":
        what = "its record and its log are" if len(views) == 1 else "their records and logs are"
        kept = undo and any(view.status == "stopped" for view in views)
        when = f" in {undo:g} s; until then u brings them back" if kept else ""
        lines += [(), ((f" {what} lost{when}; the bundle stays", "text"),)]
    return lines


def outcome(verb: str, view: ContainerView) -> tuple[str, str]:
    """Return what *verb* makes of one container, and its tone: dim where nothing happens."""
    state = "never started" if view.status == "created" else view.status
    rule = VERBS["pause" if verb == "resume" else verb]
    skipped = view.status not in rule.states or (
        verb in ("pause", "resume") and (view.status == "paused") != (verb == "resume")
    )
    if skipped:
        advice = {"pause": "it is paused already", "resume": "it isn't paused"}.get(verb)
        if view.status not in rule.states or advice is None:
            advice = rule.advice
        return f"{state}: skipped, {advice}", "dim"
    return f"{state} → {_after(verb, view)}", "bad" if verb == "delete" else "text"


def _after(verb: str, view: ContainerView) -> str:
    grace = view.annotations.get("io.tuicontainer.stop-timeout", f"{DEFAULT_STOP_TIMEOUT:g}")
    signal = view.annotations.get("io.tuicontainer.stop-signal", "TERM").removeprefix("SIG")
    stopping = f"{signal}, after {grace} s KILL"
    again = f"running, instance {view.instance + 1}"
    return {
        "start": "running" if view.status == "created" else again,
        "stop": f"stopped by {stopping}",
        "restart": again if view.status == "stopped" else f"{again}; before that {stopping}",
        "pause": "paused",
        "resume": "running",
        "kill": "signalled",
        "delete": "gone",
    }[verb]

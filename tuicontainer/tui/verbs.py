"""Which verb is possible in which state, and why not. Pure: the table behind keys and footer.

Source: runtime-spec runtime.md#lifecycle; `paused` is running with frozen processes.
"""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.bundles.views import BundleView
from tuicontainer.record import Record
from tuicontainer.supervise.views import ContainerView


class Verb(Record):
    """One thing that a key does to containers."""

    name: str
    states: frozenset[str]
    """Where it is possible."""
    advice: str
    """What to do in other states; `{id}` stands for the container."""
    changes: bool = True
    """It changes something: needs root, and read-only mode refuses it."""


def _verb(name: str, states: str, advice: str, *, changes: bool = True) -> tuple[str, Verb]:
    return name, Verb(name=name, states=frozenset(states.split()), advice=advice, changes=changes)


VERBS: dict[str, Verb] = dict(
    (
        _verb("start", "created stopped", "it has a process already"),
        _verb("stop", "running paused", "only running containers can be stopped"),
        _verb("kill", "created running paused", "it has no process to signal"),
        _verb("delete", "created stopped", "stop it with t or kill it with K first"),
        _verb("pause", "running paused", "only running containers can be paused"),
        _verb("restart", "running paused stopped", "start it with s first"),
        _verb("exec", "running", "only running containers can be entered"),
        _verb("attach", "created running", "only running containers can be attached to"),
        _verb("rename", "stopped", "stop it with t first: what runs goes by its name"),
        _verb("update", "created running paused stopped", "it isn't made yet"),
        _verb("signal", "created running paused", "it has no process to signal"),
        _verb("logs", "creating created running paused stopped", "", changes=False),
        _verb("inspect", "creating created running paused stopped", "", changes=False),
    )
)
"""By name; `pause` of a paused container resumes it."""


class Rights(Record):
    """What this session may do at all."""

    root: bool
    read_only: bool
    elsewhere: str = ""
    """What is shown instead of the present, and how to come back; empty for the present."""

    @property
    def refusal(self) -> str:
        """Why nothing may be changed; empty if it may."""
        if self.elsewhere:
            return self.elsewhere
        if self.read_only:
            return "this session is read-only: start without --read-only to act"
        if not self.root:
            return "you aren't root: start with sudo to act on containers"
        return ""


def refusal(verb: str, containers: Sequence[ContainerView], rights: Rights) -> str:
    """Return why *verb* is possible for none of *containers*; empty if it is for at least one."""
    rule = VERBS[verb]
    if rule.changes and rights.refusal:
        return rights.refusal
    if not containers:
        return "no container is selected: choose one in the containers pane (2)"
    if any(view.status in rule.states for view in containers):
        return ""
    first = containers[0]
    if len(containers) > 1:
        return f"none of the {len(containers)} marked containers can do that: {rule.advice}"
    return f"`{first.id}` is {first.status}: {rule.advice}"


def possible(verb: str, containers: Sequence[ContainerView]) -> list[ContainerView]:
    """Return those of *containers* whose state allows *verb*."""
    return [view for view in containers if view.status in VERBS[verb].states]


def bundle_refusal(bundle: BundleView | None, rights: Rights) -> str:
    """Return why no container can be made from *bundle*; empty if one can."""
    if rights.refusal:
        return rights.refusal
    if bundle is None:
        return "no bundle is selected: choose one in the bundles pane (1)"
    if bundle.problem:
        return f"`{bundle.name}` can't be used: {bundle.problem}"
    return ""

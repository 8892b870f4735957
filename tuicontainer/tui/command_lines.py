"""The command line that does in a shell what a key does here. Pure."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import CreateOptions, EngineInfo
from tuicontainer.spec.limits import Limits
from tuicontainer.tui.quantities import cores

_WORDS: dict[str, tuple[str, ...]] = {
    "start": ("start",),
    "stop": ("stop",),
    "restart": ("restart",),
    "pause": ("pause",),
    "resume": ("resume",),
    "delete": ("rm",),
    "exec": ("exec", "-i", "-t"),
    "attach": ("attach",),
    "logs": ("logs", "-f"),
    "state": ("state",),
    "inspect": ("inspect",),
    "gauges": ("stats",),
    "processes": ("top",),
    "containers": ("ps", "-a"),
}
_USUAL_ROOTS = ("/run/tuicontainer", "/var/lib/tuicontainer")


def verb_line(
    verb: str, container_ids: Sequence[str], info: EngineInfo | None = None, *, signal: str = ""
) -> str:
    """Return what does *verb* to these containers; empty if nothing does.

    Args:
        verb: as in `verbs.VERBS`, or what a tab or a pane shows.
        container_ids: full ids.
        info: the engine's, for its roots where they aren't the usual ones.
        signal: of `kill`.
    """
    if verb == "kill":
        words: tuple[str, ...] = ("kill", "-s", signal) if signal else ("kill",)
    elif verb in _WORDS:
        words = _WORDS[verb]
    else:
        return ""
    after = ("/bin/sh",) if verb == "exec" else ()
    return _line([*words, *container_ids, *after], info)


def bundle_line(
    bundle: BundleView,
    options: CreateOptions | None = None,
    info: EngineInfo | None = None,
    *,
    start: bool = True,
) -> str:
    """Return what makes a container from *bundle* and starts it."""
    options = options or CreateOptions()
    words = ["run", "-d"] if start else ["create"]
    if options.container_id:
        words += ["--name", options.container_id]
    return _line([*words, *_limit_words(options), bundle.name, *options.args], info)


def update_line(container_id: str, limits: Limits, info: EngineInfo | None = None) -> str:
    """Return what gives a container these limits."""
    return _line(["update", *_limit_words(limits), container_id], info)


def rename_line(container_id: str, name: str, info: EngineInfo | None = None) -> str:
    """Return what gives a container another name."""
    return _line(["rename", container_id, name], info)


def signal_line(container_id: str, pid: int, signal: str, info: EngineInfo | None = None) -> str:
    """Return what sends a signal to one process of a container."""
    return _line(["kill", "-s", signal, "-p", str(pid), container_id], info)


def _limit_words(limits: Limits) -> list[str]:
    words: list[str] = []
    if limits.memory_limit is not None:
        words += ["--memory", str(limits.memory_limit)]
    if limits.cpus is not None:
        words += ["--cpus", cores(limits.cpus)]
    if limits.pids_limit is not None:
        words += ["--pids-limit", str(limits.pids_limit)]
    return words


def _line(words: Sequence[str], info: EngineInfo | None) -> str:
    roots: list[str] = []
    if info is not None and os.geteuid() == 0:
        for flag, root, usual in zip(
            ("--root", "--data-root"), (info.state_root, info.data_root), _USUAL_ROOTS, strict=True
        ):
            roots += [] if root == usual else [flag, root]
    return shlex.join(["tuicontainer", *roots, *words])

"""The scope that systemd keeps for a state root: supervisors and containers outside of any session.

    /system.slice/tuicontainer-<key>.scope      systemd's; nobody stays in it
        engine/                                 spawner and monitors
        c/<id>/                                 containers, made by the plain driver

systemd is asked once, when a spawner begins. The scope is delegated, so from then on the groups in
it are ours: no start of a container waits for D-Bus, and a `systemctl daemon-reload` leaves limits
alone. What lies in a slice of the system's isn't touched when the login session ends that the
first door was in. systemd removes the scope after its last process.
Sources: systemd docs/CGROUP_DELEGATION.md; org.freedesktop.systemd1(5), AttachProcessesToUnit.
"""

from __future__ import annotations

import os
import time

from tuicontainer.errors import AlreadyExists, TuiContainerError, Unavailable
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import open_cgroup
from tuicontainer.runtime.cgroups.systemd.manager import Manager
from tuicontainer.runtime.cgroups.systemd.properties import start_properties
from tuicontainer.runtime.cgroups.systemd.units import SYSTEM_SLICE, Unit, escape

ENGINE = "engine"
_ATTEMPTS = 200
_PAUSE = 0.05
"""Together ten seconds, in which systemd has removed a scope whose last process has ended."""


def scope_of(root_key: str) -> Unit:
    """Return the unit of a state root. Pure."""
    return Unit(name=escape(f"tuicontainer-{root_key}.scope"), slice=SYSTEM_SLICE)


def enter_scope(root_key: str) -> str:
    """Move the caller into the engine's group in the scope, made if it is new; return its place.

    Returns:
        The scope's group, from the hierarchy's root.

    Raises:
        Unavailable: systemd doesn't answer, or ends the scope again and again.
        TuiContainerError: systemd refuses.
    """
    unit = scope_of(root_key)
    pid = os.getpid()
    description = f"tuicontainer's supervisors and containers ({root_key})"
    refused: TuiContainerError | None = None
    with Manager(user=False) as manager:
        for _ in range(_ATTEMPTS):
            try:
                manager.start(unit.name, start_properties(unit, description=description, pid=pid))
            except AlreadyExists:
                try:
                    # Through systemd: it might be about to remove the scope, and knows.
                    manager.attach(unit.name, f"/{ENGINE}", pid)
                except TuiContainerError as error:
                    refused = error
                    time.sleep(_PAUSE)
                    continue
                return os.path.dirname(_own_group())
            place = _own_group()
            engine = open_cgroup(f"{place}/{ENGINE}")
            engine.create()
            engine.attach(pid)
            return place
    raise Unavailable(
        f"unit `{unit.name}` neither starts nor takes this process: {refused}", hint="try again"
    )


def _own_group() -> str:
    """Return the caller's group: in a container systemd's tree isn't at the hierarchy's root."""
    unified = read_hierarchies().unified
    assert unified is not None, "asked for on pure cgroup v2 only"
    return unified.own

"""What a new spawner finds: monitors that outlived another spawner, containers without one."""

from __future__ import annotations

import os

from tuicontainer.errors import TuiContainerError
from tuicontainer.runtime.process.identity import boot_id
from tuicontainer.runtime.state import state
from tuicontainer.supervise.channel import connect
from tuicontainer.supervise.handshake import greeting
from tuicontainer.supervise.names import MONITOR_SOCKET
from tuicontainer.supervise.records import read_record
from tuicontainer.supervise.restarting import wants_restart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.locations import Locations
    from tuicontainer.supervise.channel import Channel


def adopt_monitor(locations: Locations, container_id: str) -> Channel | None:
    """Ask a living monitor to be guarded; its answers come over the returned connection."""
    try:
        channel = connect(locations.container_state_dir(container_id), MONITOR_SOCKET)
    except (OSError, TuiContainerError):
        return None
    if channel is None:
        return None
    try:
        channel.send(greeting())
        channel.send({"verb": "guard", "id": container_id})
    except OSError:
        channel.close()
        return None
    return channel


def ids_to_recover(locations: Locations) -> list[str]:
    """Return the containers that need a monitor now.

    Those with a process; those whose end in this boot nobody recorded; and those that were to be
    removed or started again at their end. Others that lost their end to a reboot need none until
    they are used.
    """
    found = []
    for container_id in os.listdir(locations.containers_dir):
        try:
            record = read_record(locations, container_id)
            alive = state(locations.state_root, container_id).status != "stopped"
        except TuiContainerError:
            alive = False
            try:
                record = read_record(locations, container_id)
            except TuiContainerError:
                continue
        unrecorded = not record.ended and record.boot_id == boot_id()
        if alive or unrecorded or record.auto_remove or wants_restart(record):
            found.append(container_id)
    return found

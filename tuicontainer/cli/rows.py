"""Containers as rows: JSON objects for programs, cells for people. Pure.

The JSON keys are those of `runc list --format json`, then ours; times are RFC 3339.
"""

from __future__ import annotations

from tuicontainer.cli.quantities import format_span, rfc3339

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.supervise.views import ContainerView, ExitRecord

HEADINGS = ("ID", "STATUS", "PID", "EXIT", "AGE", "BUNDLE", "COMMAND")


def container_row(view: ContainerView) -> dict[str, Any]:
    """Return a container as the JSON object that `ps --format json` prints."""
    return {
        "ociVersion": view.oci_version,
        "id": view.id,
        "pid": view.pid,
        "status": view.status,
        "bundle": view.bundle,
        "rootfs": view.rootfs,
        "created": rfc3339(view.created_ns),
        "annotations": dict(view.annotations),
        "owner": view.owner,
        "instance": view.instance,
        "started": rfc3339(view.started_ns) if view.started_ns is not None else None,
        "exit": exit_object(view.exit) if view.exit is not None else None,
        "args": list(view.args),
        "terminal": view.terminal,
        "hostname": view.hostname,
        "autoRemove": view.auto_remove,
        "supervised": view.supervised,
    }


def exit_object(exit: ExitRecord) -> dict[str, Any]:
    """Return how an instance ended as a JSON object."""
    return {
        "status": exit.status,
        "finished": rfc3339(exit.finished_ns) if exit.finished_ns is not None else None,
        "oomKilled": exit.oom_killed,
        "reason": exit.reason,
    }


def container_cells(view: ContainerView, now_ns: int) -> tuple[str, ...]:
    """Return a container as cells below `HEADINGS`."""
    return (
        view.id,
        view.status,
        str(view.pid) if view.pid else "-",
        _exit_cell(view),
        format_span((now_ns - view.created_ns) / 1e9),
        view.bundle_name,
        " ".join(view.args),
    )


def _exit_cell(view: ContainerView) -> str:
    if view.exit is None or view.status != "stopped":
        return "-"
    status = "unknown" if view.exit.status is None else str(view.exit.status)
    if view.exit.oom_killed:
        return f"{status} oom"
    return f"{status} {view.exit.reason}" if view.exit.reason in ("reboot", "failed") else status

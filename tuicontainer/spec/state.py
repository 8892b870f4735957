"""The state document that `state` prints and hooks get on stdin.

Source: opencontainers/runtime-spec 1.3.0, runtime.md#state and schema/state-schema.json.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    Status = Literal["creating", "created", "running", "paused", "stopped"]

OCI_VERSION = "1.3.0"
"""The version of the specification by which this runtime acts."""


def state_document(
    *,
    container_id: str,
    status: Status,
    pid: int,
    bundle: str,
    annotations: Mapping[str, str],
    oci_version: str = OCI_VERSION,
) -> dict[str, Any]:
    """Return the state as JSON.

    Args:
        container_id: the container's id.
        status: `paused` is none of the specification's words and appears as `running`.
        pid: as seen from where the document is read; 0 if there is no process.
        bundle: absolute path of the bundle.
        annotations: the configuration's; left out when empty.
        oci_version: what the document complies with.
    """
    document: dict[str, Any] = {
        "ociVersion": oci_version,
        "id": container_id,
        "status": "running" if status == "paused" else status,
        "pid": pid,
        "bundle": bundle,
    }
    if annotations:
        document["annotations"] = dict(annotations)
    return document

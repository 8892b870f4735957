"""`mounts add|remove ID FILE`: mounts of a running container. Source: crun mounts.c."""

from __future__ import annotations

from tuicontainer.bundles.load import read_bounded
from tuicontainer.cli.oci.flags import WrongUsage
from tuicontainer.errors import InvalidArgument, describe_failure
from tuicontainer.jsontext import loads
from tuicontainer.runtime.mounts import add_mounts, remove_mounts
from tuicontainer.spec.decode_mounts import decode_mounts
from tuicontainer.spec.fields import Fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation
    from tuicontainer.spec.config import Mount


def run(parsed: Parsed, invocation: Invocation) -> int:
    """Add or remove the mounts that the file lists."""
    action, container_id, file = parsed.words
    if action not in ("add", "remove"):
        raise WrongUsage(f"unknown mounts command `{action}`: it is `add` or `remove`")
    change = add_mounts if action == "add" else remove_mounts
    change(invocation.root, container_id, _read_mounts(file))
    return 0


def _read_mounts(file: str) -> tuple[Mount, ...]:
    """Return the mounts of a file that holds the list alone, or an object with it."""
    try:
        document = loads(read_bounded(file))
    except OSError as error:
        raise describe_failure(error, while_=f"reading `{file}`") from error
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"`{file}` isn't JSON: {error}") from None
    return decode_mounts(Fields({"mounts": document} if isinstance(document, list) else document))

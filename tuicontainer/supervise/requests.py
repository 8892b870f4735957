"""What doors ask of the spawner and the monitors, as records that cross the wire as JSON."""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.record import Record
from tuicontainer.spec.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Request = TypeVar("Request", bound="CreateRequest | ExecRequest | Limits")


class CreateRequest(Limits):
    """A container to make from a bundle, with its limits; what isn't given is the bundle's own."""

    bundle: str
    """Absolute path of the bundle folder."""
    container_id: str | None = None
    """Generated as `<bundle>-<n>` when None."""
    args: tuple[str, ...] = ()
    """Replaces the bundle's command when not empty."""
    env: tuple[str, ...] = ()
    """`NAME=value`; a name that the bundle has is replaced."""
    cwd: str | None = None
    user: str | None = None
    """`uid[:gid]`."""
    terminal: bool | None = None
    console_size: tuple[int, int] | None = None
    """Height and width in characters, for a container with a terminal."""
    stdin_open: bool = False
    """Keep the standard input open for `attach`; otherwise it is /dev/null."""
    annotations: tuple[tuple[str, str], ...] = ()
    """Names and values, added to the bundle's."""
    restart: str | None = None
    """The restart policy: `no`, `on-failure[:n]`, `always`, `unless-stopped`."""
    auto_remove: bool = False
    """Delete the container, its record and its log once it has ended."""


class ExecRequest(Record):
    """Another program for a running container; None: as its own process has it."""

    args: tuple[str, ...]
    env: tuple[str, ...] = ()
    """Added to the environment of the container's own process."""
    cwd: str | None = None
    user: str | None = None
    """`uid[:gid]`."""
    terminal: bool = False
    console_size: tuple[int, int] | None = None
    """Height and width in characters."""


def to_document(request: CreateRequest | ExecRequest | Limits) -> dict[str, Any]:
    """Return *request* as a JSON object."""
    return dict(request.items())


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def from_document(kind: type[Request], document: dict[str, Any]) -> Request:
    """Rebuild the request that `to_document` described.

    Raises:
        InvalidArgument: a field is missing or unknown; the peer is of another version.
    """
    values: dict[str, Any] = {field: _frozen(value) for field, value in document.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise InvalidArgument(f"not a request of this version: {error}") from error

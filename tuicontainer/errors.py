"""The kinds of failure, shared by all rooms and all doors.

    TuiContainerError              base: a message for people and a hint
    ├── NotFound                   what was named doesn't exist
    ├── AlreadyExists              what was to be made exists
    ├── InvalidArgument            the caller's input is wrong, whatever the system's state
    ├── FailedPrecondition         the input is fine, but the state forbids it now
    ├── PermissionDenied           the caller may not do this
    ├── Unsupported                known, but this host, kernel or version can't do it
    ├── Unavailable                a helper process or resource isn't reachable: try again
    └── Internal                   our own bug
    SyscallError (OSError)         the kernel refused a call; carries call, path and errno

A room raises or handles, it never logs and raises. Text is lower case, without a final period,
with values in backticks; the hint says what to do.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar


class TuiContainerError(Exception):
    """Base of every failure that a person is told about.

    Attributes:
        kind: the kind's name, as it appears in machine output and on the wire.
        message: what was tried, on what, and why it failed.
        hint: what the person can do about it; empty if nothing.
        errno: the kernel's error number, or None if no system call failed.
    """

    kind: ClassVar[str] = "Internal"

    def __init__(self, message: str, *, hint: str = "", errno: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.errno = errno

    def __str__(self) -> str:
        return self.message

    def to_wire(self) -> dict[str, Any]:
        """Return the error as the JSON object that crosses process borders."""
        return {"kind": self.kind, "message": self.message, "hint": self.hint, "errno": self.errno}


class NotFound(TuiContainerError):
    """What was named doesn't exist."""

    kind = "NotFound"


class AlreadyExists(TuiContainerError):
    """What was to be made exists already."""

    kind = "AlreadyExists"


class InvalidArgument(TuiContainerError):
    """The caller's input is wrong, whatever the state of the system."""

    kind = "InvalidArgument"


class FailedPrecondition(TuiContainerError):
    """The input is fine, but the present state forbids the operation."""

    kind = "FailedPrecondition"


class PermissionDenied(TuiContainerError):
    """The caller may not do this."""

    kind = "PermissionDenied"


class Unsupported(TuiContainerError):
    """The feature is known, but this host or this version doesn't have it."""

    kind = "Unsupported"


class Unavailable(TuiContainerError):
    """A helper process or a resource can't be reached now; trying again may help."""

    kind = "Unavailable"


class Internal(TuiContainerError):
    """A bug of ours: no input should lead here."""

    kind = "Internal"


KINDS: dict[str, type[TuiContainerError]] = {
    cls.kind: cls
    for cls in (
        NotFound,
        AlreadyExists,
        InvalidArgument,
        FailedPrecondition,
        PermissionDenied,
        Unsupported,
        Unavailable,
        Internal,
    )
}


class SyscallError(OSError):
    """The kernel refused a system call.

    It is an OSError, so `except FileNotFoundError` does not catch it but `error.errno` works;
    `describe_failure` turns it into one of the kinds.
    """

    def __init__(self, call: str, errno: int, path: str | bytes | None = None) -> None:
        super().__init__(errno, os.strerror(errno))
        self.call = call
        self.path = os.fsdecode(path) if path is not None else None

    def __str__(self) -> str:
        on = f" `{self.path}`" if self.path is not None else ""
        return f"{self.call}{on}: {(self.strerror or '').lower()}"


def from_wire(document: dict[str, Any]) -> TuiContainerError:
    """Rebuild the error that `TuiContainerError.to_wire` described."""
    cls = KINDS.get(document.get("kind", ""), Internal)
    return cls(
        document.get("message", "unknown failure"),
        hint=document.get("hint", ""),
        errno=document.get("errno"),
    )


def describe_failure(error: BaseException, *, while_: str) -> TuiContainerError:
    """Turn any exception into one of the kinds, saying what was being done.

    Args:
        error: what was caught. A TuiContainerError keeps its kind and gains the context.
        while_: the attempted operation in words, such as "mounting `/proc`".
    """
    from errno import EACCES, EEXIST, ENOENT, ENOSYS, EPERM

    if isinstance(error, TuiContainerError):
        return type(error)(f"{while_}: {error.message}", hint=error.hint, errno=error.errno)
    if isinstance(error, OSError):
        number = error.errno or 0
        kind: type[TuiContainerError] = {
            ENOENT: NotFound,
            EEXIST: AlreadyExists,
            EPERM: PermissionDenied,
            EACCES: PermissionDenied,
            ENOSYS: Unsupported,
        }.get(number, FailedPrecondition)
        if isinstance(error, SyscallError):
            text = str(error)
        else:
            # A call that was given a descriptor has its number as the name.
            named = isinstance(error.filename, (str, bytes))
            on = f" `{os.fsdecode(error.filename)}`" if named else ""
            text = f"{(error.strerror or str(error)).lower()}{on}"
        return kind(f"{while_}: {text}", errno=error.errno)
    return Internal(f"{while_}: {type(error).__name__}: {error}")

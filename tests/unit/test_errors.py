"""Failures keep their kind across processes, and any exception becomes one that people can read."""

from __future__ import annotations

import errno
import os

import pytest

from tuicontainer.errors import (
    KINDS,
    FailedPrecondition,
    Internal,
    NotFound,
    PermissionDenied,
    SyscallError,
    TuiContainerError,
    Unsupported,
    describe_failure,
    from_wire,
)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_through_the_wire_as_it_was(kind: str) -> None:
    error = KINDS[kind]("no such `x`", hint="make one", errno=2)
    again = from_wire(error.to_wire())
    assert type(again) is type(error)
    assert (again.message, again.hint, again.errno) == ("no such `x`", "make one", 2)


def test_an_unknown_kind_is_a_bug_of_ours() -> None:
    assert isinstance(from_wire({"kind": "Weather", "message": "rain"}), Internal)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOENT, NotFound),
        (errno.EACCES, PermissionDenied),
        (errno.EPERM, PermissionDenied),
        (errno.ENOSYS, Unsupported),
        (errno.EBUSY, FailedPrecondition),
    ],
)
def test_errno_decides_the_kind(number: int, kind: type[TuiContainerError]) -> None:
    failure = describe_failure(SyscallError("mount", number, b"/proc"), while_="mounting")
    assert type(failure) is kind
    assert failure.errno == number
    assert failure.message.startswith("mounting: mount `/proc`: ")


def test_context_is_put_before_the_message_and_the_hint_kept() -> None:
    failure = describe_failure(NotFound("no `a`", hint="look"), while_="reading")
    assert isinstance(failure, NotFound)
    assert (failure.message, failure.hint) == ("reading: no `a`", "look")


def test_a_call_on_a_descriptor_has_no_path_to_name() -> None:
    failure = describe_failure(OSError(errno.EISDIR, os.strerror(errno.EISDIR), 7), while_="w")
    assert failure.message == "w: is a directory"


def test_anything_else_is_a_bug_of_ours_that_names_the_exception() -> None:
    failure = describe_failure(KeyError("x"), while_="looking")
    assert isinstance(failure, Internal)
    assert "KeyError" in failure.message

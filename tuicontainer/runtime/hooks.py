"""Hooks: programs of the bundle's author, run at six points of a container's life.

Sources: config.md#posix-platform-hooks, runtime.md#lifecycle.
"""

from __future__ import annotations

import os
import time

from tuicontainer.errors import FailedPrecondition, describe_failure
from tuicontainer.jsontext import dumps
from tuicontainer.record import Record
from tuicontainer.runtime.process.spawn import Output, capture, run_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from tuicontainer.runtime.process.spawn import Finished
    from tuicontainer.spec.config import Hook

OUTPUT_ANNOTATIONS = ("run.oci.hooks.stdout", "run.oci.hooks.stderr")
"""crun's names of the files that the hooks' outputs are appended to."""

_STDERR_KEPT = 1024
_PATH_MAX = 4096


class HookRun(Record):
    """One run of a hook, for the timeline."""

    kind: str
    """As in the configuration, such as `createRuntime`."""
    index: int
    """Place in the list of its kind, from 0."""
    path: str
    begin_ns: int
    """By the monotonic clock of who ran it."""
    end_ns: int
    status: int | None = None
    """Exit status; None if a signal ended it or it couldn't be executed."""
    signal: int | None = None
    timed_out: bool = False
    error: str = ""
    """Why it failed; empty if it didn't."""
    stderr: str = ""
    """The last characters of what it wrote there, unless an annotation names a file for that."""


class HookFailed(FailedPrecondition):
    """A hook didn't do its work, so its container must not live (runtime.md#lifecycle)."""


def run_hooks(
    hooks: Sequence[Hook],
    kind: str,
    state: Mapping[str, Any],
    *,
    cwd: str,
    ran: Callable[[HookRun], object] | None = None,
) -> None:
    """Run hooks in listed order, in the namespaces of the caller.

    Args:
        hooks: what to run.
        kind: their name in the configuration, for errors.
        state: the OCI state document; each hook can read it from its standard input.
        cwd: their working folder.
        ran: called with how each went, before a failure is raised.

    Raises:
        HookFailed: one couldn't be executed, failed, or took longer than its timeout; those after
            it aren't run.
    """

    def run(hook: Hook, what: str) -> Finished:
        return _run(hook, what, document, state, cwd)

    document = dumps(state).encode()
    for index, hook in enumerate(hooks):
        see_through(hook, kind, index, run, ran)


def run_remaining_hooks(
    hooks: Sequence[Hook],
    kind: str,
    state: Mapping[str, Any],
    *,
    cwd: str,
    ran: Callable[[HookRun], object] | None = None,
) -> list[str]:
    """Run hooks in listed order whether or not others fail; return what failed, in words."""

    def run(hook: Hook, what: str) -> Finished:
        return _run(hook, what, document, state, cwd)

    document = dumps(state).encode()
    warnings = []
    for index, hook in enumerate(hooks):
        try:
            see_through(hook, kind, index, run, ran)
        except HookFailed as error:
            warnings.append(str(error))
    return warnings


def failure_of(kind: str, index: int) -> str:
    """Return how an error about this hook begins; runc's words, which its callers match."""
    return f"error running {kind} hook #{index}"


def hook_outputs(state: Mapping[str, Any]) -> tuple[Output, Output]:
    """Return where hooks write: files that annotations name, else pipes for our error text.

    Raises:
        OSError: a file can't be opened.
    """
    annotations = state.get("annotations") or {}
    paths = [annotations.get(name) for name in OUTPUT_ANNOTATIONS]
    stdout, stderr = (_to_file(path) if path else capture() for path in paths)
    return stdout, stderr


def _to_file(path: str) -> Output:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOCTTY | os.O_CLOEXEC
    return Output(write_end=os.open(path, flags, 0o644), read_end=None)


def see_through(
    hook: Hook,
    kind: str,
    index: int,
    run: Callable[[Hook, str], Finished],
    ran: Callable[[HookRun], object] | None,
) -> None:
    """Run a hook and tell how it went.

    Args:
        hook: which.
        kind: its name in the configuration.
        index: its place in the list.
        run: runs it to its end; gets the hook and the words that an error begins with.
        ran: is told.

    Raises:
        HookFailed: it couldn't be run, or failed; the text ends with what it wrote.
    """
    what = failure_of(kind, index)
    begin_ns = time.monotonic_ns()
    finished, reason = None, "it could not be run"
    try:
        finished = run(hook, what)
        reason = _reason(finished, hook)
    except HookFailed as error:
        reason = error.message.removeprefix(f"{what}: ")
        raise
    finally:
        if ran is not None:
            ran(_told(hook, kind, index, begin_ns, finished, reason))
    if reason:
        raise HookFailed(
            f"{what}: {reason}, stdout: {finished.stdout}, stderr: {finished.stderr}",
            hint=f"the hook is `{hook.path}`",
        )


def _told(
    hook: Hook, kind: str, index: int, begin_ns: int, finished: Finished | None, reason: str
) -> HookRun:
    ended = finished is not None
    status = finished.status if finished is not None else 0
    return HookRun(
        kind=kind,
        index=index,
        path=hook.path[:_PATH_MAX],
        begin_ns=begin_ns,
        end_ns=time.monotonic_ns(),
        status=status if ended and status >= 0 else None,
        signal=-status if status < 0 else None,
        timed_out=finished is not None and finished.timed_out,
        error=reason[:_STDERR_KEPT],
        stderr="" if finished is None else finished.stderr[-_STDERR_KEPT:],
    )


def _run(hook: Hook, what: str, document: bytes, state: Mapping[str, Any], cwd: str) -> Finished:
    env = dict(os.environ) if hook.env is None else dict(entry.split("=", 1) for entry in hook.env)
    try:
        return run_program(
            hook.path,
            hook.args,
            env,
            stdin=document,
            cwd=cwd,
            timeout=hook.timeout,
            outputs=hook_outputs(state),
        )
    except OSError as error:
        failure = describe_failure(error, while_=what)
        raise HookFailed(failure.message, errno=error.errno) from error


def _reason(finished: Finished, hook: Hook) -> str:
    """Return why the hook failed; empty if it didn't."""
    if finished.timed_out:
        return f"hook ran past specified timeout of {hook.timeout:.1f}s"
    if finished.status > 0:
        return f"exit status {finished.status}"
    if finished.status < 0:
        return f"killed by signal {-finished.status}"
    return ""

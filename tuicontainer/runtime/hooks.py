"""Hooks: programs of the bundle's author, run at six points of a container's life.

Sources: config.md#posix-platform-hooks, runtime.md#lifecycle.
"""

from __future__ import annotations

import os

from tuicontainer.errors import FailedPrecondition, describe_failure
from tuicontainer.jsontext import dumps
from tuicontainer.runtime.process.spawn import Output, capture, run_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tuicontainer.runtime.process.spawn import Finished
    from tuicontainer.spec.config import Hook

OUTPUT_ANNOTATIONS = ("run.oci.hooks.stdout", "run.oci.hooks.stderr")
"""crun's names of the files that the hooks' outputs are appended to."""


class HookFailed(FailedPrecondition):
    """A hook didn't do its work, so its container must not live (runtime.md#lifecycle)."""


def run_hooks(hooks: Sequence[Hook], kind: str, state: Mapping[str, Any], *, cwd: str) -> None:
    """Run hooks in listed order, in the namespaces of the caller.

    Args:
        hooks: what to run.
        kind: their name in the configuration, for errors.
        state: the OCI state document; each hook can read it from its standard input.
        cwd: their working folder.

    Raises:
        HookFailed: one couldn't be executed, failed, or took longer than its timeout; those after
            it aren't run.
    """
    document = dumps(state).encode()
    for index, hook in enumerate(hooks):
        _run_hook(hook, failure_of(kind, index), state, document, cwd)


def run_remaining_hooks(
    hooks: Sequence[Hook], kind: str, state: Mapping[str, Any], *, cwd: str
) -> list[str]:
    """Run hooks in listed order whether or not others fail; return what failed, in words."""
    warnings = []
    document = dumps(state).encode()
    for index, hook in enumerate(hooks):
        try:
            _run_hook(hook, failure_of(kind, index), state, document, cwd)
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


def _run_hook(hook: Hook, what: str, state: Mapping[str, Any], document: bytes, cwd: str) -> None:
    env = dict(os.environ) if hook.env is None else dict(entry.split("=", 1) for entry in hook.env)
    try:
        finished = run_program(
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
    check_finished(finished, hook, what)


def check_finished(finished: Finished, hook: Hook, what: str) -> None:
    """Let success pass.

    Raises:
        HookFailed: the hook failed; the text ends with what it wrote.
    """
    if finished.timed_out:
        reason = f"hook ran past specified timeout of {hook.timeout:.1f}s"
    elif finished.status > 0:
        reason = f"exit status {finished.status}"
    elif finished.status < 0:
        reason = f"killed by signal {-finished.status}"
    else:
        return
    raise HookFailed(
        f"{what}: {reason}, stdout: {finished.stdout}, stderr: {finished.stderr}",
        hint=f"the hook is `{hook.path}`",
    )

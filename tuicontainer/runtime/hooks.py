"""Hooks: programs of the bundle's author, run at six points of a container's life.

Sources: config.md#posix-platform-hooks, runtime.md#lifecycle.
"""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition, describe_failure
from tuicontainer.jsontext import dumps
from tuicontainer.runtime.process.spawn import run_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tuicontainer.runtime.process.spawn import Finished
    from tuicontainer.spec.config import Hook


def run_hooks(hooks: Sequence[Hook], kind: str, state: Mapping[str, Any], *, cwd: str) -> None:
    """Run hooks in listed order, in the namespaces of the caller.

    Args:
        hooks: what to run.
        kind: their name in the configuration, for errors.
        state: the OCI state document; each hook can read it from its standard input.
        cwd: their working folder.

    Raises:
        FailedPrecondition: one couldn't be executed, failed, or took longer than its timeout; those
            after it aren't run.
    """
    document = dumps(state).encode()
    for index, hook in enumerate(hooks):
        _run_hook(hook, f"running {kind} hook #{index} `{hook.path}`", document, cwd)


def run_remaining_hooks(
    hooks: Sequence[Hook], kind: str, state: Mapping[str, Any], *, cwd: str
) -> list[str]:
    """Run hooks in listed order whether or not others fail; return what failed, in words."""
    warnings = []
    document = dumps(state).encode()
    for index, hook in enumerate(hooks):
        try:
            _run_hook(hook, f"running {kind} hook #{index} `{hook.path}`", document, cwd)
        except FailedPrecondition as error:
            warnings.append(str(error))
    return warnings


def _run_hook(hook: Hook, what: str, document: bytes, cwd: str) -> None:
    env = dict(entry.split("=", 1) for entry in hook.env)
    try:
        finished = run_program(
            hook.path, hook.args, env, stdin=document, cwd=cwd, timeout=hook.timeout
        )
    except OSError as error:
        failure = describe_failure(error, while_=what)
        raise FailedPrecondition(failure.message, errno=error.errno) from error
    check_finished(finished, hook, what)


def check_finished(finished: Finished, hook: Hook, what: str) -> None:
    """Let success pass.

    Raises:
        FailedPrecondition: the hook failed; the text ends with what it wrote.
    """
    if finished.timed_out:
        reason = f"it took longer than its timeout of {hook.timeout} s"
    elif finished.status > 0:
        reason = f"exit status {finished.status}"
    elif finished.status < 0:
        reason = f"killed by signal {-finished.status}"
    else:
        return
    output = f": {finished.output}" if finished.output else ""
    raise FailedPrecondition(f"{what}: {reason}{output}")

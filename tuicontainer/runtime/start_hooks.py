"""startContainer hooks: programs of the container, run inside it just before its own program.

They run as the container's user with the container's capabilities, as runc does.
Sources: config.md#posix-platform-hooks, runtime.md#lifecycle.
"""

from __future__ import annotations

import os

from tuicontainer.errors import TuiContainerError, describe_failure
from tuicontainer.jsontext import dumps
from tuicontainer.runtime.exec import ExecRequest, enter_container, plan_exec_filtering
from tuicontainer.runtime.hooks import HookFailed, hook_outputs, see_through
from tuicontainer.runtime.process.spawn import close_read_ends, finish_program
from tuicontainer.runtime.process.stdio import Stdio
from tuicontainer.spec.decode_process import decode_process
from tuicontainer.spec.fields import Fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuicontainer.runtime.folder import StateFolder
    from tuicontainer.runtime.hooks import HookRun
    from tuicontainer.runtime.instance import InstanceView
    from tuicontainer.runtime.process.filtering import Filtering
    from tuicontainer.runtime.process.spawn import Finished
    from tuicontainer.spec.config import Hook


def run_inside(
    folder: StateFolder,
    now: InstanceView,
    hooks: Sequence[Hook],
    ran: Callable[[HookRun], object],
) -> None:
    """Run the hooks in listed order, and tell how each went.

    Raises:
        HookFailed: one failed; those after it aren't run.
    """
    own = decode_process(Fields(folder.read_config().get("process"), "process"))
    document = {**now.document(), "pid": pid_inside(now.pid)}
    stdin = dumps(document).encode()
    # As in runc, where they are children of the container's first process.
    filtering = plan_exec_filtering(folder, now, own)

    def run(hook: Hook, what: str) -> Finished:
        process = own.replace(
            args=(hook.path, *hook.args[1:]),
            env=own.env if hook.env is None else hook.env,
            terminal=False,
            rlimits=(),
            scheduler=None,
            io_priority=None,
            exec_cpu_affinity=None,
        )
        request = ExecRequest(process=process, exact_env=hook.env is not None)
        return _run_hook(now, hook, request, filtering, stdin, what)

    for index, hook in enumerate(hooks):
        see_through(hook, "startContainer", index, run, ran)


def pid_inside(pid: int) -> int:
    """Return the pid that a process has in its own PID namespace (proc_pid_status(5), NSpid).

    Raises:
        TuiContainerError: the process has ended.
    """
    try:
        with open(f"/proc/{pid}/status", "rb", buffering=0) as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise describe_failure(error, while_="reading the container's pid") from error
    for line in lines:
        if line.startswith(b"NSpid:"):
            return int(line.split()[-1])
    return pid


def _run_hook(
    now: InstanceView,
    hook: Hook,
    request: ExecRequest,
    filtering: Filtering | None,
    stdin: bytes,
    what: str,
) -> Finished:
    outputs = hook_outputs(now.document())
    input_read, input_write = os.pipe()
    stdout, stderr = (output.write_end for output in outputs)
    try:
        stdio = Stdio(stdin=input_read, stdout=stdout, stderr=stderr)
        entered = enter_container(now, request, stdio, filtering)
    except TuiContainerError as error:
        os.close(input_write)
        close_read_ends(outputs)
        raise HookFailed(f"{what}: {error.message}", hint=error.hint, errno=error.errno) from error
    finally:
        for fd in (input_read, stdout, stderr):
            os.close(fd)
    return finish_program(entered.pid, entered.pidfd, input_write, outputs, stdin, hook.timeout)

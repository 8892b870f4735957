"""How a spawner comes to be: everything it may have inherited from a door is shed first.

A door's terminal, current folder, environment, signal actions, memory pressure score, keys and
control group belong to a person's login; containers must neither see them nor die with them. What
of them a container should get travels in the request. Sources: daemon(7), setsid(2),
session-keyring(7), proc_pid_oom_score_adj(5), PR_SET_CHILD_SUBREAPER in prctl(2).
"""

from __future__ import annotations

import gc
import os

from tuicontainer.errors import SyscallError, describe_failure
from tuicontainer.jsontext import dumps
from tuicontainer.locations import Locations
from tuicontainer.supervise.failures import note_failure
from tuicontainer.supervise.launch import READY_FD
from tuicontainer.supervise.locks import hold_lock
from tuicontainer.supervise.names import SPAWNER_LOCK, SPAWNER_SOCKET
from tuicontainer.syscalls.signals import reset_signals
from tuicontainer.syscalls.wakeup import ignore_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tuicontainer.supervise.spawner import Spawner

_SIGHUP = 1
_SIGPIPE = 13
_MAX_FD = 2**31 - 1


def be_born(state_root: str, data_root: str) -> NoReturn:
    """Leave the door behind, become this state root's spawner, and end when it isn't needed.

    The door hears on READY_FD how it went: `{"ready": …}`, `{"lost": …}` if another spawner holds
    the lock, or `{"error": …}`.
    """
    # The door, or whoever started it, waits for this process; the spawner is its child.
    if os.fork():
        os._exit(0)
    locations = Locations(state_root=state_root, data_root=data_root)
    try:
        spawner = _prepare(locations)
    except BaseException as error:  # noqa: BLE001 - the door is told, whatever it is
        failure = describe_failure(error, while_=f"starting the spawner of `{state_root}`")
        _tell({"error": failure.to_wire()})
        os._exit(1)
    if spawner is None:
        _tell({"lost": True})
        os._exit(0)
    _tell({"ready": os.getpid()})
    try:
        spawner.run()
    except Exception:  # noqa: BLE001 - a bug of ours, which nobody else would see
        note_failure(locations, "spawner-failed", "")
    finally:
        os._exit(0)


def _prepare(locations: Locations) -> Spawner | None:
    """Do all up to listening; None if another spawner lives."""
    os.closerange(READY_FD + 1, _MAX_FD)
    os.set_inheritable(READY_FD, False)
    os.chdir("/")
    os.umask(0o022)
    os.environ.clear()
    reset_signals()
    # A write to a door or a pipe that has gone must fail, not kill; the runtime gives programs
    # the default action back. A terminal's hang-up is none of ours.
    ignore_signal(_SIGPIPE)
    ignore_signal(_SIGHUP)
    _write_proc("oom_score_adj", "0")
    _write_proc("comm", "tuic-spawner")
    os.makedirs(locations.state_root, mode=0o711, exist_ok=True)
    os.makedirs(locations.engine_dir, mode=0o700, exist_ok=True)
    os.makedirs(locations.containers_dir, mode=0o700, exist_ok=True)
    # The descriptor is never closed: the lock is held for life.
    if hold_lock(os.path.join(locations.engine_dir, SPAWNER_LOCK)) is None:
        return None
    return _become(locations)


def _become(locations: Locations) -> Spawner:
    # First, and without the runtime: the objects that monitors touch lie on fewer pages.
    import tuicontainer.supervise.monitor  # noqa: F401 - for its effect
    from tuicontainer.supervise import engine_cgroup
    from tuicontainer.supervise.channel import listen
    from tuicontainer.supervise.preload import load_for_host
    from tuicontainer.supervise.spawner import Spawner
    from tuicontainer.syscalls.keyring import join_session_keyring, keyring_is_absent
    from tuicontainer.syscalls.process import set_child_subreaper
    from tuicontainer.syscalls.rlimits import get_rlimit, set_rlimit

    try:
        join_session_keyring(f"tuicontainer-{locations.root_key}")
    except SyscallError as error:
        if not keyring_is_absent(error):
            raise
    soft, hard = get_rlimit(0, "RLIMIT_NOFILE")
    set_rlimit(0, "RLIMIT_NOFILE", hard, hard)
    set_child_subreaper(subreaper=True)
    if os.geteuid() == 0:
        locations = engine_cgroup.enter(locations)
    load_for_host(locations)
    try:
        listener = listen(locations.engine_dir, SPAWNER_SOCKET)
        spawner = Spawner(locations, listener, files=(soft, hard))
        spawner.adopt_all()
    except BaseException:
        engine_cgroup.leave(locations)
        raise
    # Forked monitors share these pages for as long as nothing writes to them; the collector would.
    gc.collect()
    gc.freeze()
    gc.enable()
    return spawner


def _tell(message: dict[str, object]) -> None:
    try:
        os.write(READY_FD, dumps(message).encode())
    except BrokenPipeError:
        # The door has died; another one will come.
        pass
    finally:
        os.close(READY_FD)


def _write_proc(name: str, text: str) -> None:
    """Write to /proc/self/NAME where we may: lowering a score needs CAP_SYS_RESOURCE."""
    try:
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.write(fd, text.encode())
    except PermissionError:
        pass
    finally:
        os.close(fd)

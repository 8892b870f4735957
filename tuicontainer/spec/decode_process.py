"""The `process` object: program, environment, identity, limits.

Sources: config.md#process, #posix-process, #linux-process, #user; setrlimit(2); proc(5)
oom_score_adj; runc libcontainer/env.go for the environment's rules.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.config import Capabilities, ConsoleSize, Process, Rlimit, User
from tuicontainer.spec.fields import ID, UINT16, UINT64, check_absolute, check_integer, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.spec.fields import Fields

RLIMITS = (
    "RLIMIT_AS",
    "RLIMIT_CORE",
    "RLIMIT_CPU",
    "RLIMIT_DATA",
    "RLIMIT_FSIZE",
    "RLIMIT_LOCKS",
    "RLIMIT_MEMLOCK",
    "RLIMIT_MSGQUEUE",
    "RLIMIT_NICE",
    "RLIMIT_NOFILE",
    "RLIMIT_NPROC",
    "RLIMIT_RSS",
    "RLIMIT_RTPRIO",
    "RLIMIT_RTTIME",
    "RLIMIT_SIGPENDING",
    "RLIMIT_STACK",
)
"""The limits that Linux has."""

_OOM_SCORE_ADJ = (-1000, 1000)
_UMASK = (0, 0o777)
_NGROUPS_MAX = 65536  # setgroups(2)


def decode_process(fields: Fields) -> Process:
    """Return the container's program.

    Raises:
        InvalidArgument: a field breaks its rule.
    """
    args = fields.texts("args")
    if not args:
        raise InvalidArgument(f"`{fields.at('args')}` is empty: it must name a program")
    terminal = fields.flag("terminal") or False
    capabilities = fields.object("capabilities")
    return Process(
        args=args,
        cwd=check_absolute(fields.at("cwd"), fields.need_text("cwd")),
        user=_user(fields.object("user")),
        env=decode_environment(fields, "env"),
        terminal=terminal,
        # Without a terminal the size MUST be ignored, whatever it holds (config.md#process).
        console_size=_console_size(fields.object("consoleSize")) if terminal else None,
        capabilities=None if capabilities is None else _capabilities(capabilities),
        rlimits=_rlimits(fields),
        no_new_privileges=fields.flag("noNewPrivileges") or False,
        oom_score_adj=fields.integer("oomScoreAdj", _OOM_SCORE_ADJ),
        apparmor_profile=fields.line("apparmorProfile"),
        selinux_label=fields.line("selinuxLabel"),
        **_scheduling(fields),
    )


def _scheduling(fields: Fields) -> dict[str, Any]:
    """Return the records of the fields that few bundles have, if it has any."""
    scheduler = fields.object("scheduler")
    io_priority = fields.object("ioPriority")
    affinity = fields.object("execCPUAffinity")
    if scheduler is None and io_priority is None and affinity is None:
        return {}
    from tuicontainer.spec import decode_scheduling as decode

    return {
        "scheduler": None if scheduler is None else decode.decode_scheduler(scheduler),
        "io_priority": None if io_priority is None else decode.decode_io_priority(io_priority),
        "exec_cpu_affinity": None
        if affinity is None
        else decode.decode_exec_cpu_affinity(affinity),
    }


def decode_environment(fields: Fields, name: str) -> tuple[str, ...]:
    """Return a list of `NAME=value`, each name once: the last entry wins, in its place."""
    entries: dict[str, str] = {}
    for path, entry in zip(
        (path for path, _ in fields.items(name)), fields.texts(name), strict=True
    ):
        variable = environment_name(path, entry)
        entries.pop(variable, None)
        entries[variable] = entry
    return tuple(entries.values())


def environment_name(path: str, entry: str) -> str:
    """Return the name in `NAME=value`.

    Raises:
        InvalidArgument: there is no `=`, or no name before it.
    """
    name, equals, _ = entry.partition("=")
    if not name or not equals:
        raise refuse(path, entry, "must be `NAME=value`")
    return name


def _user(fields: Fields | None) -> User:
    if fields is None:
        return User()
    return User(
        uid=fields.integer("uid", ID) or 0,
        gid=fields.integer("gid", ID) or 0,
        umask=fields.integer("umask", _UMASK),
        additional_gids=check_groups(
            fields.at("additionalGids"),
            tuple(check_integer(path, value, ID) for path, value in fields.items("additionalGids")),
        ),
    )


def check_groups(path: str, gids: tuple[int, ...]) -> tuple[int, ...]:
    """Return *gids* if the kernel takes as many.

    Raises:
        InvalidArgument: they are too many.
    """
    if len(gids) > _NGROUPS_MAX:
        raise InvalidArgument(f"`{path}` has {len(gids)} groups: must be at most {_NGROUPS_MAX}")
    return gids


def _console_size(fields: Fields | None) -> ConsoleSize | None:
    if fields is None:
        return None
    # struct winsize has 16 bits for each.
    return ConsoleSize(
        height=fields.need_integer("height", UINT16), width=fields.need_integer("width", UINT16)
    )


def _capabilities(fields: Fields) -> Capabilities:
    # Names that the kernel doesn't have are kept: the runtime leaves them out with a warning, as
    # the specification demands, and only it knows the kernel.
    return Capabilities(
        bounding=fields.texts("bounding"),
        effective=fields.texts("effective"),
        inheritable=fields.texts("inheritable"),
        permitted=fields.texts("permitted"),
        ambient=fields.texts("ambient"),
    )


def _rlimits(fields: Fields) -> tuple[Rlimit, ...]:
    limits: dict[str, Rlimit] = {}
    for entry in fields.objects("rlimits"):
        type_ = entry.need_text("type")
        if type_ not in RLIMITS:
            raise refuse(entry.at("type"), type_, "must be a resource limit that Linux has")
        if type_ in limits:
            raise refuse(entry.at("type"), type_, "must not be given twice")
        soft = entry.need_integer("soft", UINT64)
        hard = entry.need_integer("hard", UINT64)
        if soft > hard:
            raise refuse(entry.at("soft"), soft, f"must not be above the hard limit `{hard}`")
        limits[type_] = Rlimit(type=type_, soft=soft, hard=hard)
    return tuple(limits.values())

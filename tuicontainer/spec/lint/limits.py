"""Rules on what the container may use up of the host, and how it may be started over and over.

Sources: cgroups(7), cgroup-v1/memory.rst, getrlimit(2), and those that each rule names.
"""

from __future__ import annotations

from tuicontainer.spec.lint.rule import CIS, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Config
    from tuicontainer.spec.lint.rule import Places

_RESOURCES = "linux.resources"
_RESTART = "io.tuicontainer.restart"


def _limited_by_unified(config: Config, name: str) -> bool:
    value = config.linux.resources.unified.get(name, "max")
    return value.split(" ")[0] != "max"


def _no_memory_limit(config: Config) -> Places:
    memory = config.linux.resources.memory
    limit = None if memory is None else memory.limit
    if limit in (None, -1) and not _limited_by_unified(config, "memory.max"):
        yield f"{_RESOURCES}.memory.limit", "no limit"


def _free_swap(config: Config) -> Places:
    memory = config.linux.resources.memory
    if memory is None or memory.limit in (None, -1):
        return
    if memory.swap == -1:
        yield f"{_RESOURCES}.memory.swap", "no limit"


def _no_cpu_limit(config: Config) -> Places:
    cpu = config.linux.resources.cpu
    quota = None if cpu is None else cpu.quota
    shares = None if cpu is None else cpu.shares
    bounded = quota not in (None, -1) or shares is not None or (cpu is not None and cpu.cpus)
    if not bounded and not any(
        _limited_by_unified(config, name) for name in ("cpu.max", "cpu.weight", "cpuset.cpus")
    ):
        yield f"{_RESOURCES}.cpu", "neither quota, shares nor cpus"


def _no_pids_limit(config: Config) -> Places:
    pids = config.linux.resources.pids
    if (pids is None or pids.limit == -1) and not _limited_by_unified(config, "pids.max"):
        yield f"{_RESOURCES}.pids.limit", "no limit"


def _no_oom_killer(config: Config) -> Places:
    memory = config.linux.resources.memory
    if memory is not None and memory.disable_oom_killer:
        yield f"{_RESOURCES}.memory.disableOOMKiller", "true"


def _no_file_limit(config: Config) -> Places:
    process = config.process
    if process is not None and all(each.type != "RLIMIT_NOFILE" for each in process.rlimits):
        yield "process.rlimits", "no RLIMIT_NOFILE"


def _restarts_for_ever(config: Config) -> Places:
    policy = config.annotations.get(_RESTART, "")
    if policy in ("always", "unless-stopped", "on-failure"):
        yield f"annotations.{_RESTART}", policy


def _unbounded_hooks(config: Config) -> Places:
    names = (
        "prestart",
        "createRuntime",
        "createContainer",
        "startContainer",
        "poststart",
        "poststop",
    )
    for name, (_, hooks) in zip(names, config.hooks.items(), strict=True):
        for index, hook in enumerate(hooks):
            if hook.timeout is None:
                yield f"hooks.{name}[{index}]", hook.path


RULES = (
    Rule(
        id="memory-unlimited",
        severity="medium",
        meaning="It can take all memory, and then the kernel kills what it likes",
        remedy="set `linux.resources.memory.limit` in bytes",
        source=f"{CIS} 5.10; config-linux.md#memory",
        find=_no_memory_limit,
    ),
    Rule(
        id="swap-unlimited",
        severity="low",
        meaning="Above its memory limit it fills the host's swap",
        remedy="set `linux.resources.memory.swap` (memory and swap together) to the limit",
        source="config-linux.md#memory; docker-run(1) --memory-swap",
        find=_free_swap,
    ),
    Rule(
        id="cpu-unlimited",
        severity="low",
        meaning="It competes for all processors with the same weight as the rest of the host",
        remedy="set `linux.resources.cpu` quota, shares or cpus",
        source=f"{CIS} 5.11; config-linux.md#cpu",
        find=_no_cpu_limit,
    ),
    Rule(
        id="pids-unlimited",
        severity="medium",
        meaning="A fork bomb in it takes all process ids of the host",
        remedy="set `linux.resources.pids.limit`",
        source=f"{CIS} 5.28; config-linux.md#pids",
        find=_no_pids_limit,
    ),
    Rule(
        id="oom-killer-off",
        severity="medium",
        meaning="At its memory limit it hangs instead of ending, and whoever waits for it too",
        remedy="leave `disableOOMKiller` out; cgroup v2 doesn't know it",
        source="cgroup-v1/memory.rst, 10. OOM Control; config-linux.md#memory",
        find=_no_oom_killer,
    ),
    Rule(
        id="files-unlimited",
        severity="low",
        meaning="How many files it may open is whatever its starter happened to have",
        remedy="add RLIMIT_NOFILE to `process.rlimits`",
        source=f"{CIS} 5.18; getrlimit(2)",
        find=_no_file_limit,
    ),
    Rule(
        id="restart-endless",
        severity="low",
        meaning="A program that fails at once is started again and again without end",
        remedy="use `on-failure:5`",
        source=f"{CIS} 5.14",
        find=_restarts_for_ever,
    ),
    Rule(
        id="hook-timeout",
        severity="low",
        meaning="A hook that hangs keeps the container from starting or from going, for ever",
        remedy="give the hook a `timeout` in seconds",
        source="config.md#posix-platform-hooks",
        find=_unbounded_hooks,
    ),
)

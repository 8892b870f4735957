"""Rules on what the program may do: identity, capabilities, system calls, labels.

Sources: capabilities(7), user_namespaces(7), prctl(2), seccomp(2), and those that each rule names.
"""

from __future__ import annotations

from tuicontainer.spec.lint.rule import CIS, Rule, has_own_users

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Config
    from tuicontainer.spec.lint.rule import Places

_HOST = frozenset(
    f"CAP_{name}"
    for name in (
        "AUDIT_CONTROL", "BPF", "CHECKPOINT_RESTORE", "DAC_READ_SEARCH", "LINUX_IMMUTABLE",
        "MAC_ADMIN", "MAC_OVERRIDE", "PERFMON", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE",
        "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME", "WAKE_ALARM",
    )
)  # fmt: skip
"""Whoever has one of these can change the host, or read all of it."""
_NETWORK = ("CAP_NET_ADMIN", "CAP_NET_RAW")
_PRIVILEGED = 30
"""So many capabilities have only containers from which none was taken."""
_LENIENT = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE")


def _held(config: Config) -> set[str]:
    process = config.process
    if process is None or process.capabilities is None:
        return set()
    return {name for _, names in process.capabilities.items() for name in names}


def _host_capabilities(config: Config) -> Places:
    held = sorted(_held(config) & _HOST)
    if held and not has_own_users(config):
        yield "process.capabilities", " ".join(held)


def _all_capabilities(config: Config) -> Places:
    held = _held(config)
    if len(held) >= _PRIVILEGED:
        yield "process.capabilities", f"{len(held)} capabilities"


def _network_capabilities(config: Config) -> Places:
    held = sorted(_held(config).intersection(_NETWORK))
    if held and not has_own_users(config):
        yield "process.capabilities", " ".join(held)


def _inheritable(config: Config) -> Places:
    process = config.process
    if process is not None and process.capabilities is not None:
        names = process.capabilities.inheritable
        if names:
            yield "process.capabilities.inheritable", " ".join(names)


def _gainable(config: Config) -> Places:
    if config.process is not None and not config.process.no_new_privileges:
        yield "process.noNewPrivileges", "false"


def _root(config: Config) -> Places:
    process = config.process
    if process is not None and process.user.uid == 0 and not has_own_users(config):
        yield "process.user.uid", "0"


def _host_root_mapped(config: Config) -> Places:
    for name, mappings in (
        ("uid", config.linux.uid_mappings),
        ("gid", config.linux.gid_mappings),
    ):
        for index, mapping in enumerate(mappings):
            if mapping.host_id == 0 and mapping.size > 0:
                yield f"linux.{name}Mappings[{index}].hostID", "0"


def _root_group(config: Config) -> Places:
    process = config.process
    if process is None or process.user.uid == 0 or has_own_users(config):
        return
    if process.user.gid == 0:
        yield "process.user.gid", "0"
    elif 0 in process.user.additional_gids:
        yield "process.user.additionalGids", "0"


def _no_filter(config: Config) -> Places:
    if config.linux.seccomp is None:
        yield "linux.seccomp", "no filter"


def _lenient_filter(config: Config) -> Places:
    seccomp = config.linux.seccomp
    if seccomp is not None and seccomp.default_action in _LENIENT:
        yield "linux.seccomp.defaultAction", seccomp.default_action


def _no_label(config: Config) -> Places:
    process = config.process
    if process is not None and not process.is_labelled:
        yield "process.apparmorProfile", "no label"
    elif process is not None and process.apparmor_profile == "unconfined":
        yield "process.apparmorProfile", "unconfined"


def _oom_protected(config: Config) -> Places:
    process = config.process
    if process is not None and (process.oom_score_adj or 0) < 0:
        yield "process.oomScoreAdj", str(process.oom_score_adj)


RULES = (
    Rule(
        id="capability-host",
        severity="high",
        meaning="The program holds a capability that is as good as the host's root",
        remedy="leave it out, or give the container a user namespace of its own",
        source=f"capabilities(7), Notes to kernel developers; {CIS} 5.3; CVE-2022-0492",
        find=_host_capabilities,
    ),
    Rule(
        id="capability-all",
        severity="high",
        meaning="Hardly any capability was taken away: this is what others call privileged",
        remedy="list only those that the program fails without",
        source=f"{CIS} 5.4",
        find=_all_capabilities,
    ),
    Rule(
        id="capability-network",
        severity="medium",
        meaning="It can forge packets or set up interfaces, which opens kernel code full of holes",
        remedy="leave out CAP_NET_RAW and CAP_NET_ADMIN; ping works by net.ipv4.ping_group_range",
        source=f"{CIS} 5.3; CVE-2020-14386; CVE-2020-13401",
        find=_network_capabilities,
    ),
    Rule(
        id="capability-inheritable",
        severity="medium",
        meaning="Files with capabilities hand these to programs of unprivileged users",
        remedy="leave the inheritable set empty",
        source="CVE-2022-24769; CVE-2022-29162; capabilities(7)",
        find=_inheritable,
    ),
    Rule(
        id="new-privileges",
        severity="medium",
        meaning="Programs with the set-user-ID bit or file capabilities give privileges back",
        remedy="set `process.noNewPrivileges` to true",
        source=f"prctl(2) PR_SET_NO_NEW_PRIVS; {CIS} 5.25",
        find=_gainable,
    ),
    Rule(
        id="user-root",
        severity="medium",
        meaning="It runs as root, and root in the container is root of the host",
        remedy="set `process.user`, or add a `user` namespace with mappings",
        source=f"{CIS} 4.1; CVE-2019-5736; CVE-2024-21626",
        find=_root,
    ),
    Rule(
        id="user-group-root",
        severity="low",
        meaning="Its group is root's, which owns files of the host that others can't read",
        remedy="give it a group of its own",
        source="CVE-2022-36109; credentials(7)",
        find=_root_group,
    ),
    Rule(
        id="user-mapping-root",
        severity="high",
        meaning="The user namespace maps the host's root: it protects from nothing",
        remedy="map ids of a range that nobody else has (subuid(5))",
        source="user_namespaces(7); CVE-2021-21284",
        find=_host_root_mapped,
    ),
    Rule(
        id="seccomp-missing",
        severity="medium",
        meaning="The whole kernel is within reach: no system call is filtered",
        remedy="add `linux.seccomp` with a list of what the program needs",
        source=f"config-linux.md#seccomp; {CIS} 5.21; CVE-2022-0185",
        find=_no_filter,
    ),
    Rule(
        id="seccomp-lenient",
        severity="medium",
        meaning="Calls that the filter doesn't name are allowed, those of newer kernels too",
        remedy="begin with SCMP_ACT_ERRNO and list what is allowed",
        source="seccomp(2), Caveats; config-linux.md#seccomp",
        find=_lenient_filter,
    ),
    Rule(
        id="label-missing",
        severity="low",
        meaning="No security module confines it",
        remedy="where the host has AppArmor or SELinux, name a profile or a label",
        source=f"{CIS} 5.1 and 5.2; config.md#linux-process",
        find=_no_label,
    ),
    Rule(
        id="oom-score-low",
        severity="medium",
        meaning="When memory is short, the kernel kills the host's programs before this one",
        remedy="leave `process.oomScoreAdj` out, or make it positive",
        source="proc(5) oom_score_adj; config.md#linux-process",
        find=_oom_protected,
    ),
)

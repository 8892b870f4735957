"""Which kernel parameters a container may set: those that a namespace of its own holds.

A parameter outside of all namespaces is the host's, and several of them run a program as the
host's root (`kernel.core_pattern`), so the list says what is allowed. A name may be written with
dots or with slashes; if a slash comes first, dots are parts of names, as in
`net/ipv4/conf/eth0.100/forwarding`. Sources: config-linux.md#sysctl; sysctl(8); runc
libcontainer/configs/validate/validator.go; CVE-2022-0811.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.fields import refuse, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Config, NamespaceType
    from tuicontainer.spec.fields import Fields

DOMAINNAME = "kernel/domainname"
_IPC = (
    "kernel/msgmax",
    "kernel/msgmnb",
    "kernel/msgmni",
    "kernel/sem",
    "kernel/shmall",
    "kernel/shmmax",
    "kernel/shmmni",
    "kernel/shm_rmid_forced",
)
_SWAPPED = str.maketrans("./", "/.")


def decode_sysctl(fields: Fields) -> dict[str, str]:
    """Return the value of each parameter, by its path below /proc/sys.

    Raises:
        InvalidArgument: a name that isn't one, a value of several lines, or the same name twice.
    """
    values: dict[str, str] = {}
    for name, value in fields.text_map("sysctl").items():
        at = f"{fields.at('sysctl')}.{name}"
        path = to_path(name)
        # `..` would lead to a parameter that isn't the one that was checked.
        if any(part in ("", ".", "..") for part in path.split("/")) or not path.isprintable():
            raise refuse(at, value, "its name must be one of /proc/sys")
        # A second line would be a second parameter for tools that are given the text.
        if "\n" in value:
            raise refuse(at, value, "must be one line")
        if path in values:
            raise refuse(at, value, "must not be given twice")
        values[path] = value
    return values


def to_path(name: str) -> str:
    """Return the path below /proc/sys of a parameter in either way of writing."""
    dot, slash = name.find("."), name.find("/")
    if slash >= 0 and (dot < 0 or slash < dot):
        return name
    return name.translate(_SWAPPED)


def to_name(path: str) -> str:
    """Return the parameter's name with dots, as messages show it."""
    return path.translate(_SWAPPED)


def owner(path: str) -> NamespaceType | None:
    """Return the type of namespace that holds a parameter, or None if it is the host's."""
    if path in _IPC or path.startswith("fs/mqueue/"):
        return "ipc"
    if path.startswith("net/"):
        return "network"
    if path.startswith("user/"):
        return "user"
    return "uts" if path == DOMAINNAME else None


def sysctls_are_the_containers(config: Config) -> None:
    """Each parameter is held by a namespace that the container doesn't share with us."""
    for path in config.linux.sysctl:
        type_ = owner(path)
        if path == "kernel/hostname":
            raise InvalidArgument(
                'sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" '
                "field"
            )
        if type_ is None:
            raise InvalidArgument(
                f"sysctl {show(to_name(path))} is not in a separate kernel namespace",
                hint="it is the host's: set it there",
            )
        if config.linux.namespace(type_) is None:
            raise shared(path, type_)


def shared(path: str, type_: NamespaceType) -> InvalidArgument:
    """Return the error for a parameter in a namespace that the container shares with us."""
    return InvalidArgument(
        f"sysctl {show(to_name(path))} is not allowed in the host's {type_} namespace",
        hint=f"it needs a `{type_}` namespace of the container's own",
    )

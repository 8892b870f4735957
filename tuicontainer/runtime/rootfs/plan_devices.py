"""Plans device nodes and the links of /dev.

Sources: config-linux.md#devices and #default-devices, runtime-linux.md "Dev symbolic links".
"""

from __future__ import annotations

from tuicontainer.runtime.rootfs.devices import BindDevice, MakeDevice, MakeLink, Node
from tuicontainer.runtime.rootfs.plan_mounts import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.rootfs.operations import Operation
    from tuicontainer.spec.config import Config, Device

_DEFAULT = (
    ("/dev/null", 1, 3),
    ("/dev/zero", 1, 5),
    ("/dev/full", 1, 7),
    ("/dev/random", 1, 8),
    ("/dev/urandom", 1, 9),
    ("/dev/tty", 5, 0),
)

_LINKS = (
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/core", "/proc/kcore"),
)


def plan_devices(config: Config) -> list[Operation]:
    """Return the steps that fill /dev: none if it is bound, as it is somebody else's then."""
    for mount in config.mounts:
        bind = mount.type == "bind" or "bind" in mount.options or "rbind" in mount.options
        if bind and normalize(mount.destination) == "/dev":
            return []
    devices = [device for device in config.linux.devices if normalize(device.path) != "/dev/ptmx"]
    own = {normalize(device.path) for device in devices}
    bind = config.linux.namespace("user") is not None
    steps: list[Operation] = []
    for path, major, minor in _DEFAULT:
        if path not in own:
            node = Node(type="c", major=major, minor=minor)
            steps.append(_step(path, node, bind=bind))
    steps += [_configured(device, bind=bind) for device in devices]
    steps.append(MakeLink(path="/dev/ptmx", target="pts/ptmx", replace_=True))
    # The condition concerns what the link leads to; for a process's own descriptors any will do.
    for path, target in _LINKS:
        condition = "/proc/self/fd" if target.startswith("/proc/self/fd") else target
        steps.append(MakeLink(path=path, target=target, only_if=condition))
    return steps


def _step(path: str, node: Node, *, bind: bool) -> Operation:
    return BindDevice(path=path, node=node) if bind else MakeDevice(path=path, node=node)


def _configured(device: Device, *, bind: bool) -> Operation:
    path = normalize(device.path)
    kind = "c" if device.type == "u" else device.type
    node = Node(type=kind, major=device.major, minor=device.minor)
    if bind and kind != "p":
        return BindDevice(path=path, node=node)
    return MakeDevice(
        path=path,
        node=node,
        mode=0o666 if device.file_mode is None else device.file_mode,
        uid=device.uid or 0,
        gid=device.gid or 0,
    )

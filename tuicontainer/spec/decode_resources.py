"""The `linux.resources` object: control group limits.

Where the specification's Go types can't tell 0 from absent and 0 makes no sense as a limit
(memory, CPU shares, quota, period, block I/O weight), 0 counts as absent, as in runc and crun. It
is a limit for `pids.limit`, `swappiness`, `burst` and `idle`.
Sources: config-linux.md#control-groups; Documentation/admin-guide/cgroup-v1, cgroup-v2.rst.
"""

from __future__ import annotations

from tuicontainer.spec.config import (
    BlockIo,
    Cpu,
    DeviceRule,
    HugepageLimit,
    InterfacePriority,
    Memory,
    Network,
    Pids,
    RdmaLimit,
    Resources,
    ThrottleDevice,
    WeightDevice,
)
from tuicontainer.spec.fields import UINT32, UINT64, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tuicontainer.spec.fields import Fields

RULE_TYPES: tuple[Literal["a", "b", "c"], ...] = ("a", "b", "c")

_LIMIT = (-1, 2**63 - 1)
_RULE_NUMBER = (-1, 2**32 - 1)
"""-1 stands for all numbers, as engines write it."""
_DEVICE_NUMBER = (0, 2**32 - 1)
_WEIGHT = (0, 1000)


def decode_resources(fields: Fields) -> Resources:
    """Return all limits."""
    memory, cpu = fields.object("memory"), fields.object("cpu")
    pids, block_io = fields.object("pids"), fields.object("blockIO")
    return Resources(
        devices=tuple(_device_rule(entry) for entry in fields.objects("devices")),
        memory=None if memory is None else _memory(memory),
        cpu=None if cpu is None else _cpu(cpu),
        pids=None if pids is None else Pids(limit=pids.need_integer("limit", _LIMIT)),
        block_io=None if block_io is None else _block_io(block_io),
        hugepage_limits=tuple(_hugepage(entry) for entry in fields.objects("hugepageLimits")),
        network=_network(fields.object("network")),
        rdma=_rdma(fields.object("rdma")),
        unified=_unified(fields),
    )


def _device_rule(fields: Fields) -> DeviceRule:
    allow = fields.need("allow")
    if not isinstance(allow, bool):
        raise refuse(fields.at("allow"), allow, "must be true or false")
    access = fields.get("access")
    if access is None:
        access = "rwm"
    elif not isinstance(access, str) or not access or not set("rwm").issuperset(access):
        raise refuse(fields.at("access"), access, "must be made of `r`, `w` and `m`")
    return DeviceRule(
        allow=allow,
        type=fields.one_of("type", RULE_TYPES) or "a",
        major=_any_number(fields, "major"),
        minor=_any_number(fields, "minor"),
        access=access,
    )


def _any_number(fields: Fields, name: str) -> int | None:
    number = fields.integer(name, _RULE_NUMBER)
    return None if number == -1 else number


def _memory(fields: Fields) -> Memory:
    return Memory(
        limit=fields.integer("limit", _LIMIT) or None,
        reservation=fields.integer("reservation", _LIMIT) or None,
        swap=fields.integer("swap", _LIMIT) or None,
        kernel=fields.integer("kernel", _LIMIT) or None,
        kernel_tcp=fields.integer("kernelTCP", _LIMIT) or None,
        swappiness=fields.integer("swappiness", (0, 100)),
        disable_oom_killer=fields.flag("disableOOMKiller"),
        use_hierarchy=fields.flag("useHierarchy"),
        check_before_update=fields.flag("checkBeforeUpdate") or False,
    )


def _cpu(fields: Fields) -> Cpu:
    return Cpu(
        shares=fields.integer("shares", UINT64) or None,
        quota=fields.integer("quota", _LIMIT) or None,
        burst=fields.integer("burst", UINT64),
        period=fields.integer("period", UINT64) or None,
        realtime_runtime=fields.integer("realtimeRuntime", _LIMIT) or None,
        realtime_period=fields.integer("realtimePeriod", UINT64) or None,
        cpus=_cpu_list(fields, "cpus"),
        mems=_cpu_list(fields, "mems"),
        idle=fields.integer("idle", (0, 1)),
    )


def _cpu_list(fields: Fields, name: str) -> str | None:
    value = fields.text(name)
    if value is not None and not set("0123456789,- ").issuperset(value):
        raise refuse(fields.at(name), value, "must be a list such as `0-2,7`")
    return value


def _block_io(fields: Fields) -> BlockIo:
    return BlockIo(
        weight=_weight(fields, "weight"),
        leaf_weight=_weight(fields, "leafWeight"),
        weight_device=tuple(
            WeightDevice(
                major=entry.need_integer("major", _DEVICE_NUMBER),
                minor=entry.need_integer("minor", _DEVICE_NUMBER),
                weight=_weight(entry, "weight"),
                leaf_weight=_weight(entry, "leafWeight"),
            )
            for entry in fields.objects("weightDevice")
        ),
        throttle_read_bps_device=_throttles(fields, "throttleReadBpsDevice"),
        throttle_write_bps_device=_throttles(fields, "throttleWriteBpsDevice"),
        throttle_read_iops_device=_throttles(fields, "throttleReadIOPSDevice"),
        throttle_write_iops_device=_throttles(fields, "throttleWriteIOPSDevice"),
    )


def _weight(fields: Fields, name: str) -> int | None:
    weight = fields.integer(name, _WEIGHT) or None
    if weight is not None and weight < 10:
        raise refuse(fields.at(name), weight, "must be from 10 to 1000")
    return weight


def _throttles(fields: Fields, name: str) -> tuple[ThrottleDevice, ...]:
    return tuple(
        ThrottleDevice(
            major=entry.need_integer("major", _DEVICE_NUMBER),
            minor=entry.need_integer("minor", _DEVICE_NUMBER),
            rate=entry.need_integer("rate", UINT64),
        )
        for entry in fields.objects(name)
    )


def _hugepage(fields: Fields) -> HugepageLimit:
    size = fields.need_text("pageSize")
    number = size[:-2]
    is_number = number.isascii() and number.isdigit() and number[0] != "0"
    if not is_number or size[-2:] not in {"KB", "MB", "GB"}:
        raise refuse(fields.at("pageSize"), size, "must be a size such as `2MB`")
    return HugepageLimit(page_size=size, limit=fields.need_integer("limit", UINT64))


def _network(fields: Fields | None) -> Network | None:
    if fields is None:
        return None
    priorities = []
    for entry in fields.objects("priorities"):
        name = entry.need_text("name")
        _check_word(entry.at("name"), name)
        priority = entry.need_integer("priority", UINT32)
        priorities.append(InterfacePriority(name=name, priority=priority))
    return Network(class_id=fields.integer("classID", UINT32), priorities=tuple(priorities))


def _rdma(fields: Fields | None) -> tuple[RdmaLimit, ...]:
    limits = []
    for device in () if fields is None else fields.names():
        assert fields is not None
        entry = fields.object(device)
        if entry is None:
            continue
        _check_word(fields.at(device), device)
        limit = RdmaLimit(
            device=device,
            handles=entry.integer("hcaHandles", UINT32),
            objects=entry.integer("hcaObjects", UINT32),
        )
        if limit.handles is None and limit.objects is None:
            raise refuse(fields.at(device), {}, "must have `hcaHandles` or `hcaObjects`")
        limits.append(limit)
    return tuple(limits)


def _check_word(path: str, name: str) -> None:
    # The kernel reads `NAME VALUE`: with a blank in it a name would bring its own value along.
    if not name or not name.isprintable() or " " in name or "/" in name:
        raise refuse(path, name, "must be a device's name")


def _unified(fields: Fields) -> dict[str, str]:
    files = fields.text_map("unified")
    for name in files:
        # A key is a file of the container's own control group and must not reach another's.
        if "/" in name or name in {".", ".."}:
            raise refuse(fields.at("unified"), name, "must be a file name without `/`")
    return files

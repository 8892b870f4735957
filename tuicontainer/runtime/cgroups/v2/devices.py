"""Attach the device filter to a v2 group.

Source: Documentation/admin-guide/cgroup-v2.rst, "Device controller".
"""

from __future__ import annotations

import os
import sys
from errno import EPERM

from tuicontainer.errors import PermissionDenied, SyscallError, describe_failure
from tuicontainer.runtime.cgroups.device_filter import assemble_device_filter
from tuicontainer.runtime.cgroups.device_rules import effective_rules
from tuicontainer.runtime.rootless import is_rootless
from tuicontainer.syscalls import bpf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.spec.config import DeviceRule


def limit_devices(folder: str, rules: Iterable[DeviceRule]) -> None:
    """Make these rules and the default devices the only ones of the group.

    A filter that is there already is replaced in one step, so that no access slips through.

    In a user namespace nobody may load such a program, nor make a device node that works there
    (user_namespaces(7)), and who isn't root makes no other containers: what such a one can reach,
    its engine could reach already, so its group stays without a filter.

    Raises:
        PermissionDenied: we may not load programs (CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN).
        Unsupported: the kernel has no device filters.
    """
    instructions = assemble_device_filter(effective_rules(rules), sys.byteorder)
    descriptors: list[int] = []
    try:
        group = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        descriptors.append(group)
        program = bpf.load_device_program(instructions)
        descriptors.append(program)
        older = bpf.attached_device_programs(group)
        descriptors += older
        bpf.attach_device_program(group, program, replace=older[0] if older else None)
        for other in older[1:]:
            bpf.detach_device_program(group, other)
    except OSError as error:
        doing = f"`linux.resources.devices`: filtering devices of `{folder}`"
        if isinstance(error, SyscallError) and error.errno == EPERM:
            if is_rootless():
                return
            raise PermissionDenied(
                f"{doing}: {error}",
                hint="loading the filter needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN",
                errno=EPERM,
            ) from error
        raise describe_failure(error, while_=doing) from error
    finally:
        for descriptor in descriptors:
            os.close(descriptor)

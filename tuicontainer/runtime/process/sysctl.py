"""Kernel parameters of the container's namespaces, written by its first process.

They are written through a procfs of our own, see `procfs` (CVE-2025-52881).
Sources: config-linux.md#sysctl; proc_sys(5).
"""

from __future__ import annotations

import os
from errno import EINVAL, ENOENT

from tuicontainer.errors import describe_failure
from tuicontainer.runtime.process.namespaces import PROC_NAMES
from tuicontainer.runtime.process.procfs import open_procfs, write_below
from tuicontainer.spec.sysctl import DOMAINNAME, owner, shared, to_name
from tuicontainer.syscalls.hostname import setdomainname

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.spec.config import Linux


def refuse_shared_parameters(linux: Linux) -> None:
    """Check that no parameter belongs to a namespace joined by its path that is our own.

    Raises:
        InvalidArgument: one does.
        NotFound: a namespace's path is wrong.
    """
    for path in linux.sysctl:
        type_ = owner(path)
        namespace = None if type_ is None else linux.namespace(type_)
        if type_ is None or namespace is None or namespace.path is None:
            continue
        try:
            same = os.path.samefile(namespace.path, f"/proc/self/ns/{PROC_NAMES[type_]}")
        except OSError as error:
            raise describe_failure(error, while_=f"looking at the {type_} namespace") from error
        if same:
            raise shared(path, type_)


def set_parameters(values: Mapping[str, str]) -> None:
    """Write parameters, by their path below /proc/sys, of the calling process's namespaces.

    Call it with the container's namespaces all entered and the host's mounts in view.

    Raises:
        TuiContainerError: names the parameter that can't be set, and why.
    """
    procfs = -1
    try:
        for path, value in values.items():
            if path == DOMAINNAME:
                # The file is only for the host's root, the call for the namespace's too.
                setdomainname(value)
                continue
            if procfs < 0:
                procfs = open_procfs()
            _write(procfs, path, value)
    except OSError as error:
        what = f"setting the sysctl `{to_name(path)}`"
        failure = describe_failure(error, while_=what)
        if error.errno == ENOENT:
            failure.hint = "this kernel has no such parameter in that namespace"
        elif error.errno == EINVAL:
            failure.hint = f"the kernel doesn't take the value `{value}`"
        raise failure from error
    finally:
        if procfs >= 0:
            os.close(procfs)


def _write(procfs: int, path: str, value: str) -> None:
    # One write: a second one at an offset is ignored or an error (sysctl_writes_strict). The end
    # of the line makes even an empty value a write.
    write_below(procfs, f"sys/{path}", os.fsencode(value) + b"\n")

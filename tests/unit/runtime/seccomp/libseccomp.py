"""The host's libseccomp, driven as runc drives it, to compare its programs with ours."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

from tuicontainer.runtime.seccomp.architectures import ARCHITECTURES
from tuicontainer.runtime.seccomp.returns import default_value, return_value

if TYPE_CHECKING:
    from tuicontainer.spec.seccomp import Seccomp

try:
    _library: ctypes.CDLL | None = ctypes.CDLL("libseccomp.so.2")
except OSError:
    _library = None

OPERATORS = {
    "SCMP_CMP_NE": 1,
    "SCMP_CMP_LT": 2,
    "SCMP_CMP_LE": 3,
    "SCMP_CMP_EQ": 4,
    "SCMP_CMP_GE": 5,
    "SCMP_CMP_GT": 6,
    "SCMP_CMP_MASKED_EQ": 7,
}
TOKENS = {
    "SCMP_ARCH_X32": 0x4000003E,
    **{name: each.audit for name, each in ARCHITECTURES.items() if name != "SCMP_ARCH_X32"},
}
UNKNOWN = -1
EEXIST = 17


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


class Refused(Exception):
    """libseccomp doesn't take this profile."""


def is_there() -> bool:
    return _library is not None


def knows(architecture: str) -> bool:
    """Return whether this version has the architecture."""
    assert _library is not None
    found = _library.seccomp_syscall_resolve_name_arch(TOKENS[architecture], b"write")
    return int(found) > 0


def export(seccomp: Seccomp, native: str) -> bytes:
    """Return its program.

    Raises:
        Refused: with the errno.
    """
    assert _library is not None
    library = _library
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(default_value(seccomp)))
    try:
        # It begins with this host's own, which fixes the byte order.
        _check(library.seccomp_arch_remove(context, library.seccomp_arch_native()))
        for name in dict.fromkeys((native, *seccomp.architectures)):
            _check(library.seccomp_arch_add(context, TOKENS[name]))
        for rule in seccomp.rules:
            returned = return_value(rule.action, rule.errno_ret)
            if returned == default_value(seccomp):
                continue
            for name in rule.names:
                number = library.seccomp_syscall_resolve_name(name.encode())
                if number == UNKNOWN:
                    continue
                arguments = [
                    _Comparison(each.index, OPERATORS[each.operator], each.value, each.value_two)
                    for each in rule.arguments
                ]
                split = len({each.argument for each in arguments}) < len(arguments)
                for group in [[each] for each in arguments] if split else [arguments]:
                    array = (_Comparison * max(1, len(group)))(*group)
                    _check(
                        library.seccomp_rule_add_array(context, returned, number, len(group), array)
                    )
        fd = os.memfd_create("filter")
        try:
            _check(library.seccomp_export_bpf(context, fd))
            return os.pread(fd, 1 << 20, 0)
        finally:
            os.close(fd)
    finally:
        library.seccomp_release(context)


def _check(result: int) -> None:
    if result:
        raise Refused(-result)


def resolves(name: str) -> bool:
    """Return whether a rule may name this call."""
    assert _library is not None
    return bool(_library.seccomp_syscall_resolve_name(name.encode()) != UNKNOWN)

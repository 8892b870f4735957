"""From a profile to what seccomp(2) is given: the one way into this room."""

from __future__ import annotations

import sys

from tuicontainer.errors import Unsupported
from tuicontainer.record import Record
from tuicontainer.runtime.seccomp.architectures import native_architecture
from tuicontainer.runtime.seccomp.cache import FilterCache, cache_key
from tuicontainer.runtime.seccomp.support import check_actions, load_flags
from tuicontainer.syscalls.libc import machine
from tuicontainer.syscalls.seccomp import NEW_LISTENER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.seccomp import Seccomp

COMPILER_VERSION = 1
"""Part of the cache's key: raise it with every change of what is compiled."""


class Filter(Record):
    """A program for the kernel, and how it is loaded."""

    program: bytes
    """Instructions of 8 bytes, in the host's byte order."""
    flags: int

    @property
    def notifies(self) -> bool:
        """Whether loading it gives a descriptor, on which some calls are answered."""
        return bool(self.flags & NEW_LISTENER)


def prepare_filter(seccomp: Seccomp, root: str) -> Filter:
    """Compile a profile, or take it from the cache of the state root.

    Raises:
        InvalidArgument: it is too large for the kernel, or names calls that must be known.
        Unsupported: this kernel or this architecture lacks what it asks for.
    """
    native = native_architecture(machine(), sys.byteorder)
    if native is None:
        raise Unsupported(f"seccomp isn't known for the architecture `{machine()}`")
    check_actions(seccomp)
    if seccomp.known_calls_only:
        from tuicontainer.runtime.seccomp.unknown_calls import refuse_unknown_calls

        refuse_unknown_calls(seccomp)
    flags = load_flags(seccomp)
    cache = FilterCache(root)
    key = cache_key(seccomp, native, COMPILER_VERSION)
    program = cache.load(key)
    if program is None:
        # With its tables it takes longer to import than a program from the cache to be read.
        from tuicontainer.runtime.seccomp.compiler import compile_filter

        program = compile_filter(seccomp, native)
        cache.store(key, program)
    return Filter(program=program, flags=flags)

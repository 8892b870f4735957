"""The C half of ctypes without its Python half: C's types, and calls into loaded libraries.

The module `ctypes` makes some hundred classes and closures when it is imported, which takes longer
than all system calls of a start. What this room needs of it is a few lines over `_ctypes`, the
extension module that does the work. Each name means what it means in `ctypes`, which takes the
place of all this under an interpreter whose `_ctypes` has other names.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctypes import (
        CDLL,
        Array,
        PyDLL,
        Structure,
        addressof,
        c_byte,
        c_char,
        c_char_p,
        c_int,
        c_long,
        c_size_t,
        c_uint,
        c_uint32,
        c_uint64,
        c_ulong,
        c_ushort,
        c_void_p,
        create_string_buffer,
        get_errno,
        sizeof,
    )
else:
    try:
        import _ctypes
        from _ctypes import Array, Structure, addressof, get_errno, sizeof

        _Function, _Simple = _ctypes.CFuncPtr, _ctypes._SimpleCData  # noqa: SLF001
        _CALL = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
        _CALL_HOLDING_LOCK = _CALL | _ctypes.FUNCFLAG_PYTHONAPI
    except (ImportError, AttributeError):
        from ctypes import *  # noqa: F403
    else:

        def _simple(name: str, code: str) -> type:
            return type(_Simple)(name, (_Simple,), {"_type_": code})

        c_byte = _simple("c_byte", "b")
        c_char = _simple("c_char", "c")
        c_ushort = _simple("c_ushort", "H")
        c_int = _simple("c_int", "i")
        c_uint = c_uint32 = _simple("c_uint", "I")
        c_long = _simple("c_long", "l")
        c_ulong = c_size_t = _simple("c_ulong", "L")
        c_uint64 = c_ulong if sizeof(c_ulong) == 8 else _simple("c_ulonglong", "Q")
        c_char_p = _simple("c_char_p", "z")
        c_void_p = _simple("c_void_p", "P")

        class CDLL:
            """A library's functions: by attribute one object each, by item always another."""

            class _Kind(_Function):
                _flags_ = _CALL
                _restype_ = c_int

            def __init__(self, name: str | None, *, use_errno: bool) -> None:
                assert use_errno, "the only kind that is needed here"
                self._handle = _ctypes.dlopen(name, 0)

            def __getattr__(self, name: str) -> _Function:
                function = self[name]
                setattr(self, name, function)
                return function

            def __getitem__(self, name: str) -> _Function:
                return self._Kind((name, self))

        class PyDLL(CDLL):
            """The same, called without giving up the interpreter lock."""

            class _Kind(_Function):
                _flags_ = _CALL_HOLDING_LOCK
                _restype_ = c_int

        def create_string_buffer(initial: bytes, size: int | None = None) -> Array:
            """Return a buffer of *size* bytes, or one more than it begins with."""
            buffer = (c_char * (len(initial) + 1 if size is None else size))()
            buffer.value = initial
            return buffer


__all__ = [
    "CDLL",
    "Array",
    "PyDLL",
    "Structure",
    "addressof",
    "c_byte",
    "c_char",
    "c_char_p",
    "c_int",
    "c_long",
    "c_size_t",
    "c_uint",
    "c_uint32",
    "c_uint64",
    "c_ulong",
    "c_ushort",
    "c_void_p",
    "create_string_buffer",
    "get_errno",
    "sizeof",
]

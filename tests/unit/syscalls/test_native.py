"""The few lines over `_ctypes` do what `ctypes` does, and `ctypes` stands in where they can't."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from tuicontainer.syscalls import native

PROBE = """
import sys
{before}
from tuicontainer.syscalls import native
libc = native.CDLL(None, use_errno=True)
buffer = native.create_string_buffer(b"a\\0b", 3)
holding = native.PyDLL(None, use_errno=True)
libc.close.argtypes = (native.c_int,)
failed, same = libc.close(-1), libc.close is libc.close
print(failed, native.get_errno(), holding.getpid() > 0, bytes(buffer), same)
print(libc["getpid"] is libc["getpid"], native.sizeof(native.c_uint64), "ctypes" in sys.modules)
"""


@pytest.mark.parametrize(
    ("before", "stands_in"),
    [("", False), ("import ctypes, _ctypes; del _ctypes.CFuncPtr", True)],
    ids=["as it is", "with a name missing"],
)
def test_calls_errno_and_buffers(before: str, stands_in: bool) -> None:
    command = [sys.executable, "-c", PROBE.format(before=before)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    lines = (f"-1 9 True {bytes((97, 0, 98))!r} True", f"False 8 {stands_in}", "")
    assert done.stdout == "\n".join(lines)


@pytest.mark.parametrize("name", [name for name in native.__all__ if name.startswith("c_")])
def test_types_are_as_wide_as_those_of_ctypes(name: str) -> None:
    assert native.sizeof(getattr(native, name)) == ctypes.sizeof(getattr(ctypes, name))
    if name not in ("c_char", "c_char_p", "c_void_p"):
        assert getattr(native, name)(-1).value == getattr(ctypes, name)(-1).value

"""Zstandard from wherever it comes: Python's own from 3.14 on, else the package `zstandard`.

Both are used in the same way, and neither is trusted with the size of what comes out: a block of
four bytes may stand for 128 KiB. Source: RFC 8878 (magic number 3.1.1, blocks 3.1.1.2).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, Protocol

from tuicontainer.errors import InvalidArgument, Unsupported

MAGIC = b"\x28\xb5\x2f\xfd"
_LEVEL = 3
_LARGEST_WINDOW = 8 << 20
"""Bytes of history that a frame may ask us to keep; RFC 8878 3.1.1.1.2 recommends this bound."""
_STEP = 1024
"""Bytes decompressed at a time: they can't become more than about 32 MiB."""


class Compressor(Protocol):
    """Turns bytes into one frame."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self, mode: int, /) -> bytes: ...


class _Frame(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class ZstdWriter:
    """Compresses one frame; what was flushed can be read although the frame isn't ended."""

    def __init__(self, compressor: Compressor, flush_block: int, flush_frame: int) -> None:
        self._compressor = compressor
        self._flush_block = flush_block
        self._flush_frame = flush_frame

    def compress(self, data: bytes) -> bytes:
        """Return what there is to be written now; may be empty."""
        return self._compressor.compress(data)

    def flush(self) -> bytes:
        """Return all that was given, readable as it is."""
        return self._compressor.flush(self._flush_block)

    def end(self) -> bytes:
        """Return the rest and the frame's end."""
        return self._compressor.flush(self._flush_frame)


class ZstdReader:
    """Decompresses one frame in small steps.

    Attributes:
        ended: whether the frame's end was seen.
    """

    def __init__(self) -> None:
        """Begin a frame.

        Raises:
            Unsupported: this Python has no Zstandard.
        """
        module, own = _module()
        self._error: type[Exception] = module.ZstdError
        self._frame: _Frame
        if own:
            parameter = module.DecompressionParameter.window_log_max
            options = {parameter: _LARGEST_WINDOW.bit_length() - 1}
            self._frame = module.ZstdDecompressor(options=options)
        else:
            self._frame = module.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj()
        self.ended = False

    def decompress(self, data: bytes) -> Iterator[bytes]:
        """Yield what *data* stands for, in pieces of at most about 32 MiB.

        Raises:
            InvalidArgument: it isn't Zstandard, is damaged, or goes on after its end.
        """
        for at in range(0, len(data), _STEP):
            yield self._step(data[at : at + _STEP])

    def _step(self, data: bytes) -> bytes:
        if self.ended:
            raise InvalidArgument("something follows the end of the compressed data")
        try:
            piece = self._frame.decompress(data)
        except (self._error, EOFError, MemoryError) as error:
            raise InvalidArgument(f"the compressed data is damaged: {error}") from error
        self.ended = self._frame.eof
        if self.ended and self._frame.unused_data:
            raise InvalidArgument("something follows the end of the compressed data")
        return piece


def zstd_writer() -> ZstdWriter | None:
    """Return what compresses, with checksums; None if this Python has no Zstandard."""
    try:
        module, own = _module()
    except Unsupported:
        return None
    if own:
        parameter = module.CompressionParameter
        compressor = module.ZstdCompressor(
            options={parameter.compression_level: _LEVEL, parameter.checksum_flag: 1}
        )
        return ZstdWriter(compressor, compressor.FLUSH_BLOCK, compressor.FLUSH_FRAME)
    made = module.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
    return ZstdWriter(made, module.COMPRESSOBJ_FLUSH_BLOCK, module.COMPRESSOBJ_FLUSH_FINISH)


def _module() -> tuple[Any, bool]:
    """Return the module, and whether it is Python's own.

    Raises:
        Unsupported: there is none.
    """
    for name in ("compression.zstd", "zstandard"):
        try:
            return importlib.import_module(name), name != "zstandard"
        except ImportError:
            continue
    raise Unsupported(
        "this Python can't read or write Zstandard",
        hint="install the package `zstandard`, or use Python 3.14",
    )

"""JSON that flags name: any file, any content, one answer or one error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuicontainer.cli.oci.input import read_json
from tuicontainer.errors import InvalidArgument, NotFound

if TYPE_CHECKING:
    from pathlib import Path


def test_a_document_is_read(tmp_path: Path) -> None:
    path = tmp_path / "process.json"
    path.write_text('{"args": ["x"]}')
    assert read_json(str(path)) == {"args": ["x"]}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "isn't JSON"),
        (b"{", "isn't JSON"),
        (b"\xff", "isn't JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (16 * 2**20 + 1), "larger than"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "process.json"
    path.write_bytes(content)
    with pytest.raises(InvalidArgument, match=text):
        read_json(str(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nope"):
        read_json(str(tmp_path / "nope"))

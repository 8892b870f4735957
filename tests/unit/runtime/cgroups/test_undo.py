"""What sets a control file back, and that it is done backwards and only after an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.undo import Undo, former_value

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("file", "text", "value", "former"),
    [
        ("pids.max", "max\n", "20", "max"),
        ("cpu.max", "max 100000\n", "5000 10000", "max 100000"),
        ("cpuset.cpus", "", "0", "\n"),
        ("memory.oom_control", "oom_kill_disable 1\nunder_oom 0\n", "0", "1"),
        ("io.weight", "default 100\n8:0 50\n", "200", "default 100"),
        ("io.weight", "default 100\n8:0 50\n", "8:0 70", "8:0 50"),
        ("io.weight", "default 100\n", "8:0 70", "8:0 default"),
        ("io.max", "", "8:0 rbps=5", "8:0 rbps=max wbps=max riops=max wiops=max"),
        ("blkio.throttle.read_bps_device", "8:0 99\n8:16 7\n", "8:16 5", "8:16 7"),
        ("blkio.throttle.read_bps_device", "", "8:16 5", "8:16 0"),
        ("rdma.max", "mlx4_0 hca_handle=2\n", "other hca_handle=1", None),
    ],
)
def test_former_value(file: str, text: str, value: str, former: str | None) -> None:
    assert former_value(file, text, value) == former


def write_and_fail(values: list[tuple[Path, str]], error: Exception, *, gone: Path | None) -> None:
    with Undo() as undo:
        for path, value in values:
            undo.write(str(path), value)
        if gone is not None:
            gone.unlink()
        raise error


def test_an_error_sets_every_file_back(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1")
    other.write_text("2")
    error = InvalidArgument("refused")
    with pytest.raises(InvalidArgument) as caught:
        write_and_fail([(one, "7"), (other, "8"), (one, "9")], error, gone=None)
    assert caught.value is error
    assert (one.read_text(), other.read_text()) == ("1", "2")


def test_a_failure_of_the_undoing_is_told_too(tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_text("1")
    with pytest.raises(InvalidArgument, match="refused; and taking it back failed: ") as caught:
        write_and_fail([(file, "7")], InvalidArgument("refused"), gone=file)
    assert str(file) in caught.value.message


def test_success_keeps_the_values(tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_text("1")
    with Undo() as undo:
        undo.write(str(file), "7")
    assert file.read_text() == "7"

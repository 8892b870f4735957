"""CVE-2024-21626: a descriptor of the host's left open, and a working folder that leads through it.

Also GHSA-xr7r-f8xq-vfvv, the same in youki.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

SHOW = "for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done; true"


def working_in(cwd: str) -> Any:
    def change(document: dict[str, Any]) -> None:
        document["process"]["cwd"] = cwd

    return change


@pytest.mark.parametrize("way", ["/proc/self/fd/{}", "/way", "/proc/1/fd/{}"])
def test_no_descriptor_leads_a_create_outside(door: Door, way: str) -> None:
    for number in range(3, 14):
        bundle = door.bundle("/bin/pwd", change=working_in(way.format(number)))
        (bundle / "rootfs/way").symlink_to(f"/proc/self/fd/{number}")
        done = door.call("run", "--bundle", str(bundle), door.new_id())
        assert done.returncode != 0, (number, done.stdout)


@pytest.mark.parametrize("way", ["/proc/self/fd/{}/made", "/way/made"])
def test_no_working_folder_is_made_through_a_descriptor(door: Door, way: str) -> None:
    """The init has folders of the host open when it makes a missing working folder."""
    trap = door.folder / "trap"
    trap.mkdir()
    bundle = door.bundle("/bin/pwd")
    for number in range(3, 26):
        door.edit(bundle, working_in(way.format(number)))
        (bundle / "rootfs/way").unlink(missing_ok=True)
        (bundle / "rootfs/way").symlink_to(f"/proc/self/fd/{number}")
        words = [*PROGRAM, "--root", str(door.root), "run", "--bundle", str(bundle), door.new_id()]
        # The trap is the caller's descriptor 9.
        shell = ["/bin/sh", "-c", f'exec 9< {trap}; exec "$@"', "sh"]
        done = subprocess.run(
            [*shell, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        assert done.returncode != 0
        assert list(trap.iterdir()) == []


@ours_only
def test_no_descriptor_leads_an_exec_outside(door: Door) -> None:
    bundle = door.shell(STEADY)
    for number in range(3, 12):
        (bundle / f"rootfs/way{number}").symlink_to(f"/proc/self/fd/{number}")
    container = door.started(bundle)
    for number in range(3, 12):
        for cwd in (f"/proc/self/fd/{number}", f"/way{number}"):
            door.fails("exec", "--cwd", cwd, container, "/bin/pwd", status=255)


@pytest.mark.parametrize("preserved", [0, 2])
def test_programs_get_the_streams_and_what_was_preserved(door: Door, preserved: int) -> None:
    """More descriptors than that are open in the caller."""
    wanted = {str(number) for number in range(3 + preserved)}
    flags = ["--preserve-fds", str(preserved)]
    container = door.new_id()
    for words in (
        ["run", *flags, "--bundle", str(door.shell(SHOW)), container],
        ["exec", *flags, door.started(door.shell(STEADY)), "/bin/sh", "-c", SHOW],
    ):
        done = subprocess.run(
            # The shell puts folders of the host at 3 to 9.
            ["/bin/sh", "-c", 'exec 3</ 4</ 5</ 6</ 7</ 8</ 9</; exec "$@"', "sh",
             *PROGRAM, "--root", str(door.root), *words],
            capture_output=True, text=True, timeout=60, check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert set(done.stdout.split()) == wanted

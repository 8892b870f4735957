"""Ways out by control groups: the release agent, writable hierarchies, paths that climb."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

MAPPING = [{"containerID": 0, "hostID": 100_000, "size": 65536}]
WRITE = """
cd /sys/fs/cgroup || exit 1
for folder in . *; do
    for file in release_agent notify_on_release cgroup.procs; do
        [ -e $folder/$file ] && echo /evil > $folder/$file && echo "wrote $folder/$file"
    done
    busybox mkdir $folder/made && echo "made $folder/made"
done 2> /dev/null
echo done
"""


def with_groups(*, user: bool, namespace: bool) -> Any:
    """Mount the control groups, and give root of the container nearly everything."""

    def change(document: dict[str, Any]) -> None:
        linux = document["linux"]
        if user:
            linux["namespaces"].append({"type": "user"})
            linux |= {"uidMappings": MAPPING, "gidMappings": MAPPING}
        if namespace:
            linux["namespaces"].append({"type": "cgroup"})
        for names in document["process"]["capabilities"].values():
            names.extend(("CAP_DAC_OVERRIDE", "CAP_SYS_ADMIN") if user else ("CAP_DAC_OVERRIDE",))

    return change


@pytest.mark.parametrize("user", [True, False])
@pytest.mark.parametrize("namespace", [True, False])
def test_cve_2022_0492_no_release_agent_can_be_set(
    door: Door, *, user: bool, namespace: bool
) -> None:
    """Nor CVE-2023-25809: without a cgroup namespace the groups of the host are there to see."""
    agents = list(Path("/sys/fs/cgroup").glob("*/release_agent"))
    before = [path.read_text() for path in agents]
    bundle = door.shell(WRITE, with_groups(user=user, namespace=namespace))
    if user:
        os.chown(bundle / "rootfs", 100_000, 100_000)
    assert door.run(bundle) == "done\n"
    assert [path.read_text() for path in agents] == before


@ours_only
@pytest.mark.parametrize("path", ["../x", "..", "a/../../x", "/../x", "./../../.."])
def test_a_subgroup_stays_below_the_containers(door: Door, path: str) -> None:
    """crun's "sub-cgroup" hole, and runc's `exec --cgroup` before 1.5.2."""
    container = door.started(door.shell(STEADY))
    message = door.fails("exec", "--cgroup", path, container, "/bin/true", status=255)
    assert path in message


@ours_only
def test_a_subgroup_is_not_another_container_whose_id_begins_alike(door: Door) -> None:
    short = door.new_id()
    longer = f"{short}b"
    for name in (short, longer):
        door.ok("create", "--bundle", str(door.shell(STEADY)), name)
        door.ok("start", name)
    door.fails("exec", "--cgroup", f"../{longer}", short, "/bin/true", status=255)
    door.ok("delete", "--force", short)
    assert door.state(longer)["status"] == "running"
    door.ok("delete", "--force", longer)

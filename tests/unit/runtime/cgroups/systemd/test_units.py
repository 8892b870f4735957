"""Names of units and the places of their groups."""

from __future__ import annotations

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.systemd.units import container_unit, group_name, slice_path


@pytest.mark.parametrize(
    ("cgroups_path", "name", "slice_name", "path"),
    [
        (None, "runc-web-1.scope", "system.slice", "/system.slice/runc-web-1.scope"),
        ("", "runc-web-1.scope", "system.slice", "/system.slice/runc-web-1.scope"),
        (
            "machine.slice:libpod:abc",
            "libpod-abc.scope",
            "machine.slice",
            "/machine.slice/libpod-abc.scope",
        ),
        (":docker:abc", "docker-abc.scope", "system.slice", "/system.slice/docker-abc.scope"),
        (
            "kube-b-pod1.slice:cri-containerd:x",
            "cri-containerd-x.scope",
            "kube-b-pod1.slice",
            "/kube.slice/kube-b.slice/kube-b-pod1.slice/cri-containerd-x.scope",
        ),
        ("a.slice::b", "b.scope", "a.slice", "/a.slice/b.scope"),
        ("-.slice:p:n", "p-n.scope", "-.slice", "/p-n.scope"),
        ("a.slice:p:x+y", r"p-x\x2by.scope", "a.slice", r"/a.slice/p-x\x2by.scope"),
        ("a.slice:p:a-b.slice", "a-b.slice", "a.slice", "/a.slice/a-b.slice"),
        ("a.slice:cgroup.x:n", "cgroup.x-n.scope", "a.slice", "/a.slice/_cgroup.x-n.scope"),
        ("a.slice::memory", "memory.scope", "a.slice", "/a.slice/_memory.scope"),
    ],
)
def test_unit_of_a_container(
    cgroups_path: str | None, name: str, slice_name: str, path: str
) -> None:
    unit = container_unit(cgroups_path, container_id="web-1")
    assert (unit.name, unit.slice, unit.path) == (name, slice_name, path)


def test_a_users_container_is_in_the_users_slice() -> None:
    unit = container_unit(None, container_id="a", user=True)
    assert (unit.slice, unit.user, unit.path) == ("user.slice", True, "/user.slice/runc-a.scope")


@pytest.mark.parametrize(
    ("cgroups_path", "message"),
    [
        ("/machine/web", 'of format "slice:prefix:name" for systemd cgroups, got "/machine/web"'),
        ("a:b", "of format"),
        ("a:b:c:d", "of format"),
        ("a:b:c", "invalid slice name: a"),
        ("a--b.slice:p:n", "invalid slice name"),
        ("-a.slice:p:n", "invalid slice name"),
        (".slice:p:n", "invalid slice name"),
        ("a/b.slice:p:n", "invalid slice name"),
        ("../x.slice:p:n", "invalid slice name"),
        ("a.slice:p:", "name is empty"),
        ("a.slice:p:-x.slice", "invalid slice name"),
        ("a.slice:p:" + "n" * 250, "longer than 255"),
    ],
)
def test_what_systemd_would_not_take_is_refused(cgroups_path: str, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        container_unit(cgroups_path, container_id="web-1")


def test_a_name_cannot_leave_its_slice() -> None:
    unit = container_unit("a.slice:p:../../b", container_id="x")
    assert unit.path == r"/a.slice/p-..\x2f..\x2fb.scope"


def test_slices_are_nested_by_their_dashes() -> None:
    assert slice_path("test-a-b.slice") == "/test.slice/test-a.slice/test-a-b.slice"
    assert slice_path("-.slice") == "/"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("x.scope", "x.scope"), ("_x.scope", "__x.scope"), ("tasks", "_tasks"), ("cpu.a", "_cpu.a")],
)
def test_names_that_the_kernel_uses_are_evaded(unit: str, expected: str) -> None:
    assert group_name(unit) == expected

"""The plan is the contract: what will be done, in which order, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument, TuiContainerError, Unsupported
from tuicontainer.runtime.cgroups.hierarchies import Hierarchies, HierarchyMount
from tuicontainer.runtime.rootfs.idmap import MountMapped
from tuicontainer.runtime.rootfs.mounts import MountBind, MountFilesystem
from tuicontainer.runtime.rootfs.plan import RootfsPlan, plan_rootfs
from tuicontainer.spec.config import (
    Config,
    ConsoleSize,
    Device,
    IdMapping,
    Linux,
    Mount,
    Namespace,
    Process,
    Root,
)
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.syscalls import mount as kernel

if TYPE_CHECKING:
    from tuicontainer.spec.config import NamespaceType

V1 = Hierarchies(
    mode="hybrid",
    mounts=(
        HierarchyMount(
            controllers=("cpu", "cpuacct"), mountpoint="/sys/fs/cgroup/cpu,cpuacct", version=1
        ),
        HierarchyMount(controllers=("memory",), mountpoint="/sys/fs/cgroup/memory", version=1),
        HierarchyMount(
            controllers=(), mountpoint="/sys/fs/cgroup/systemd", version=1, name="systemd"
        ),
        HierarchyMount(controllers=("hugetlb",), mountpoint="/sys/fs/cgroup/unified", version=2),
    ),
)
V2 = Hierarchies(
    mode="v2",
    mounts=(HierarchyMount(controllers=("cpu",), mountpoint="/sys/fs/cgroup", version=2),),
)

LINKS = [
    "link `/dev/ptmx` to `pts/ptmx`",
    "link `/dev/fd` to `/proc/self/fd` if `/proc/self/fd` exists",
    "link `/dev/stdin` to `/proc/self/fd/0` if `/proc/self/fd` exists",
    "link `/dev/stdout` to `/proc/self/fd/1` if `/proc/self/fd` exists",
    "link `/dev/stderr` to `/proc/self/fd/2` if `/proc/self/fd` exists",
    "link `/dev/core` to `/proc/kcore` if `/proc/kcore` exists",
]
NODES = [
    "make device `/dev/null` (c 1:3, 0666)",
    "make device `/dev/zero` (c 1:5, 0666)",
    "make device `/dev/full` (c 1:7, 0666)",
    "make device `/dev/random` (c 1:8, 0666)",
    "make device `/dev/urandom` (c 1:9, 0666)",
    "make device `/dev/tty` (c 5:0, 0666)",
]


def make_config(
    *mounts: Mount, namespaces: tuple[NamespaceType, ...] = ("mount",), **linux: Any
) -> Config:
    return Config(
        oci_version="1.0.2",
        root=Root(path="rootfs"),
        mounts=mounts,
        linux=Linux(namespaces=tuple(Namespace(type=word) for word in namespaces), **linux),
    )


def plan(config: Config, hierarchies: Hierarchies = V1, **options: Any) -> RootfsPlan:
    return plan_rootfs(
        config, bundle="/bundles/web", hierarchies=hierarchies, cgroup_path="/box/web-1", **options
    )


def steps(*mounts: Mount, **options: Any) -> list[str]:
    """Return the lines between the root and the first device."""
    hierarchies = options.pop("hierarchies", V1)
    lines = plan(make_config(*mounts, **options), hierarchies).describe()
    first = next(i for i, line in enumerate(lines) if " device " in line or "/dev/ptmx" in line)
    return lines[1:first]


def mount(destination: str, type_: str | None = None, *options: str, source: str = "") -> Mount:
    return Mount(destination=destination, type=type_, source=source or None, options=tuple(options))


def test_the_default_configuration() -> None:
    config = decode_config(default_document())
    assert plan(config).describe() == [
        "take `/bundles/web/rootfs` as root",
        "mount proc on `/proc`",
        "mount tmpfs on `/dev`: nosuid, strictatime, mode=755, size=65536k",
        "mount devpts on `/dev/pts`: nosuid, noexec, newinstance, ptmxmode=0666, mode=0620, gid=5",
        "mount tmpfs on `/dev/shm`: nosuid, noexec, nodev, mode=1777, size=65536k",
        "mount mqueue on `/dev/mqueue`: nosuid, noexec, nodev",
        "mount sysfs on `/sys`: nosuid, noexec, nodev, ro",
        "mount tmpfs on `/sys/fs/cgroup`: nosuid, nodev, noexec, mode=755, ro (at the end)",
        (
            "bind `/sys/fs/cgroup/cpu,cpuacct/box/web-1` on `/sys/fs/cgroup/cpu,cpuacct`: "
            "nosuid, noexec, nodev, relatime, ro"
        ),
        "link `/sys/fs/cgroup/cpu` to `cpu,cpuacct`",
        "link `/sys/fs/cgroup/cpuacct` to `cpu,cpuacct`",
        (
            "bind `/sys/fs/cgroup/memory/box/web-1` on `/sys/fs/cgroup/memory`: "
            "nosuid, noexec, nodev, relatime, ro"
        ),
        (
            "bind `/sys/fs/cgroup/systemd/box/web-1` on `/sys/fs/cgroup/systemd`: "
            "nosuid, noexec, nodev, relatime, ro"
        ),
        *NODES,
        *LINKS,
        "open a terminal and bind it on `/dev/console`",
        "pivot into the root",
        "make `/sys/fs/cgroup` read-only",
        "make `/` read-only",
        "check that `/proc` is proc",
        "check that `/sys` is sysfs",
        "make `/proc/bus` read-only",
        "make `/proc/fs` read-only",
        "make `/proc/irq` read-only",
        "make `/proc/sys` read-only",
        "make `/proc/sysrq-trigger` read-only",
        "mask `/proc/acpi`",
        "mask `/proc/asound`",
        "mask `/proc/kcore`",
        "mask `/proc/keys`",
        "mask `/proc/latency_stats`",
        "mask `/proc/timer_list`",
        "mask `/proc/timer_stats`",
        "mask `/proc/sched_debug`",
        "mask `/sys/firmware`",
        "mask `/proc/scsi`",
    ]


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (mount("/data", None, "bind", source="/srv"), "bind `/srv` on `/data`"),
        (mount("/data", "none", "rbind", "ro", source="/srv"), "bind `/srv` on `/data`: rbind, ro"),
        (mount("/data", "bind", source="/srv"), "bind `/srv` on `/data`"),
        (mount("/data", None, "bind", source="../x"), "bind `/bundles/web/../x` on `/data`"),
        (mount("data/x/", "tmpfs"), "mount tmpfs on `/data/x`"),
        (mount("//a/./b/../c", "tmpfs"), "mount tmpfs on `/a/c`"),
        (mount("/../../etc", "tmpfs"), "mount tmpfs on `/etc`"),
        (mount("/a", "tmpfs", "ro"), "mount tmpfs on `/a`: ro (at the end)"),
        (mount("/a", "ramfs", "ro"), "mount ramfs on `/a`: ro"),
        (mount("/dev", "devtmpfs", "ro"), "mount devtmpfs on `/dev`: ro (at the end)"),
        (mount("/a", "tmpfs", "remount", "ro"), "remount `/a`: ro"),
        (mount("/", None, "remount", "bind", "noexec"), "remount `/`: noexec"),
        (mount("/proc", "proc"), "mount proc on `/proc`"),
        (mount("/proc", None, "rbind", source="/proc"), "bind `/proc` on `/proc`: rbind"),
        (
            mount("/proc/cpuinfo", None, "bind", source="/x/cpuinfo"),
            "bind `/x/cpuinfo` on `/proc/cpuinfo`",
        ),
        (mount("/procfs", "tmpfs"), "mount tmpfs on `/procfs`"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_mount(entry: Mount, line: str) -> None:
    assert steps(entry) == [line]


@pytest.mark.parametrize(
    ("entry", "kind", "text"),
    [
        (mount("/data", None, "bind"), InvalidArgument, "has no source"),
        (mount("/data", None), InvalidArgument, "neither a type nor `bind`"),
        (
            mount("/data", None, "bind", "mode=755", source="/srv"),
            InvalidArgument,
            "no data for a file system: `mode=755`",
        ),
        (mount("/", "sysfs"), InvalidArgument, "can't be the container's root"),
        (mount("/a/..", "devpts"), InvalidArgument, "can't be the container's root"),
        (mount("/proc", "tmpfs"), InvalidArgument, "only procfs may be mounted on `/proc`"),
        (mount("/proc/self/attr", "tmpfs"), InvalidArgument, "may not be mounted over"),
        (
            mount("/sys/../proc/sys", None, "bind", source="/srv"),
            InvalidArgument,
            "`/proc/sys` may not be mounted over",
        ),
        (mount("/x", "ramfs", "tmpcopyup"), InvalidArgument, "is for tmpfs, not for ramfs"),
        (mount("/x", None, "bind", "tmpcopyup", source="/s"), InvalidArgument, "not for a bind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_mounts_name_their_place(
    entry: Mount, kind: type[TuiContainerError], text: str
) -> None:
    with pytest.raises(kind, match=r"`mounts\[1\]`") as caught:
        plan(make_config(mount("/tmp", "tmpfs"), entry))
    assert text in str(caught.value)


def test_the_order_of_the_configuration_is_kept() -> None:
    entries = [
        mount("/b", "tmpfs"),
        mount("/a", "tmpfs"),
        mount("/b", "tmpfs"),
        mount("/", None, "remount"),
    ]
    assert steps(*entries) == [
        "mount tmpfs on `/b`",
        "mount tmpfs on `/a`",
        "mount tmpfs on `/b`",
        "remount `/`",
    ]


class TestCgroups:
    entry = mount("/sys/fs/cgroup", "cgroup", "nosuid", "ro", "rslave", source="cgroup")

    def test_v1_with_a_namespace_mounts_the_hierarchies(self) -> None:
        assert steps(self.entry, namespaces=("mount", "cgroup")) == [
            "mount tmpfs on `/sys/fs/cgroup`: nosuid, nodev, noexec, mode=755, ro (at the end)",
            "mount cgroup on `/sys/fs/cgroup/cpu,cpuacct`: nosuid, nodev, noexec, ro, cpu, cpuacct",
            "link `/sys/fs/cgroup/cpu` to `cpu,cpuacct`",
            "link `/sys/fs/cgroup/cpuacct` to `cpu,cpuacct`",
            "mount cgroup on `/sys/fs/cgroup/memory`: nosuid, nodev, noexec, ro, memory",
            "mount cgroup on `/sys/fs/cgroup/systemd`: nosuid, nodev, noexec, ro, name=systemd",
        ]

    def test_writable_stays_writable(self) -> None:
        lines = steps(mount("/cg", "cgroup"), namespaces=("mount", "cgroup"))
        assert lines[0] == "mount tmpfs on `/cg`: nosuid, nodev, noexec, mode=755"
        assert lines[-1] == "mount cgroup on `/cg/systemd`: nosuid, nodev, noexec, name=systemd"

    def test_v2_with_a_namespace_shows_the_own_group(self) -> None:
        assert steps(self.entry, namespaces=("mount", "cgroup"), hierarchies=V2) == [
            (
                "mount cgroup2 on `/sys/fs/cgroup`: nosuid, ro, rslave, or "
                "bind `/sys/fs/cgroup/box/web-1` on `/sys/fs/cgroup`: nosuid, ro, rslave"
            )
        ]

    def test_v2_without_a_namespace_shows_all(self) -> None:
        assert steps(self.entry, hierarchies=V2) == [
            "bind `/sys/fs/cgroup` on `/sys/fs/cgroup`: nosuid, ro, rslave"
        ]

    def test_without_control_groups_it_is_refused(self) -> None:
        with pytest.raises(Unsupported, match="no control groups"):
            plan(make_config(self.entry), Hierarchies(mode="none"))


class TestDevices:
    def lines(self, *mounts: Mount, **linux: Any) -> list[str]:
        lines = plan(make_config(*mounts, **linux)).describe()
        return [line for line in lines if "device" in line or line.startswith("link")]

    def test_default_devices_and_links(self) -> None:
        assert self.lines() == [*NODES, *LINKS]

    def test_a_bound_dev_is_left_alone(self) -> None:
        assert self.lines(mount("/dev/", None, "rbind", source="/dev")) == []

    def test_a_user_namespace_binds_the_devices_of_the_host(self) -> None:
        lines = self.lines(
            namespaces=("mount", "user"),
            devices=(Device(path="/dev/fuse", type="c", major=10, minor=229),),
        )
        assert lines[:2] == ["bind device `/dev/null` (c 1:3)", "bind device `/dev/zero` (c 1:5)"]
        assert lines[6] == "bind device `/dev/fuse` (c 10:229)"
        assert lines[7:] == LINKS

    def test_a_configured_device_takes_the_place_of_the_default(self) -> None:
        devices = (
            Device(path="/dev/null", type="u", major=1, minor=3, file_mode=0o640, uid=5, gid=6),
            Device(path="/dev/loop0", type="b", major=7, minor=0),
            Device(path="/run/pipe", type="p"),
            Device(path="/dev/ptmx", type="c", major=5, minor=2),
        )
        assert self.lines(devices=devices) == [
            *NODES[1:],
            "make device `/dev/null` (c 1:3, 0640 5:6)",
            "make device `/dev/loop0` (b 7:0, 0666)",
            "make device `/run/pipe` (fifo, 0666)",
            *LINKS,
        ]


class TestRoot:
    def test_an_absolute_root_and_a_relative_one(self) -> None:
        config = make_config()
        assert plan(config).root == "/bundles/web/rootfs"
        assert plan(config.replace(root=Root(path="../x/./y"))).root == "/bundles/x/y"
        assert plan(config.replace(root=Root(path="/srv/root/"))).root == "/srv/root"

    def test_no_pivot(self) -> None:
        assert "move into the root" in plan(make_config(), no_pivot=True).describe()

    @pytest.mark.parametrize(
        ("word", "host", "line"),
        [
            (None, (kernel.MS_SLAVE, True), None),
            ("rslave", (kernel.MS_SLAVE, True), "make `/` rslave"),
            ("slave", (kernel.MS_SLAVE, False), "make `/` slave"),
            ("rshared", (kernel.MS_SHARED, True), "make `/` rshared"),
            ("shared", (kernel.MS_SHARED, False), "make `/` shared"),
            ("private", (kernel.MS_PRIVATE, False), "make `/` private"),
            ("unbindable", (kernel.MS_PRIVATE, False), "make `/` unbindable"),
            ("runbindable", (kernel.MS_PRIVATE, True), "make `/` runbindable"),
        ],
    )
    def test_propagation(self, word: str | None, host: tuple[int, bool], line: str | None) -> None:
        made = plan(make_config(rootfs_propagation=word))
        assert made.host_propagation == host
        assert [step.describe() for step in made.finish] == ([line] if line else [])

    def test_the_last_steps_come_in_their_order(self) -> None:
        config = make_config(
            mount("/dev", "tmpfs", "ro"),
            mount("/proc", "proc"),
            mount("/sys", "sysfs"),
            readonly_paths=("/proc/sys", "etc//x"),
            masked_paths=("/proc/kcore",),
        ).replace(root=Root(path="rootfs", readonly=True))
        lines = plan(config).describe()
        assert lines[lines.index("pivot into the root") + 1 :] == [
            "make `/dev` read-only",
            "make `/` read-only",
            "check that `/proc` is proc",
            "make `/proc/sys` read-only",
            "make `/etc/x` read-only",
            "mask `/proc/kcore`",
        ]

    def test_a_terminal_with_a_size(self) -> None:
        process = Process(
            args=("sh",), cwd="/", terminal=True, console_size=ConsoleSize(height=24, width=80)
        )
        lines = plan(make_config().replace(process=process)).describe()
        assert "open a terminal of 80x24 and bind it on `/dev/console`" in lines


@given(st.text(st.sampled_from("/.pocrasy"), max_size=24), st.sampled_from(["tmpfs", "bind"]))
def test_no_spelling_of_a_destination_gets_over_proc(text: str, type_: str) -> None:
    entry = Mount(destination=text, type=type_, source="/srv")
    try:
        (line,) = steps(entry)
    except (InvalidArgument, Unsupported):
        return
    destination = line.split("`")[-2]
    assert destination.startswith("/")
    assert ".." not in destination.split("/")
    if type_ == "tmpfs":
        assert destination.split("/")[1] != "proc"


class TestIdMapping:
    maps = (IdMapping(container_id=0, host_id=1000, size=10),)
    mapped = Mount(
        destination="/x", source="/srv", options=("rbind",), uid_mappings=maps, gid_mappings=maps
    )

    def test_it_is_said(self) -> None:
        assert steps(self.mapped)[0] == (
            "bind `/srv` on `/x`: rbind, mapping users 0+10 to 1000 and groups 0+10 to 1000"
        )
        assert steps(mount("/x", None, "bind", "idmap", source="/s"), namespaces=("mount", "user"))[
            0
        ].endswith("mapping as the container's user namespace does")

    def test_the_runtime_opens_these_mounts_and_no_others(self) -> None:
        found = plan(make_config(mount("/tmp", "tmpfs"), self.mapped))
        assert found.mapped == (1,)
        assert plan(make_config(mount("/tmp", "tmpfs"))).mapped == ()

    @pytest.mark.parametrize(
        ("option", "users", "groups"),
        [
            ("idmap=uids=1-2-3;gids=4-5-6", (1, 2, 3), (4, 5, 6)),
            ("ridmap=gids=4-5-6;uids=1-2-3", (1, 2, 3), (4, 5, 6)),
            ("idmap=uids=@7-12-3", (7, 1002, 3), (10, 1000, 10)),
        ],
    )
    def test_the_option_of_crun(
        self, option: str, users: tuple[int, ...], groups: tuple[int, ...]
    ) -> None:
        own = (IdMapping(container_id=10, host_id=1000, size=10),)
        entry = mount("/x", None, "bind", option, source="/s")
        config = make_config(
            entry, namespaces=("mount", "user"), uid_mappings=own, gid_mappings=own
        )
        (step,) = (step for step in plan(config).build if isinstance(step, MountMapped))
        mapping = step.mapping
        assert tuple(dict(mapping.uids[0].items()).values()) == users
        assert tuple(dict(mapping.gids[0].items()).values()) == groups
        assert mapping.recursive == option.startswith("r")


class TestMountLabel:
    def lines(self, entry: Mount, **annotations: str) -> list[str]:
        config = make_config(entry, mount_label="u:r:t:s0:c1,c2")
        config = config.replace(annotations={"run.oci.mount_context_type": "context"} | annotations)
        return [
            repr(step.options.data) if isinstance(step, MountFilesystem) else step.describe()
            for step in plan(config).build
            if isinstance(step, (MountFilesystem, MountBind))
        ]

    def test_new_file_systems_have_the_context(self) -> None:
        assert self.lines(mount("/t", "tmpfs", "mode=755")) == [
            "('mode=755', 'context=u:r:t:s0:c1,c2')"
        ]

    @pytest.mark.parametrize("type_", ["proc", "sysfs", "cgroup2"])
    def test_the_kernels_own_have_not(self, type_: str) -> None:
        assert self.lines(mount("/proc" if type_ == "proc" else "/x", type_)) == ["()"]

    def test_a_given_context_wins(self) -> None:
        assert self.lines(mount("/t", "tmpfs", "rootcontext=x")) == ["('rootcontext=x',)"]

    def test_mqueue_gets_a_label_of_its_root(self) -> None:
        config = make_config(mount("/dev/mqueue", "mqueue"), mount_label="a:b")
        assert "mount mqueue on `/dev/mqueue`, labelled `a:b`" in plan(config).describe()

    def test_the_annotation_chooses_the_kind(self) -> None:
        kind = {"run.oci.mount_context_type": "rootcontext"}
        assert self.lines(mount("/t", "tmpfs"), **kind) == ["('rootcontext=u:r:t:s0:c1,c2',)"]
        kind = {"run.oci.mount_context_type": "x"}
        with pytest.raises(InvalidArgument, match="must be one of context, fscontext"):
            self.lines(mount("/t", "tmpfs"), **kind)


class TestLinkOptions:
    def test_they_are_said(self) -> None:
        assert steps(mount("/x", None, "bind", "copy-symlink", source="/s"))[0].startswith(
            "copy the link `/s` to `/x`, or bind `/s` on `/x`"
        )

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            (("copy-symlink", "src-nofollow"), "exclude each other"),
            (("copy-symlink", "dest-nofollow"), "exclude each other"),
            (("src-nofollow", "idmap"), "can't be id-mapped"),
        ],
    )
    def test_contradictions_are_refused(self, options: tuple[str, ...], text: str) -> None:
        with pytest.raises(InvalidArgument, match=text):
            plan(make_config(mount("/x", None, "bind", *options, source="/s")))


@given(st.lists(st.sampled_from(["uids=", "gids=", "0-1-5", "@3-12-2", "-", "#", ";", "@", "x"])))
def test_any_mapping_is_understood_or_refused(parts: list[str]) -> None:
    own = (IdMapping(container_id=10, host_id=1000, size=10),)
    entry = mount("/x", None, "bind", f"idmap={''.join(parts)}", source="/s")
    config = make_config(entry, namespaces=("mount", "user"), uid_mappings=own, gid_mappings=own)
    try:
        (step,) = (step for step in plan(config).build if isinstance(step, MountMapped))
    except InvalidArgument:
        return
    for mapping in (*step.mapping.uids, *step.mapping.gids):
        assert mapping.size in (5, 2, 10)
        assert mapping.host_id in (1, 1002, 1000)

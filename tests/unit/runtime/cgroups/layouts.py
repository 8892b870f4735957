"""Mount tables and group lists of real hosts, cut to the lines that matter."""

# ruff: noqa: E501  the kernel's lines are as long as they are

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.hierarchies import Hierarchies, HierarchyMount


class Layout(Record):
    """What the kernel said, and what it means."""

    name: str
    mountinfo: str
    own: str
    expected: Hierarchies


def v1(
    controllers: str, mountpoint: str, *, name: str = "", root: str = "/", own: str = "/"
) -> HierarchyMount:
    return HierarchyMount(
        controllers=tuple(controllers.split(",")) if controllers else (),
        mountpoint=mountpoint,
        version=1,
        name=name,
        root=root,
        own=own,
    )


def v2(mountpoint: str = "/sys/fs/cgroup", *, root: str = "/", own: str = "/") -> HierarchyMount:
    return HierarchyMount(controllers=(), mountpoint=mountpoint, version=2, root=root, own=own)


LAYOUTS = [
    Layout(
        name="pure v2 with systemd (Debian 12)",
        mountinfo="""\
22 28 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
29 22 0:6 / /sys/kernel/security rw,nosuid,nodev,noexec,relatime shared:8 - securityfs security rw
31 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
32 22 0:27 / /sys/fs/pstore rw,nosuid,nodev,noexec,relatime shared:10 - pstore pstore rw
""",
        own="0::/user.slice/user-0.slice/session-3.scope\n",
        expected=Hierarchies(
            mode="v2", mounts=(v2(own="/user.slice/user-0.slice/session-3.scope"),)
        ),
    ),
    Layout(
        name="hybrid with systemd, joined controllers (Debian 10)",
        mountinfo="""\
19 25 0:18 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
25 0 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
27 19 0:23 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
28 27 0:24 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate
29 27 0:25 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
32 27 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:15 - cgroup cgroup rw,cpu,cpuacct
33 27 0:29 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,memory
34 27 0:30 / /sys/fs/cgroup/net_cls,net_prio rw,nosuid,nodev,noexec,relatime shared:17 - cgroup cgroup rw,net_cls,net_prio
""",
        own="""\
5:net_cls,net_prio:/
4:memory:/user.slice/user-0.slice/session-1.scope
3:cpu,cpuacct:/user.slice
2:rdma:/
1:name=systemd:/user.slice/user-0.slice/session-1.scope
0::/user.slice/user-0.slice/session-1.scope
""",
        expected=Hierarchies(
            mode="hybrid",
            mounts=(
                v1(
                    "",
                    "/sys/fs/cgroup/systemd",
                    name="systemd",
                    own="/user.slice/user-0.slice/session-1.scope",
                ),
                v1("cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", own="/user.slice"),
                v1(
                    "memory",
                    "/sys/fs/cgroup/memory",
                    own="/user.slice/user-0.slice/session-1.scope",
                ),
                v1("net_cls,net_prio", "/sys/fs/cgroup/net_cls,net_prio"),
                v2("/sys/fs/cgroup/unified", own="/user.slice/user-0.slice/session-1.scope"),
            ),
        ),
    ),
    Layout(
        name="v1 without a unified mount, though 0:: is listed (CentOS 7 with a newer kernel)",
        mountinfo="""\
17 60 0:17 / /sys rw,nosuid,nodev,noexec,relatime shared:6 - sysfs sysfs rw,seclabel
60 1 253:0 / / rw,relatime shared:1 - xfs /dev/mapper/centos-root rw,seclabel,attr2,inode64,noquota
24 17 0:21 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:8 - tmpfs tmpfs ro,seclabel,mode=755
25 24 0:22 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:9 - cgroup cgroup rw,seclabel,xattr,release_agent=/usr/lib/systemd/systemd-cgroups-agent,name=systemd
27 24 0:24 / /sys/fs/cgroup/cpuset rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,seclabel,cpuset
28 24 0:25 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:12 - cgroup cgroup rw,seclabel,cpuacct,cpu
""",
        own="3:cpuacct,cpu:/\n2:cpuset:/\n1:name=systemd:/user.slice\n0::/\n",
        expected=Hierarchies(
            mode="v1",
            mounts=(
                v1("", "/sys/fs/cgroup/systemd", name="systemd", own="/user.slice"),
                v1("cpuset", "/sys/fs/cgroup/cpuset"),
                v1("cpuacct,cpu", "/sys/fs/cgroup/cpu,cpuacct"),
            ),
        ),
    ),
    Layout(
        name="each controller alone, no systemd, unified with the rest",
        mountinfo="""\
23 22 0:21 / /sys rw,relatime - sysfs sysfs rw
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
""",
        own="4:memory:/job/17\n2:cpuacct:/\n1:cpu:/\n0::/\n",
        expected=Hierarchies(
            mode="hybrid",
            mounts=(
                v1("cpu", "/sys/fs/cgroup/cpu"),
                v1("cpuacct", "/sys/fs/cgroup/cpuacct"),
                v1("memory", "/sys/fs/cgroup/memory", own="/job/17"),
                v2("/sys/fs/cgroup/unified"),
            ),
        ),
    ),
    Layout(
        name="docker in docker on v1: the mounts show a group of the host's as their root",
        mountinfo="""\
1201 1105 0:195 / / rw,relatime master:351 - overlay overlay rw,lowerdir=/a:/b
1204 1201 0:200 / /sys rw,nosuid,nodev,noexec,relatime - sysfs sysfs rw
1206 1204 0:201 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
1207 1206 0:29 /docker/0123abc /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime master:11 - cgroup cgroup rw,xattr,name=systemd
1208 1206 0:34 /docker/0123abc /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime master:18 - cgroup cgroup rw,memory
""",
        own="9:memory:/docker/0123abc/dind\n1:name=systemd:/docker/0123abc\n0::/system.slice\n",
        expected=Hierarchies(
            mode="v1",
            mounts=(
                v1("", "/sys/fs/cgroup/systemd", name="systemd", root="/docker/0123abc"),
                v1("memory", "/sys/fs/cgroup/memory", root="/docker/0123abc", own="/dind"),
            ),
        ),
    ),
    Layout(
        name="docker in docker on v2 in its own cgroup namespace",
        mountinfo="""\
736 611 0:62 / / rw,relatime - overlay overlay rw,lowerdir=/a:/b
739 736 0:65 / /sys rw,nosuid,nodev,noexec,relatime - sysfs sysfs rw
740 739 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate
""",
        own="0::/init\n",
        expected=Hierarchies(mode="v2", mounts=(v2(own="/init"),)),
    ),
    Layout(
        name="the host's mount seen from a new cgroup namespace, and a fresh one elsewhere",
        mountinfo="""\
28 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
22 28 0:20 / /sys rw - sysfs sysfs rw
31 22 0:26 /../.. /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw
90 28 0:26 / /mnt/cgroup rw,relatime - cgroup2 none rw
""",
        own="0::/\n",
        expected=Hierarchies(mode="v2", mounts=(v2("/mnt/cgroup"),)),
    ),
    Layout(
        name="a second mount of the same hierarchy in a chroot comes first in the table",
        mountinfo="""\
28 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
30 28 0:29 / /srv/chroot/sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
22 28 0:20 / /sys rw - sysfs sysfs rw
31 22 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw
32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
""",
        own="1:cpu:/\n0::/\n",
        expected=Hierarchies(mode="v1", mounts=(v1("cpu", "/sys/fs/cgroup/cpu"),)),
    ),
    Layout(
        name="v1 mounts that lie hidden under a cgroup2 mount on the same place",
        mountinfo="""\
28 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
22 28 0:20 / /sys rw - sysfs sysfs rw
31 22 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw
32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
40 31 0:40 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
""",
        own="1:cpu:/\n0::/\n",
        expected=Hierarchies(mode="v2", mounts=(v2(),)),
    ),
    Layout(
        name="a tree assembled by fsmount: parts are older than what they are mounted on",
        mountinfo="""\
32 50 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
50 22 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw
22 28 0:20 / /sys rw - sysfs sysfs rw
28 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
""",
        own="1:cpu:/\n",
        expected=Hierarchies(mode="v1", mounts=(v1("cpu", "/sys/fs/cgroup/cpu"),)),
    ),
    Layout(
        name="a mount point with a blank, a tab and a backslash in its name",
        mountinfo="""\
28 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
31 28 0:26 / /mnt/my\\040c\\011g\\134roup rw,relatime - cgroup2 none rw
""",
        own="0::/\n",
        expected=Hierarchies(mode="v2", mounts=(v2("/mnt/my c\tg\\roup"),)),
    ),
    Layout(
        name="only a named v1 hierarchy beside v2 (systemd's v2 with a legacy helper)",
        mountinfo="""\
28 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
31 28 0:26 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw
35 28 0:33 / /run/legacy rw,relatime - cgroup none rw,name=legacy
""",
        own="1:name=legacy:/\n0::/a (deleted)\n",
        expected=Hierarchies(
            mode="v2", mounts=(v1("", "/run/legacy", name="legacy"), v2(own="/a"))
        ),
    ),
    Layout(
        name="nothing mounted",
        mountinfo="28 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n",
        own="2:cpu:/\n1:memory:/\n0::/\n",
        expected=Hierarchies(mode="none"),
    ),
    Layout(
        name="optional fields of shared and slave mounts, and an unbindable one",
        mountinfo="""\
28 1 254:1 / / rw,relatime shared:1 master:2 propagate_from:3 - ext4 /dev/vda1 rw
31 28 0:26 / /sys/fs/cgroup rw,relatime shared:4 master:5 unbindable - cgroup2 cgroup2 rw
""",
        own="0::/\n",
        expected=Hierarchies(mode="v2", mounts=(v2(),)),
    ),
]

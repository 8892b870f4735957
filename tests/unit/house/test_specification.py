"""docs/specification.md has a row for every section, and names only what exists."""

from __future__ import annotations

import os
import re

import pytest

from tests.unit.house.checkout import CHECKOUT, read

SECTIONS = {
    "bundle.md": ("filesystem bundle",),
    "config.md": (
        "specification version", "root", "mounts", "Linux mount options", "idmapped mounts",
        "process", "terminal and console size", "rlimits", "capabilities",
        "AppArmor profile, SELinux label", "no new privileges", "oomScoreAdj",
        "scheduler, ioPriority, execCPUAffinity", "user", "hostname, domainname", "hooks",
        "annotations", "extensibility", "valid values",
    ),
    "config-linux.md": (
        "default file systems", "namespaces", "user namespace mappings",
        "offsets for time namespace", "devices", "default devices", "network devices",
        "cgroups path", "cgroup ownership", "allowed device list", "memory", "CPU", "block IO",
        "huge page limits", "network", "PIDs", "RDMA", "unified", "Intel RDT", "memory policy",
        "sysctl", "seccomp", "rootfs mount propagation", "masked paths", "readonly paths",
        "mount label", "personality",
    ),
    "runtime.md": (
        "scope of a container", "state", "lifecycle", "errors", "warnings", "query state",
        "create", "start", "kill", "delete", "hooks",
    ),
    "runtime-linux.md": ("file descriptors", "dev symbolic links"),
}  # fmt: skip


def rows() -> dict[str, tuple[list[str], list[str]]]:
    """Return code and tests by section."""
    found = {}
    for line in read("docs/specification.md").splitlines():
        if not line.startswith("| ") or line.startswith("| section"):
            continue
        section, code, tests = (cell.strip() for cell in line.strip("|").split(" | "))
        found[section] = (re.findall(r"`([^`]+)`", code), re.findall(r"`([^`]+)`", tests))
    return found


def test_every_section_has_a_row() -> None:
    wanted = {f"{page}: {name}" for page, names in SECTIONS.items() for name in names}
    assert wanted <= set(rows())
    assert {"features.md, features-linux.md", "the published JSON schemas"} <= set(rows())


@pytest.mark.parametrize("section", sorted(rows()))
def test_what_a_row_names_exists(section: str) -> None:
    code, tests = rows()[section]
    assert code
    assert tests
    for path in code:
        assert os.path.isfile(os.path.join(CHECKOUT, "tuicontainer", path)), path
    for name in tests:
        path, _, test = name.partition("::")
        text = read(f"tests/{path}")
        assert not test or f"def {test}(" in text, name

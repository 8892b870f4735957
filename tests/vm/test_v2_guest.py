"""The kernel tier again, on a host with pure cgroup v2 and systemd: a guest of our own.

A machine in software is some ten times slower, so `make test` runs the core: what depends on the
version of control groups, on systemd or on AppArmor, and the main job. `make test-vm` runs the
whole tier, which takes an hour. One case here stands for the run; the guest's own report, with its
counts and skips, goes to the folder in TUICONTAINER_REPORTS, where `make test` adds it up.
"""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET

import pytest

from tests.vm.image import ensure_image, missing
from tests.vm.machine import run_in_guest

pytestmark = [
    pytest.mark.vm,
    pytest.mark.serial,
    pytest.mark.timeout(0),  # the machine is switched off in time, and says how far it came
    pytest.mark.skipif(bool(missing()), reason=f"no v2 guest: {missing()}"),
]

CORE = (
    "tests/contracts/cgroups",
    "tests/kernel/cli/test_login_session.py",
    "tests/kernel/cli/test_main_job.py",
    "tests/kernel/runtime/cgroups",
    "tests/kernel/runtime/test_cgroup_managers.py",
    "tests/kernel/runtime/test_labels.py",
    "tests/kernel/runtime/test_lifecycle.py",
    "tests/kernel/runtime/test_small_containers.py",
    "tests/kernel/supervise/test_systemd_scope.py",
)
WHOLE = ("tests/contracts", "tests/kernel")


def test_kernel_tier_passes_on_pure_cgroup_v2_with_systemd() -> None:
    whole = os.environ.get("TUICONTAINER_VM_SUITE") == "whole"
    suites, limit = (WHOLE, 7200) if whole else (CORE, 1500)
    arguments = ["-m", "kernel", *suites]
    # An hour needs something to look at (`make test-vm` runs pytest with -s).
    report = run_in_guest(ensure_image(), arguments, timeout=limit, echo=whole)
    if report.status is None:
        pytest.fail(f"the guest brought no report; its console ended:\n{report.console[-4000:]}")
    if folder := os.environ.get("TUICONTAINER_REPORTS"):
        with open(os.path.join(folder, "vm-guest.xml"), "wb") as file:
            file.write(report.junit)
    failed = [
        f"{case.get('classname')}::{case.get('name')}"
        for case in ET.fromstring(report.junit).iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    ]
    assert not failed, report.console[-12000:]
    assert report.status == 0

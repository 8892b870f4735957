"""The kernel tier again, on a host with pure cgroup v2 and systemd: a guest of our own.

One case here stands for the whole run; the guest's own report, with its counts and skips, goes to
the folder in TUICONTAINER_REPORTS, where `make test` adds it up with the rest.
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
    # Building the image takes minutes on a slow line, once.
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(missing()), reason=f"no v2 guest: {missing()}"),
]

SUITES = ["-m", "kernel", "tests/kernel", "tests/contracts"]


def test_kernel_tier_passes_on_pure_cgroup_v2_with_systemd() -> None:
    report = run_in_guest(ensure_image(), SUITES, timeout=600)
    if report.status is None:
        pytest.fail(
            f"the guest brought no report; its console ended with:\n{report.console[-4000:]}"
        )
    if folder := os.environ.get("TUICONTAINER_REPORTS"):
        with open(os.path.join(folder, "vm-guest.xml"), "wb") as file:
            file.write(report.junit)
    failed = [
        f"{case.get('classname')}::{case.get('name')}"
        for case in ET.fromstring(report.junit).iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    ]
    assert not failed, f"{report.console[-12000:]}"
    assert report.status == 0

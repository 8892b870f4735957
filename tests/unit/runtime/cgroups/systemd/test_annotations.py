"""Properties by annotation: what an image may say, and what stays inert (GO-2024-2791)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.systemd.annotations import (
    ALLOWED,
    annotation_properties,
    parse_gvariant,
)
from tuicontainer.runtime.cgroups.systemd.dbus.wire import Writer

PREFIX = "org.systemd.property."


@pytest.mark.parametrize(
    ("name", "text", "expected", "value"),
    [
        ("TimeoutStopUSec", "uint64 123456789", "TimeoutStopUSec", 123456789),
        ("TimeoutStopUSec", "5", "TimeoutStopUSec", 5),
        ("TimeoutStopSec", "90", "TimeoutStopUSec", 90_000_000),
        ("TimeoutStopSec", "1.5", "TimeoutStopUSec", 1_500_000),
        ("TimeoutStopSec", "uint64 2", "TimeoutStopUSec", 2_000_000),
        ("CollectMode", "'inactive-or-failed'", "CollectMode", "inactive-or-failed"),
        ("CollectMode", '"inactive"', "CollectMode", "inactive"),
        ("DefaultDependencies", "true", "DefaultDependencies", True),
        ("KillSignal", "int32 2", "KillSignal", 2),
        ("After", "['crio.service', \"b\\\\'s\"]", "After", ["crio.service", "b\\'s"]),
        ("Before", "[]", "Before", []),
    ],
)
def test_allowed_properties(name: str, text: str, expected: str, value: Any) -> None:
    (found,) = annotation_properties({PREFIX + name: text, "other": "x"}).items()
    assert (found[0], found[1].value) == (expected, value)
    Writer().write("v", found[1])


@pytest.mark.parametrize(
    "name",
    [
        "ExecStart", "ExecStopPost", "OnFailure", "Wants", "Requires", "BindsTo", "Conflicts",
        "FailureAction", "SuccessAction", "Slice", "Delegate", "PIDs", "MemoryMax", "TasksMax",
        "DevicePolicy", "DeviceAllow", "CPUWeight", "AllowedCPUs", "BPFProgram", "IPAddressAllow",
        "User", "AddRef", "timeoutstopusec", "", "A B", "TimeoutStopUSec\n",
    ],
)  # fmt: skip
def test_go_2024_2791_other_properties_are_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidArgument, match=r"isn't allowed"):
        annotation_properties({PREFIX + name: "'x'"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CollectMode", "inactive"),
        ("CollectMode", "'a' 'b'"),
        ("CollectMode", "'a"),
        ("Description", "'a\nFailureAction=reboot'"),
        ("Description", r"'a\nb'"),
        ("Description", "'" + "x" * 5000 + "'"),
        ("SendSIGKILL", "'true'"),
        ("SendSIGKILL", "1"),
        ("KillSignal", "int32 99999999999"),
        ("KillSignal", "<2>"),
        ("TimeoutStopUSec", "-1"),
        ("TimeoutStopUSec", "uint64 18446744073709551616"),
        ("TimeoutStopUSec", "٣"),
        ("TimeoutStopSec", "1e9"),
        ("After", "'a'"),
        ("After", "['a' 'b']"),
        ("After", "[a]"),
        ("After", ""),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, text: str) -> None:
    with pytest.raises(InvalidArgument, match=f"annotation `{PREFIX}{name}` is"):
        annotation_properties({PREFIX + name: text})


@given(st.sampled_from(sorted(set(ALLOWED.values()))), st.text(max_size=30))
def test_any_text_is_read_or_refused(signature: str, text: str) -> None:
    try:
        value = parse_gvariant(signature, text)
    except ValueError:
        return
    Writer().write(signature, value)

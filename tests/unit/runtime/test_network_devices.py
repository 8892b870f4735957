"""`linux.netDevices` as read, and the names that interfaces may have."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.errors import AlreadyExists, InvalidArgument
from tuicontainer.runtime.network_devices import choose_name, is_kept
from tuicontainer.spec.config import Linux, Namespace
from tuicontainer.spec.fields import Fields
from tuicontainer.spec.network_devices import check_network_namespace, decode_network_devices
from tuicontainer.syscalls.rtnetlink import Address


def decoded(devices: Any) -> dict[str, str]:
    return decode_network_devices(Fields({"netDevices": devices}, "linux"))


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        (None, {}),
        ({}, {}),
        ({"eth0": {}}, {"eth0": "eth0"}),
        ({"eth0": {"name": ""}}, {"eth0": "eth0"}),
        ({"eth0": {"name": "a"}, "eth1": {"name": "b"}}, {"eth0": "a", "eth1": "b"}),
        ({"eth0": {"name": "net%d"}, "e": {"name": "net%d"}}, {"eth0": "net%d", "e": "net%d"}),
    ],
)
def test_reading(devices: Any, expected: dict[str, str]) -> None:
    assert decoded(devices) == expected


@pytest.mark.parametrize(
    "devices",
    [
        [],
        {"eth0": "eth1"},
        {"": {}},
        {"eth%d": {}},
        {"..": {}},
        {"a b": {}},
        {"eth0": {"name": "sixteen-bytes-xx"}},
        {"eth0": {"name": "%d%d"}},
        {"eth0": {"name": "%s"}},
        {"eth0": {"name": "x:y"}},
        {"eth0": {"name": 5}},
        {"a": {"name": "x"}, "b": {"name": "x"}},
        {"a": {}, "b": {"name": "a"}},
    ],
)
def test_refusing(devices: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"linux\.netDevices"):
        decoded(devices)


def test_a_namespace_to_move_into() -> None:
    check_network_namespace(Linux())
    own = (Namespace(type="network"),)
    check_network_namespace(Linux(net_devices={"a": "a"}, namespaces=own))
    with pytest.raises(InvalidArgument, match="without a NET namespace"):
        check_network_namespace(Linux(net_devices={"a": "a"}))


@pytest.mark.parametrize(
    ("wanted", "taken", "expected"),
    [("eth0", {"lo"}, "eth0"), ("n%d", {"lo"}, "n0"), ("n%d.x", {"n0.x", "n1.x"}, "n2.x")],
)
def test_choosing_a_name(wanted: str, taken: set[str], expected: str) -> None:
    assert choose_name(wanted, taken) == expected


def test_a_taken_name() -> None:
    with pytest.raises(AlreadyExists, match="`lo`"):
        choose_name("lo", {"lo"})


@pytest.mark.parametrize(
    ("flags", "scope", "expected"),
    [(0x80, 0, True), (0x280, 0, True), (0, 0, False), (0x80, 253, False)],
)
def test_which_addresses_go_along(flags: int, scope: int, expected: bool) -> None:
    address = Address(family=2, prefix=24, scope=scope, flags=flags, attributes=b"")
    assert is_kept(address) == expected

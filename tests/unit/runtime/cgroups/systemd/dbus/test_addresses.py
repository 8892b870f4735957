"""Where systemd is looked for."""

from __future__ import annotations

import pytest

from tuicontainer.runtime.cgroups.systemd.dbus.addresses import manager_addresses, parse_addresses


@pytest.mark.parametrize(
    ("environment", "user", "expected"),
    [
        ({}, False, ["/run/dbus/system_bus_socket", "/run/systemd/private"]),
        (
            {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/x,guid=1"},
            False,
            ["/x", "/run/systemd/private"],
        ),
        ({}, True, []),
        (
            {"XDG_RUNTIME_DIR": "/run/user/7"},
            True,
            ["/run/user/7/bus", "/run/user/7/systemd/private"],
        ),
        ({"DBUS_SESSION_BUS_ADDRESS": "tcp:host=evil,port=1"}, True, []),
    ],
)
def test_addresses(environment: dict[str, str], user: bool, expected: list[str]) -> None:
    addresses = manager_addresses(environment, user=user)
    assert [address.path for address in addresses] == expected
    assert all(address.direct == address.path.endswith("private") for address in addresses)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("unix:path=/a%20b", ["/a b"]),
        ("unixexec:path=/bin/sh;unix:abstract=/tmp/x,guid=1", ["\0/tmp/x"]),
        ("unix:path=/a;unix:path=/b", ["/a", "/b"]),
        ("unix:guid=1", []),
    ],
)
def test_address_lists(text: str, expected: list[str]) -> None:
    assert parse_addresses(text) == expected

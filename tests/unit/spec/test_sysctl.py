"""Which kernel parameters are the container's, and how their names are read."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.sysctl import owner, to_name, to_path


def with_sysctl(values: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    document = default_document()
    linux = document["linux"]
    linux["sysctl"] = values
    linux["namespaces"] = [each for each in linux["namespaces"] if each["type"] not in without]
    if "uts" in without:
        del document["hostname"]
    return document


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kernel.shmmax", "kernel/shmmax"),
        ("kernel/shmmax", "kernel/shmmax"),
        ("net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding"),
        ("net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding"),
    ],
)
def test_both_separators(name: str, path: str) -> None:
    assert to_path(name) == path
    assert to_path(to_name(path)) == path


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        *[(f"kernel/{name}", "ipc") for name in ("msgmax", "msgmnb", "msgmni", "sem", "shmall",
                                                 "shmmax", "shmmni", "shm_rmid_forced")],
        ("fs/mqueue/msg_max", "ipc"),
        ("net/core/somaxconn", "network"),
        ("user/max_user_namespaces", "user"),
        ("kernel/domainname", "uts"),
        ("kernel/hostname", None),
        ("kernel/core_pattern", None),
        ("kernel/shmmax2", None),
        ("fs/mqueue", None),
        ("fs/file-max", None),
        ("network/x", None),
        ("vm/swappiness", None),
    ],
)  # fmt: skip
def test_owners(path: str, type_: str | None) -> None:
    assert owner(path) == type_


def test_values_are_by_path() -> None:
    values = {"net.core.somaxconn": "5", "kernel/sem": "250 1 2 3"}
    assert decode_config(with_sysctl(values)).linux.sysctl == {
        "net/core/somaxconn": "5",
        "kernel/sem": "250 1 2 3",
    }


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"kernel.core_pattern": "x"}, "is not in a separate kernel namespace"),
        ({"kernel.hostname": "x"}, "conflicts with the OCI"),
        ({"user.max_user_namespaces": "1"}, "not allowed in the host's user namespace"),
        ({"net/../kernel/core_pattern": "|x"}, "its name must be one of /proc/sys"),
        ({"net...kernel.core_pattern": "|x"}, "its name must be one of /proc/sys"),
        ({"net.": "1"}, "its name must be one of /proc/sys"),
        ({"/net/x": "1"}, "its name must be one of /proc/sys"),
        ({"net.x\ny": "1"}, "its name must be one of /proc/sys"),
        ({"net.x": "1\nkernel.core_pattern=|x"}, "must be one line"),
        ({"net.x": "1", "net/x": "2"}, "must not be given twice"),
        ({"net.x": 1}, "must be a string"),
        ({"": "1"}, "empty key"),
    ],
)
def test_cve_2022_0811_broken_rules_are_named(values: dict[str, Any], text: str) -> None:
    """A value of several lines was several parameters in another engine."""
    with pytest.raises(InvalidArgument) as caught:
        decode_config(with_sysctl(values))
    assert text in caught.value.message


@pytest.mark.parametrize(
    ("name", "type_"),
    [("kernel.sem", "ipc"), ("net.x", "network"), ("kernel.domainname", "uts")],
)
def test_a_shared_namespace_is_the_hosts(name: str, type_: str) -> None:
    with pytest.raises(InvalidArgument, match=f"not allowed in the host's {type_} namespace"):
        decode_config(with_sysctl({name: "1"}, without=(type_,)))


def test_an_empty_map_asks_for_nothing() -> None:
    assert decode_config(with_sysctl({})).linux.sysctl == {}

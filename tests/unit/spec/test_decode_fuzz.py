"""Any JSON becomes a Config or a refusal of a known kind, never another exception."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument, Unsupported
from tuicontainer.spec.config import Config
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.limits import Limits
from tuicontainer.spec.overrides import apply_overrides

BYTES = st.none() | st.integers(-(2**65), 2**65)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**66), 2**66)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["/", "..", "c", "user", "1.0.0", "A=1", "\ud800", "a\0b", "2MB", "a\nb"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def full_document() -> dict[str, Any]:
    """Return a configuration that has every object which the decoder reads."""
    document = default_document()
    document["process"] |= {"consoleSize": {"height": 1, "width": 1}, "oomScoreAdj": 0}
    document["annotations"] = {"a": "b"}
    document["hooks"] = {"prestart": [{"path": "/x", "timeout": 1}], "poststop": [{"path": "/y"}]}
    mapping = [{"containerID": 0, "hostID": 1000, "size": 10}]
    document["linux"] |= {
        "namespaces": [
            *document["linux"]["namespaces"],
            {"type": "user"},
            {"type": "time"},
            {"type": "cgroup"},
        ],
        "uidMappings": mapping,
        "gidMappings": mapping,
        "timeOffsets": {"monotonic": {"secs": 1, "nanosecs": 1}},
        "devices": [{"path": "/dev/x", "type": "c", "major": 1, "minor": 2, "uid": 0}],
        "cgroupsPath": "/x",
        "rootfsPropagation": "private",
        "resources": {
            "devices": [{"allow": False, "access": "rwm"}],
            "memory": {"limit": 4096, "swap": 8192},
            "cpu": {"quota": 5000, "burst": 10, "cpus": "0"},
            "pids": {"limit": 5},
            "blockIO": {"weight": 10, "weightDevice": [{"major": 8, "minor": 0, "weight": 20}]},
            "hugepageLimits": [{"pageSize": "2MB", "limit": 0}],
            "unified": {"a": "b"},
        },
    }
    return document


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a document."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


PLACES = places(full_document())


def put(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    """Set the value at a path, unless an earlier change removed the way there."""
    where: Any = document
    with contextlib.suppress(KeyError, IndexError, TypeError):
        for step in path[:-1]:
            where = where[step]
        where[path[-1]] = value


def decode_or_refuse(document: Any) -> None:
    """Decode; any exception but ours fails the test."""
    refusal = None
    try:
        config = decode_config(document)
    except (InvalidArgument, Unsupported) as error:
        refusal = error
    if refusal is None:
        assert isinstance(config, Config)
        hash(config.process)
    else:
        assert refusal.message
        assert refusal.message.isprintable()
        assert len(refusal.message) < 1000


def test_the_document_that_is_fuzzed_is_good() -> None:
    decode_config(full_document())


@given(JSON)
def test_any_json_is_decoded_or_refused(document: Any) -> None:
    decode_or_refuse(document)


@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=4))
def test_a_good_document_with_wrong_values_is_decoded_or_refused(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    document = full_document()
    for path, value in changes:
        put(document, path, copy.deepcopy(value))
    decode_or_refuse(document)


@given(
    st.lists(st.tuples(st.sampled_from(PLACES), JSON), max_size=3),
    st.fixed_dictionaries(
        {},
        optional={
            "args": st.lists(st.text(max_size=5), max_size=3),
            "env": st.lists(st.text(max_size=5), max_size=3),
            "cwd": st.text(max_size=5),
            "user": st.text(max_size=12),
            "terminal": st.booleans(),
            "console_size": st.tuples(st.integers(), st.integers()),
            "limits": st.builds(
                Limits,
                memory_limit=BYTES,
                memory_reservation=BYTES,
                memory_swap=BYTES,
                cpus=st.none() | st.floats(),
                cpu_shares=BYTES,
                cpuset_cpus=st.none() | st.text(max_size=5),
                pids_limit=BYTES,
                io_weight=BYTES,
            ),
        },
    ),
)
def test_any_override_is_merged_or_refused(
    changes: list[tuple[tuple[Any, ...], Any]], overrides: dict[str, Any]
) -> None:
    document = full_document()
    for path, value in changes:
        put(document, path, copy.deepcopy(value))
    before = copy.deepcopy(document)
    with contextlib.suppress(InvalidArgument):
        decode_or_refuse(apply_overrides(document, **overrides))
    assert repr(document) == repr(before), "the bundle's own document is never changed"

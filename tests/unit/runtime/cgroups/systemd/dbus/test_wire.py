"""D-Bus values and messages as bytes, and what happens to bytes that are none."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.runtime.cgroups.systemd.dbus.message import (
    CALL,
    HEADER_SIZE,
    decode_message,
    encode_call,
    message_size,
)
from tuicontainer.runtime.cgroups.systemd.dbus.wire import (
    Reader,
    Variant,
    Writer,
    split_signature,
)


def written(signature: str, *values: Any) -> bytes:
    writer = Writer()
    writer.write_all(signature, values)
    return bytes(writer.data)


# Bytes as the specification's rules give them, counted by hand.
@pytest.mark.parametrize(
    ("signature", "value", "expected"),
    [
        ("y", 7, "07"),
        ("b", True, "01000000"),
        ("n", -2, "feff"),
        ("u", 258, "02010000"),
        ("t", 2**64 - 1, "ffffffffffffffff"),
        ("s", "hi", "02000000 6869 00"),
        ("g", "as", "02 6173 00"),
        ("ay", b"\x03\x80", "02000000 0380"),
        ("au", [1, 2], "08000000 01000000 02000000"),
        ("at", [], "00000000 00000000"),
        ("v", Variant(signature="u", value=5), "01 75 00 00 05000000"),
        ("a(sv)", [("A", Variant(signature="b", value=False))],
         "10000000 00000000 01000000 4100 01 62 00 000000 00000000"),
    ],
)  # fmt: skip
def test_bytes_of_a_value(signature: str, value: object, expected: str) -> None:
    assert written(signature, value).hex() == expected.replace(" ", "")


def test_signatures_are_split_into_complete_types() -> None:
    assert split_signature("ssa(sv)a(sa(sv))a{sv}aau") == [
        "s", "s", "a(sv)", "a(sa(sv))", "a{sv}", "aau",
    ]  # fmt: skip


@pytest.mark.parametrize("signature", ["a", "(s", "a{s", "sa"])
def test_a_signature_without_end_is_refused(signature: str) -> None:
    with pytest.raises(ValueError, match="signature"):
        split_signature(signature)


NUMBERS = {
    "y": (0, 2**8 - 1),
    "n": (-(2**15), 2**15 - 1),
    "q": (0, 2**16 - 1),
    "i": (-(2**31), 2**31 - 1),
    "u": (0, 2**32 - 1),
    "x": (-(2**63), 2**63 - 1),
    "t": (0, 2**64 - 1),
}
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)


def simple() -> st.SearchStrategy[tuple[str, Any]]:
    numbers = [
        st.tuples(st.just(kind), st.integers(least, most))
        for kind, (least, most) in NUMBERS.items()
    ]
    return st.one_of(
        *numbers,
        st.tuples(st.just("b"), st.booleans()),
        st.tuples(st.sampled_from(["s", "o"]), TEXTS),
        st.tuples(st.just("ay"), st.binary(max_size=9)),
        st.tuples(st.just("as"), st.lists(TEXTS, max_size=3)),
    )


def larger(inner: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    variants = inner.map(lambda pair: ("v", Variant(signature=pair[0], value=pair[1])))
    structs = st.lists(inner, min_size=1, max_size=3).map(
        lambda pairs: ("(" + "".join(kind for kind, _ in pairs) + ")", tuple(v for _, v in pairs))
    )
    arrays = st.lists(TEXTS.map(lambda t: (t, Variant(signature="s", value=t))), max_size=3).map(
        lambda items: ("a(sv)", items)
    )
    return st.one_of(variants, structs, arrays)


@given(st.lists(st.recursive(simple(), larger, max_leaves=6), max_size=4))
def test_what_is_written_is_read_again(pairs: list[tuple[str, Any]]) -> None:
    signature = "".join(kind for kind, _ in pairs)
    values = tuple(value for _, value in pairs)
    assert Reader(written(signature, *values)).read_all(signature) == values


@given(st.binary(max_size=64), st.sampled_from(["a(sv)", "v", "sas", "aay", "(ybt)", "aaav"]))
def test_any_bytes_are_read_or_refused(data: bytes, signature: str) -> None:
    try:
        Reader(data).read_all(signature)
    except ValueError:
        return


def test_variants_without_end_do_not_exhaust_the_stack() -> None:
    with pytest.raises(ValueError, match="nested"):
        Reader(b"\x01v\x00" * 5000).read("v")


def test_a_number_out_of_range_is_not_cut() -> None:
    with pytest.raises(struct.error):
        written("t", -1)


def test_a_call_is_a_message_of_its_own_size() -> None:
    body = ("runc-a.scope", "replace", [("Delegate", Variant(signature="b", value=True))], [])
    data = encode_call(
        9,
        destination="org.freedesktop.systemd1",
        path="/org/freedesktop/systemd1",
        interface="org.freedesktop.systemd1.Manager",
        member="StartTransientUnit",
        signature="ssa(sv)a(sa(sv))",
        body=body,
    )
    assert message_size(data[:HEADER_SIZE]) == len(data)
    message = decode_message(data)
    assert (message.type, message.serial, message.member) == (CALL, 9, "StartTransientUnit")
    assert message.body == body


def test_messages_of_a_big_endian_service_are_read() -> None:
    fields = b"\x05\x01u\x00" + struct.pack(">I", 3) + b"\x08\x01g\x00\x01u\x00"
    data = struct.pack(">4B3I", ord("B"), 2, 0, 1, 4, 17, len(fields)) + fields
    data += bytes(-len(data) % 8) + struct.pack(">I", 77)
    assert message_size(data[:HEADER_SIZE]) == len(data)
    message = decode_message(data)
    assert (message.reply_serial, message.body) == (3, (77,))


@pytest.mark.parametrize("header", [b"HTTP/1.1 400 Bad", b"l\x02\x00\x02" + bytes(12),
                                    b"l\x02\x00\x01" + b"\xff" * 12])  # fmt: skip
def test_what_is_no_message_is_refused(header: bytes) -> None:
    with pytest.raises(ValueError, match="no D-Bus message"):
        message_size(header)

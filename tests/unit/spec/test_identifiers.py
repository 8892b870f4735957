"""Container ids are single, plain file names."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.identifiers import check_container_id


@pytest.mark.parametrize("name", ["a", "web-1", "A_b+c.d-9", "...", ".hidden", "-x", "x" * 255])
def test_legal_ids_are_returned(name: str) -> None:
    assert check_container_id(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "../a", "a b", "a\n", "a\0", "ä", "~engine", "x" * 256, "a:b", "٣"],
)
def test_other_ids_are_refused(name: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^invalid container ID format: `"):
        check_container_id(name)


@given(st.text(max_size=12))
def test_a_legal_id_never_leaves_its_folder(name: str) -> None:
    try:
        check_container_id(name)
    except InvalidArgument:
        return
    assert os.path.normpath(f"/root/{name}") == f"/root/{name}"
    assert os.path.dirname(f"/root/{name}") == "/root"

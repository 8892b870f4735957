"""The manual pages: complete, and without a complaint of troff's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.house.checkout import CHECKOUT
from tuicontainer.cli.completion.vocabulary import manager, runtime
from tuicontainer.cli.manual import manual_pages
from tuicontainer.cli.share import write_share

PAGES = manual_pages()


@pytest.mark.parametrize("path", PAGES)
def test_troff_has_no_complaint(path: str) -> None:
    if shutil.which("groff") is None:
        pytest.skip("no groff here")
    done = subprocess.run(
        ["groff", "-ww", "-z", "-man", "-Kutf8", "-Tutf8"],
        input=PAGES[path], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""


def test_every_verb_has_a_page_with_all_its_options() -> None:
    program = manager()
    for verb in program.verbs:
        page = PAGES[f"man1/tuicontainer-{verb.name}.1"].replace("\\-", "-")
        assert f"tuicontainer-{verb.name}" in PAGES["man1/tuicontainer.1"].replace("\\-", "-")
        for switch in (*verb.switches, *program.everywhere):
            assert all(f"\\fB{name}\\fR" in page for name in switch.names)


def test_the_drop_ins_page_has_all_commands_and_flags() -> None:
    page = PAGES["man8/tuicontainer-runtime.8"].replace("\\-", "-")
    for verb in runtime().verbs:
        assert f'.SS "{verb.name}' in page
        for switch in verb.switches:
            assert all(f"\\fB{name}\\fR" in page for name in switch.names)


def test_man_shows_a_page_as_the_help_has_it(tmp_path: Path) -> None:
    if shutil.which("man") is None:
        pytest.skip("no man here")
    page = tmp_path / "tuicontainer-run.1"
    page.write_text(PAGES["man1/tuicontainer-run.1"])
    shown = subprocess.run(
        ["man", "--local-file", str(page)],
        env={"PATH": os.environ["PATH"], "MANPAGER": "cat", "LC_ALL": "C.UTF-8", "MANWIDTH": "100"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "tuicontainer run [OPTIONS] BUNDLE [COMMAND...]" in shown
    assert "-e, --env NAME=VALUE" in shown
    assert "tuicontainer run ./bundle /bin/sh -c 'exit 3'" in shown


def test_what_is_installed_is_taken_away_again(tmp_path: Path) -> None:
    """By the very functions that `make install` and `make uninstall` call."""
    prefix, share = tmp_path / "prefix", tmp_path / "share"
    prefix.mkdir()
    written = write_share(str(share))
    assert f"{share}/man/man1/tuicontainer.1" in written
    assert all(os.path.exists(path) for path in written)
    (prefix / "share-files").write_text("".join(f"{path}\n" for path in written))
    (share / "man" / "man1" / "other.1").write_text("somebody else's")
    subprocess.run(
        ["bash", "-c", ". .make/base.sh; . .make/prefix.sh; remove_shared"],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "PREFIX": str(prefix), "SHAREDIR": str(share)},
        check=True,
    )
    left = [os.path.join(folder, name) for folder, _, names in os.walk(share) for name in names]
    assert left == [f"{share}/man/man1/other.1"]

"""The scripts for the three shells: nothing is forgotten, and real shells offer what fits."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.screen import Screen
from tuicontainer.cli.completion.scripts import SCRIPTS, script
from tuicontainer.cli.completion.vocabulary import Program, manager, runtime
from tuicontainer.cli.launcher import write_launchers
from tuicontainer.runtime.lifecycle import ALLOWED

PROGRAMS = (manager(), runtime())


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The launchers on PATH, with two bundles, one of whose names a shell would obey."""
    commands = tmp_path / "bin"
    commands.mkdir()
    write_launchers(str(commands))
    bundles = tmp_path / "bundles"
    for name in ("web-site", "$(touch obeyed)"):
        (bundles / name).mkdir(parents=True)
        (bundles / name / "config.json").write_text("{}")
    for shell in SCRIPTS:
        (tmp_path / f"script.{shell}").write_text(script(shell))
    return {
        "PATH": f"{commands}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "TERM": "dumb",
        "TUICONTAINER_ROOT": str(tmp_path / "state"),
        "TUICONTAINER_DATA_ROOT": str(tmp_path / "data"),
        "TUICONTAINER_BUNDLES": str(bundles),
    }


def offered(environment: dict[str, str], *words: str) -> list[str]:
    """Ask bash what it offers for the last of *words*, given as it has split them."""
    function = f"_{words[0].replace('-', '_')}"
    program = f"""
        source ~/script.bash
        COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}
        {function} {words[0]}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", program],
        env=environment, cwd=environment["HOME"], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


@pytest.mark.parametrize("shell", SCRIPTS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_verb_and_option_occurs(shell: str, program: Program) -> None:
    text = script(shell)
    for verb in program.verbs:
        assert verb.name in text
        for switch in verb.switches:
            for name in switch.names:
                spelled = f"-l {name[2:]} " if name.startswith("--") else f"-s '{name[1:]}' "
                assert (spelled if shell == "fish" else name) in text, (verb.name, name)


def test_no_state_is_offered_that_the_verb_refuses() -> None:
    """What the runtime allows, and what the manager adds: another instance of what has ended."""
    named = {"rm": "delete", "top": "ps"}
    added = {"start": {"stopped"}}
    for verb in (verb for program in PROGRAMS for verb in program.verbs):
        operation = named.get(verb.name, verb.name)
        for offer in verb.operands:
            if operation in ALLOWED:
                allowed = ALLOWED[operation] | added.get(verb.name, set())  # type: ignore[index]
                known = operation == "update" and not offer.states
                assert known or set(offer.states) <= allowed, verb.name


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("tuicontainer", "sta"), ["start", "state", "stats"]),
        (("tuicontainer", "--the"), ["--theme"]),
        (("tuicontainer", "--root", "/tmp", "resu"), ["resume"]),
        (("tuicontainer", "ps", "--form"), ["--format"]),
        (("tuicontainer", "ps", "--format", ""), ["table", "json"]),
        (("tuicontainer", "ps", "--format", "=", "j"), ["json"]),
        (("tuicontainer", "ps", "--format", "="), ["table", "json"]),
        (("tuicontainer", "kill", "-s", "WIN"), ["WINCH"]),
        (("tuicontainer", "run", "-e", "A", "=", "b", "web"), ["web-site"]),
        (("tuicontainer", "run", "web-site", "-"), ["-d"]),
        (("tuicontainer", "run", "web-site", ""), []),
        (("tuicontainer", "completion", "f"), ["fish"]),
        (("tuicontainer", "nonsense", ""), []),
        (("tuicontainer", "kill", ""), []),
        (("tuicontainer-runtime", "check"), ["checkpoint"]),
        (("tuicontainer-runtime", "--log-format", "j"), ["json"]),
        (("tuicontainer-runtime", "mounts", ""), ["add", "remove"]),
        (("tuicontainer-runtime", "kill", "x", "WIN"), ["WINCH"]),
        (("tuicontainer-runtime", "create", ""), []),
    ],
    ids=" ".join,
)
def test_bash_offers_what_fits(
    environment: dict[str, str], words: tuple[str, ...], expected: list[str]
) -> None:
    if words[-1] == "-":
        assert set(expected) < set(offered(environment, *words))
    else:
        assert offered(environment, *words) == expected


def test_names_of_bundles_are_never_obeyed(environment: dict[str, str]) -> None:
    assert sorted(offered(environment, "tuicontainer", "run", "")) == [
        r"\$\(touch\ obeyed\)",
        "web-site",
    ]
    assert "obeyed" not in os.listdir(environment["HOME"])


def test_bash_completes_what_is_typed(environment: dict[str, str]) -> None:
    screen = Screen(["bash", "--norc", "--noprofile", "-i"], environment)
    try:
        screen.type(b"source ~/script.bash; echo re''ady\r")
        screen.expect(b"ready")
        screen.type(b"tuicontainer resu\t--form\tjs\t\r")
        screen.expect(b"tuicontainer resume --format json")
    finally:
        screen.close()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tuicontainer resu", "resume"),
        ("tuicontainer run web", "web-site"),
        ("tuicontainer ps --format j", "json"),
        ("tuicontainer-runtime --root /tmp mounts a", "add"),
        ("tuicontainer-runtime kill x WIN", "WINCH"),
    ],
)
def test_fish_offers_what_fits(environment: dict[str, str], line: str, expected: str) -> None:
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("no fish here")
    done = subprocess.run(
        [fish, "-N", "-c", f"source ~/script.fish; complete -C '{line}'"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [entry.split("\t")[0] for entry in done.stdout.splitlines()] == [expected]


def test_zsh_completes_what_is_typed(environment: dict[str, str]) -> None:
    zsh = shutil.which("zsh")
    if zsh is None:
        pytest.skip("no zsh here")
    screen = Screen([zsh, "-f", "-i"], environment)
    try:
        screen.type(b"autoload -Uz compinit; compinit -D -u; source ~/script.zsh\r")
        # A terminal without cursor movement shows a line in pieces; what was typed tells itself.
        screen.type(b"tuicontainer() { print -r \"<$*>\" }; echo re''ady\r")
        screen.expect(b"ready")
        screen.type(b"tuicontainer resu\t--form\tjs\t\r")
        screen.expect(b"<resume --format=json>")
    finally:
        screen.close()

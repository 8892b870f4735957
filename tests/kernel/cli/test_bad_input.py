"""Wrong input: one clear line, the right status, nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.kernel.cli.program import Cli

pytestmark = pytest.mark.kernel


def refused(cli: Cli, *words: str) -> str:
    """Run it, expect a failure of one line, no container and no folder; return the line."""
    before = cli.json("ps", "-a")
    done = cli(*words)
    assert done.returncode == (125 if words[0] in ("run", "exec") else 1), done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("tuicontainer: ")
    assert done.stderr.count("\n") == 1
    assert cli.json("ps", "-a") == before
    ids = {row["id"] for row in before}
    for folder in (cli.root, cli.data_root / "roots"):
        for _, names, _ in os.walk(folder):
            assert "x" not in set(names) - ids
    return done.stderr


def broken(cli: Cli, name: str, change: dict[str, object]) -> str:
    cli.bundle(name, "true")
    path = cli.bundles / name / "config.json"
    document = json.loads(path.read_text())
    for key, value in change.items():
        *where, last = key.split(".")
        inner = document
        for part in where:
            inner = inner[part]
        inner[last] = value
    path.write_text(json.dumps(document))
    return name


def test_no_such_bundle(cli: Cli) -> None:
    assert "`nothing`" in refused(cli, "run", "--name", "x", "nothing")


@pytest.mark.parametrize("verb", ["run", "create"])
def test_a_bundle_without_a_configuration(cli: Cli, verb: str) -> None:
    (cli.bundles / "empty" / "rootfs").mkdir(parents=True)
    assert "config.json" in refused(cli, verb, "--name", "x", "empty")
    assert "config.json" in refused(cli, verb, "--name", "x", str(cli.bundles / "empty"))


@pytest.mark.parametrize("text", ["{", "[]", "\x00", '{"ociVersion": 1}'])
def test_a_bundle_with_a_broken_configuration(cli: Cli, text: str) -> None:
    cli.bundle("b", "true")
    (cli.bundles / "b" / "config.json").write_text(text)
    assert "config.json" in refused(cli, "run", "--name", "x", "b")


def test_a_bundle_without_a_root_filesystem(cli: Cli) -> None:
    cli.bundle("b", "true")
    shutil.rmtree(cli.bundles / "b" / "rootfs")
    assert "rootfs" in refused(cli, "run", "--name", "x", "b")


def test_an_unknown_namespace(cli: Cli) -> None:
    name = broken(cli, "b", {"linux.namespaces": [{"type": "mount"}, {"type": "flavour"}]})
    assert "flavour" in refused(cli, "run", "--name", "x", name)


def test_what_this_version_doesnt_do_is_named(cli: Cli) -> None:
    name = broken(cli, "b", {"linux.mountLabel": "x"})
    assert "mountLabel" in refused(cli, "run", "--name", "x", name)


@pytest.mark.parametrize("mode", [("run",), ("run", "-d")])
def test_a_program_that_doesnt_exist(cli: Cli, mode: tuple[str, ...]) -> None:
    name = cli.raw_bundle("b", "/bin/nothing-of-this-name")
    done = cli(*mode, "--name", "x", name)
    assert done.returncode == 127
    assert "nothing-of-this-name" in done.stderr
    assert done.stdout == ""
    assert cli.json("ps", "-a") == []


@pytest.mark.parametrize("mode", [("run",), ("run", "-d")])
def test_a_program_that_cant_be_executed(cli: Cli, mode: tuple[str, ...]) -> None:
    name = cli.raw_bundle("b", "/etc/motd")
    (cli.bundles / "b/rootfs/etc/motd").write_text("#!/bin/sh\n")
    done = cli(*mode, "--name", "x", name)
    assert done.returncode == 126, done.stderr
    assert "/etc/motd" in done.stderr
    assert cli.json("ps", "-a") == []


@pytest.mark.parametrize("name", ["a/b", "..", ".", "", "a b", "../../etc", "-x", "a\nb", "é"])
@pytest.mark.parametrize("verb", ["run", "create"])
def test_an_illegal_id(cli: Cli, verb: str, name: str) -> None:
    steady = cli.steady()
    if name == "-x":
        cli.ok("create", f"--name={name}", steady)
        assert cli.ok("rm", "--", name) == "-x\n"
        return
    assert "invalid container ID format" in refused(cli, verb, f"--name={name}", steady)


@pytest.mark.parametrize(
    "verb", ["kill", "start", "rm", "state", "logs", "wait", "inspect", "stop"]
)
@pytest.mark.parametrize("name", ["a/b", "..", "../x", ""])
def test_an_illegal_reference(cli: Cli, verb: str, name: str) -> None:
    done = cli(verb, "--", name)
    assert done.returncode == 1
    assert done.stderr.startswith("tuicontainer: ")
    assert "Traceback" not in done.stderr


def test_a_duplicate_id(cli: Cli) -> None:
    steady = cli.steady()
    cli.ok("run", "-d", "--name", "x", steady)
    pid = cli.json("ps")[0]["pid"]
    done = cli("run", "-d", "--name", "x", steady)
    assert done.returncode == 125
    assert "`x`" in done.stderr
    assert [(row["id"], row["pid"]) for row in cli.json("ps")] == [("x", pid)]


def test_kill_of_a_stopped_container(cli: Cli) -> None:
    cli.ok("run", "--name", "x", cli.bundle("b", "true"))
    assert "not running" in refused(cli, "kill", "x")
    assert cli.status("x") == "stopped"


def test_rm_of_a_running_container(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    assert "running" in refused(cli, "rm", "x")
    assert cli.status("x") == "running"
    assert cli.ok("rm", "-f", "x") == "x\n"
    assert cli.status("x") == "gone"


@pytest.mark.parametrize(
    ("verb", "words"),
    [("start", ()), ("resume", ()), ("exec", ("true",)), ("pause", ())],
)
def test_verbs_that_the_state_forbids(cli: Cli, verb: str, words: tuple[str, ...]) -> None:
    script = "true" if verb in ("exec", "pause") else None
    name = cli.bundle("b", script) if script else cli.steady()
    cli.ok("run", *(() if script else ("-d",)), "--name", "x", name)
    done = cli(verb, "x", *words)
    assert done.returncode == (125 if verb == "exec" else 1)
    assert done.stderr.count("\n") == 1


def test_a_state_root_of_two_hundred_characters(cli: Cli, tmp_path: Path) -> None:
    long = tmp_path / ("r" * (200 - len(str(tmp_path)) - 1))
    assert len(str(long)) == 200
    cli.root = long
    cli.environment["TUICONTAINER_ROOT"] = str(long)
    assert cli.ok("run", "-d", "--name", "x", cli.steady()) == "x\n"
    assert cli.ok("exec", "x", "echo", "inside") == "inside\n"
    assert cli.ok("rm", "-f", "x") == "x\n"


def test_read_only_refuses_on_every_verb_that_changes(cli: Cli) -> None:
    cli.ok("run", "-d", "--name", "x", cli.steady())
    for verb in ("start", "stop", "restart", "kill", "rm", "pause", "resume"):
        assert "read-only" in refused(cli, verb, "--read-only", "x")
    assert "read-only" in refused(cli, "exec", "--read-only", "x", "true")
    assert "read-only" in refused(cli, "run", "--read-only", "steady")
    assert [row["id"] for row in cli.json("ps", "--read-only")] == ["x"]

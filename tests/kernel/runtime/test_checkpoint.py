"""Saving a container and bringing it back by criu, and what is said where criu can't."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.door import PROGRAM, reap_orphans
from tests.kernel.runtime.test_foreground import create_with_console, expect

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]

COUNT = "i=0; while :; do i=$((i+1)); echo $i > /dev/shm/n; sleep 0.05; done"


@pytest.fixture
def criu() -> None:
    if shutil.which("criu") is None:
        pytest.skip("needs criu (Debian: criu)")
    check = subprocess.run(["criu", "check"], capture_output=True, text=True, check=False)
    if check.returncode:
        said = (check.stdout + check.stderr).strip().splitlines() or ["?"]
        pytest.skip(f"needs a kernel that criu works on: {said[-1]}")


def started(door: Door, bundle: Path) -> str:
    """Run a container with nothing of the host's in its hands: criu can't save files outside."""
    container = door.new_id()
    words = [*PROGRAM, *door.global_flags, "run", "--detach", "--bundle", str(bundle), container]
    null = subprocess.DEVNULL
    subprocess.run(words, check=True, timeout=60, stdin=null, stdout=null, stderr=null)
    return container


def count(door: Door, container: str) -> int:
    """Return how far the container has counted."""
    deadline = time.monotonic() + 20
    while not (said := door.ok("exec", container, "/bin/cat", "/dev/shm/n").strip()):
        assert time.monotonic() < deadline
    return int(said)


def await_count(door: Door, container: str, more_than: int) -> int:
    deadline = time.monotonic() + 30
    while (reached := count(door, container)) <= more_than:
        assert time.monotonic() < deadline, f"stands still at {reached}"
        time.sleep(0.05)
    return reached


def bundled(door: Door, script: str = COUNT) -> Path:
    def change(document: dict[str, Any]) -> None:
        document["root"]["readonly"] = False

    return door.shell(script, change)


@pytest.mark.usefixtures("criu")
def test_a_counter_goes_on_where_it_was(door: Door, tmp_path: Path) -> None:
    bundle = bundled(door)
    first = started(door, bundle)
    await_count(door, first, 0)
    door.ok("checkpoint", "--image-path", str(tmp_path / "images"), first)
    assert first not in door.ok("list", "--quiet").split()
    reap_orphans()
    second = door.new_id()
    pid_file = tmp_path / "pid"
    words = ("--detach", "--pid-file", str(pid_file), "--bundle", str(bundle))
    door.ok("restore", *words, "--image-path", str(tmp_path / "images"), second)
    state = door.state(second)
    assert state["status"] == "running"
    assert state["pid"] == int(pid_file.read_text())
    assert await_count(door, second, count(door, second)) > 1
    assert Path(f"/proc/{state['pid']}/stat").read_text().split()[3] == str(os.getpid())
    assert not (door.root / second / "criu-root").exists()
    door.ok("pause", second)
    door.ok("resume", second)
    door.ok("kill", second, "KILL")
    door.await_status(second, "stopped")
    door.ok("delete", second)


@pytest.mark.usefixtures("criu")
def test_leaving_it_running_and_memory_first(door: Door, tmp_path: Path) -> None:
    container = started(door, bundled(door))
    await_count(door, container, 0)
    before = ("--image-path", str(tmp_path / "before"))
    done = door.call("checkpoint", "--pre-dump", *before, container)
    if done.returncode and "soft-dirty" in done.stderr:
        pytest.skip("needs a kernel that tracks memory (soft-dirty)")
    assert done.returncode == 0, done.stderr
    reached = count(door, container)
    words = ("--leave-running", "--parent-path", "../before", "--work-path", str(tmp_path / "w"))
    door.ok("checkpoint", *words, "--image-path", str(tmp_path / "after"), container)
    assert await_count(door, container, reached) > reached
    assert (tmp_path / "w/dump.log").exists()
    assert (tmp_path / "after").stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("criu")
def test_bind_mounts_come_from_the_present_configuration(door: Door, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "word").write_text(f"{name}\n")
    bundle = bundled(door)

    def bind(source: str) -> None:
        def change(document: dict[str, Any]) -> None:
            mounts = [each for each in document["mounts"] if each["destination"] != "/mnt/v"]
            options = {"type": "bind", "options": ["rbind"]}
            entry = {"destination": "/mnt/v", "source": str(tmp_path / source), **options}
            document["mounts"] = [*mounts, entry]

        door.edit(bundle, change)

    bind("one")
    first = started(door, bundle)
    await_count(door, first, 0)
    images = ("--image-path", str(tmp_path / "images"))
    door.ok("checkpoint", *images, first)
    points = json.loads((tmp_path / "images/external-mounts.json").read_text())
    assert "/mnt/v" in points
    bind("two")
    second = door.new_id()
    door.ok("restore", "--detach", "--bundle", str(bundle), *images, second)
    assert door.ok("exec", second, "/bin/cat", "/mnt/v/word") == "two\n"


@pytest.mark.usefixtures("criu")
def test_in_the_foreground(door: Door, tmp_path: Path) -> None:
    bundle = bundled(door, "while ! test -e /dev/shm/go; do sleep 0.05; done; echo over; exit 7")
    os.symlink("busybox", bundle / "rootfs/bin/test")
    first = started(door, bundle)
    images = ("--image-path", str(tmp_path / "images"))
    door.ok("checkpoint", *images, first)
    second = door.new_id()
    restored = subprocess.Popen(
        [*PROGRAM, *door.global_flags, "restore", "-b", str(bundle), *images, second],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while second not in door.ok("list", "--quiet").split():
        assert time.monotonic() < deadline
        assert restored.poll() is None
        time.sleep(0.1)
    door.await_status(second, "running")
    door.ok("exec", second, "/bin/touch", "/dev/shm/go")
    assert restored.wait(30) == 7
    assert second not in door.ok("list", "--quiet").split()


@pytest.mark.usefixtures("criu")
def test_a_terminal_gets_another_master(door: Door, tmp_path: Path) -> None:
    bundle = bundled(door, "echo begun; while read word; do echo got $word; done")
    door.edit(bundle, lambda document: document["process"].update(terminal=True))
    master, first = create_with_console(door, "create", "--bundle", str(bundle))
    door.ok("start", first)
    expect(master, b"begun")
    images = ("--image-path", str(tmp_path / "images"))
    door.ok("checkpoint", *images, first)
    os.close(master)
    (door.folder / "console.sock").unlink()
    words = ("restore", "--detach", "--bundle", str(bundle), *images)
    master, _ = create_with_console(door, *words)
    os.write(master, b"this\n")
    expect(master, b"got this")
    os.close(master)


@pytest.mark.usefixtures("criu")
def test_hooks_and_groups_of_a_restore(door: Door, tmp_path: Path) -> None:
    bundle = bundled(door)

    def change(document: dict[str, Any]) -> None:
        write = {"path": "/bin/sh", "args": ["sh", "-c", f"cat > {tmp_path}/hook"]}
        gone = {"path": "/bin/sh", "args": ["sh", "-c", f"cat > {tmp_path}/gone"]}
        document["hooks"] = {"createRuntime": [write], "poststop": [gone]}
        document["linux"]["resources"]["pids"] = {"limit": 33}

    first = started(door, bundle)
    await_count(door, first, 0)
    images = ("--image-path", str(tmp_path / "images"))
    door.ok("checkpoint", *images, first)
    door.edit(bundle, change)
    second = door.new_id()
    door.ok("restore", "--detach", "--bundle", str(bundle), *images, second)
    pid = door.state(second)["pid"]
    assert json.loads((tmp_path / "hook").read_text())["id"] == second
    limits = Path(f"/proc/{pid}/cgroup").read_text()
    assert second in limits
    assert first not in limits
    door.ok("delete", "--force", second)
    assert json.loads((tmp_path / "gone").read_text())["status"] == "stopped"


def test_without_criu(door: Door, tmp_path: Path) -> None:
    container = started(door, bundled(door))
    nowhere = os.environ | {"PATH": str(tmp_path)}
    said = door.fails("checkpoint", container, env=nowhere, cwd=tmp_path)
    assert "`criu` isn't installed" in said
    said = door.fails("restore", "--bundle", str(door.shell("")), door.new_id(), env=nowhere)
    assert "`criu` isn't installed" in said
    assert door.state(container)["status"] == "running"


@pytest.mark.skipif(shutil.which("criu") is None, reason="needs criu (Debian: criu)")
def test_a_failing_criu_is_quoted_and_nothing_is_left(door: Door, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for name in ("descriptors.json", "external-mounts.json"):
        (images / name).write_text("[]")
    bundle = bundled(door)
    words = ("restore", "--detach", "--bundle", str(bundle), "--image-path", str(images))
    said = door.fails(*words, door.new_id())
    assert "criu failed to restore the container: " in said
    assert "it left no word" not in said
    assert (images / "restore.log").exists()
    assert os.listdir(door.root) == []


@pytest.mark.skipif(shutil.which("criu") is None, reason="needs criu (Debian: criu)")
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--parent-path", "/abs"], "--parent-path must be relative"),
        (["--parent-path", "nothing"], "no folder `nothing`"),
        (["--page-server", "host"], "Use --page-server ADDRESS:PORT"),
        (["--page-server", "host:99999"], "Use --page-server ADDRESS:PORT"),
        (["--empty-ns", "pid"], "namespace pid is not supported"),
        (["--manage-cgroups-mode", "hard"], "invalid manage-cgroups-mode value"),
        (["--status-fd", "99"], "invalid --status-fd argument 99"),
        (["--lazy-pages"], "--lazy-pages needs --page-server"),
    ],
)
def test_refusing(door: Door, tmp_path: Path, words: list[str], text: str) -> None:
    container = started(door, bundled(door))
    images = ("--image-path", str(tmp_path / "images"))
    assert text in door.fails("checkpoint", *images, *words, container)
    assert door.state(container)["status"] == "running"


def test_a_container_that_does_not_run(door: Door, tmp_path: Path) -> None:
    if shutil.which("criu") is None:
        pytest.skip("needs criu (Debian: criu)")
    container = door.create(bundled(door))
    said = door.fails("checkpoint", "--image-path", str(tmp_path / "i"), container)
    assert "container cannot be checkpointed in created state" in said
    assert not (tmp_path / "i").exists()


def test_images_without_our_files(door: Door, tmp_path: Path) -> None:
    if shutil.which("criu") is None:
        pytest.skip("needs criu (Debian: criu)")
    words = ("--bundle", str(bundled(door)), "--image-path", str(tmp_path / "none"))
    assert "no such file or directory" in door.fails("restore", *words, door.new_id())
    (tmp_path / "none").mkdir()
    said = door.fails("restore", *words, door.new_id())
    assert "the checkpoint has no readable `external-mounts.json`" in said
    assert os.listdir(door.root) == []

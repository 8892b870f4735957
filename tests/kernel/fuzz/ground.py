"""The fuzzer's side: a bundle, the worker that does the cases, and what the host must look like."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.busybox import STEADY, make_bundle
from tests.kernel.fuzz.worker import SYSCTLS

if TYPE_CHECKING:
    from types import TracebackType

CHECKOUT = Path(__file__).resolve().parents[3]
_SECONDS = 60.0
_START = (
    f"import sys; sys.path[:0] = [{str(CHECKOUT)!r}]\n"
    "from tests.kernel.fuzz.worker import main\nmain(sys.argv[1])"
)


class Ground:
    """A folder with two bundles and a worker on it.

    `bundle` is for configurations, its root filesystem has links, loops and files where folders are
    expected; `steady` is what the containers for `exec` and `update` are made of.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix = f"fuzz{os.getpid()}"
        make_bundle(folder / "steady", "/bin/sh", "-c", STEADY)
        bundle = make_bundle(folder / "bundle", "/bin/true")
        (bundle / "linked").symlink_to("rootfs")
        (bundle / "volume").mkdir()
        (bundle / "volume/file").write_text("x")
        for name in ("steady", "bundle"):
            root = folder / name / "rootfs"
            (root / "file").write_text("x")
            (root / "script").write_text("#!/proc/self/exe\n")
            (root / "script").chmod(0o755)
            (root / "link").symlink_to("../../../etc")
            (root / "loop").symlink_to("loop")
        self._before = self.host()
        self._start()

    def _start(self) -> None:
        with (self.folder / "messages").open("wb") as messages:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _START, str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=messages,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            assert self._process.wait(_SECONDS) == 0
            assert self.host() == self._before
            assert self.groups() == []
        finally:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            if self.groups():
                self._clean()

    def _clean(self) -> None:
        """Have another worker, without cases, delete what one that died has left."""
        self._start()
        self._process.communicate(timeout=_SECONDS)

    def do(self, case: dict[str, Any]) -> dict[str, Any]:
        """Have a case done; it must be accepted or refused, and leave nothing."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(case).encode() + b"\n")
        stdin.flush()
        ready, _, _ = select.select([stdout], [], [], _SECONDS)
        assert ready, "no answer"
        line = stdout.readline()
        assert line, f"the worker died: {(self.folder / 'messages').read_text()[-3000:]}"
        answer: dict[str, Any] = json.loads(line)
        assert "crash" not in answer, answer["crash"]
        assert not answer["left"], answer["left"]
        if "refused" in answer:
            kind, message = answer["refused"]
            assert message, kind
            assert len(message) < 3000, message
        return answer

    def host(self) -> dict[str, Any]:
        """Return what of the host no case may change."""
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            mounts = [line for line in file if str(self.folder) in line]
        values = {}
        for name in SYSCTLS:
            path = Path("/proc/sys", name)
            values[name] = path.read_text() if path.exists() else ""
        return {"mounts": mounts, "sysctls": values}

    def groups(self) -> list[str]:
        """Return the control groups that cases have left."""
        return [
            os.path.join(folder, name)
            for folder, names, _ in os.walk("/sys/fs/cgroup")
            for name in names
            if self.prefix in name
        ]

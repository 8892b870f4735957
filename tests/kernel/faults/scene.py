"""One verb on one container, with a fault in the middle, and what must hold afterwards."""

from __future__ import annotations

import json
import os
import signal
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.busybox import make_bundle
from tests.kernel.faults.stepper import Fault, Stepper
from tests.kernel.supervise.ground import Ground, until
from tuicontainer.errors import NotFound, TuiContainerError
from tuicontainer.runtime.process.identity import read_stat
from tuicontainer.supervise.doctor.examine import examine
from tuicontainer.supervise.requests import CreateRequest, ExecRequest
from tuicontainer.supervise.stdio import staging_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tuicontainer.supervise.doctor.finding import Finding
    from tuicontainer.supervise.views import ContainerView

STATUS = 7
ENDS_IF_ASKED = f"trap 'exit {STATUS}' TERM; while :; do sleep 0.05; done"
EXEC_STATUS = 5
VERBS = ("create", "start", "exec", "stop", "delete")
_DOOR_SECONDS = 40.0
_LINGER_SECONDS = 0.12
"""After the door has its answer: what was written meanwhile is put on disk, ends are told."""

_SELF_MENDING_SECONDS = 1.5


class Victim(NamedTuple):
    """Who is hit: the process *below* whoever begins, by so many forks."""

    begins: str
    """`door`, `spawner` or `monitor`."""
    below: int = 0


VICTIMS = {
    "door": dict.fromkeys(VERBS, Victim("door")),
    "spawner": dict.fromkeys(VERBS, Victim("spawner")),
    "monitor": {
        "create": Victim("spawner", 1),
        "start": Victim("monitor"),
        "stop": Victim("monitor"),
        "delete": Victim("monitor"),
    },
    "session": {"exec": Victim("spawner", 1)},
    "operation": {
        "create": Victim("spawner", 2),
        "start": Victim("monitor", 1),
        "stop": Victim("monitor", 1),
    },
}
"""By name and verb. A monitor's operations are its short-lived children, an exec has a session."""
PAIRS = [(name, verb) for name, verbs in VICTIMS.items() for verb in verbs]


class Outcome(NamedTuple):
    """What a verb under a fault came to."""

    calls: list[str]
    hit: bool
    answer: dict[str, Any] | None
    """`{"ok": …}` or `{"error": [kind, message]}`; None from a door that was killed."""


class Scene:
    """A ground with a container that must not notice anything, and one on which verbs are tried."""

    def __init__(self, folder: Path) -> None:
        self.ground = Ground(folder)
        self.bundle = str(make_bundle(folder / "bundles/hit", "/bin/sh", "-c", ENDS_IF_ASKED))
        self.bystander = self.ground.run(ENDS_IF_ASKED, name="bystander")
        self._count = 0

    def close(self) -> None:
        """End the bystander, which was nobody's victim, and expect nothing to be left."""
        assert self.ground.client.stop(self.bystander.id).status == STATUS
        self.ground.clear()
        assert until(lambda: not self.ground.leftovers(), 15), self.ground.leftovers()

    def prepare(self, verb: str) -> str:
        """Return the id of a container on which the verb can be done."""
        self._count += 1
        container_id = f"hit-{self._count}"
        if verb != "create":
            self.ground.client.create(self._request(container_id))
        if verb in ("exec", "stop", "delete"):
            self.ground.client.start(container_id)
        return container_id

    def do(self, verb: str, container_id: str, victim: Victim, fault: Fault) -> Outcome:
        """Do the verb in a door of its own while the victim has a fault."""
        roots = {
            "spawner": lambda: self.ground.spawner,
            "monitor": lambda: self.ground.monitor(container_id),
            "door": lambda: door,
        }
        begin, go = os.pipe()
        answers, teller = os.pipe()
        root = 0 if victim.begins == "door" else roots[victim.begins]()
        door = os.fork()
        if door == 0:
            os.close(answers)
            os.read(begin, 1)
            _be_door(lambda: self._do(verb, container_id), teller)
        os.close(begin)
        os.close(teller)
        with open(answers, "rb") as file:
            with Stepper(root or door, victim.below, fault) as stepper:
                os.write(go, b"x")
                os.close(go)
                status = stepper.run(door, seconds=_DOOR_SECONDS, linger=_LINGER_SECONDS)
            if status is None:
                os.kill(door, signal.SIGKILL)
                os.waitpid(door, 0)
            assert status is not None, f"the door of `{verb}` doesn't end: {stepper.calls}"
            text = file.read()
        return Outcome(stepper.calls, stepper.hit, json.loads(text) if text else None)

    def check(self, verb: str, container_id: str, outcome: Outcome) -> list[str]:
        """Expect order, after mending if need be, and return the kinds that had to be mended."""
        answer = outcome.answer or {}
        assert "crash" not in answer, answer["crash"]
        if "error" in answer:
            assert len(answer["error"][1]) > len("failed"), answer
        self._expect_bystander()
        mended = self.mend()
        self._expect_bystander()
        view = self.view(container_id)
        status = "gone" if view is None else view.status
        if "ok" in answer:
            promised = {"create": "created", "start": "running", "exec": "running",
                        "stop": "stopped", "delete": "gone"}  # fmt: skip
            assert status == promised[verb]
            if verb == "exec":
                assert answer["ok"] == EXEC_STATUS
        if status == "stopped" and verb == "stop":
            assert until(lambda: self._ending(container_id) is not None)
            assert self._ending(container_id) == (STATUS, "exited")
        if status == "running" and view is not None:
            assert (read_stat(view.pid) or "Z")[0] not in "ZX"
        if verb == "exec":
            assert status == "running", "an exec that fails harms nothing"
        self.discard(container_id)
        return mended

    def mend(self) -> list[str]:
        """Let the doctor find nothing, by mending if it doesn't come by itself."""
        if until(lambda: not self._moving(), _SELF_MENDING_SECONDS) and not self.findings():
            return []
        found = self.findings()
        for finding in found:
            assert finding.mend is not None, finding
            finding.mend()
        assert until(lambda: not self.findings(), 8), self.findings()
        return [finding.kind for finding in found]

    def findings(self) -> list[Finding]:
        """Return what the doctor finds of ours."""
        return [finding for finding in examine(self.ground.locations) if finding.is_fault]

    def _moving(self) -> list[Finding]:
        """Return what our processes may still mend by themselves: not a dead one's socket."""
        return [finding for finding in self.findings() if finding.kind != "socket-stale"]

    def expect_no_helpers_but_the_bystanders(self) -> None:
        """Expect that whoever served a container that is gone has ended."""
        monitor, spawner = self.ground.monitor(self.bystander.id), self.ground.spawner
        rest = lambda: set(self.ground.helpers()) - {monitor, spawner}  # noqa: E731 - asked twice
        assert until(lambda: not rest(), 10), [
            Path(f"/proc/{pid}/comm").read_text() for pid in rest()
        ]

    def view(self, container_id: str) -> ContainerView | None:
        """Look at a container that may not be there."""
        try:
            view = self.ground.view(container_id)
        except NotFound:
            return None
        return view if view.id == container_id else None

    def discard(self, container_id: str) -> None:
        """Delete a container, if it is there, and expect that nothing of it is left."""
        if self.view(container_id) is not None:
            self.ground.client.delete(container_id, force=True)
        assert self.view(container_id) is None
        assert not list(self.remains(container_id))

    def remains(self, container_id: str) -> Iterator[str]:
        """Yield folders, control groups and mounts that bear the container's name."""
        places = self.ground.locations
        for path in (
            places.container_state_dir(container_id),
            places.container_data_dir(container_id),
            staging_folder(places, container_id),
        ):
            if os.path.lexists(path):
                yield path
        for path in (*self.ground.cgroups(), *self.ground.mounts()):
            if container_id in Path(path).parts:
                yield path

    def _ending(self, container_id: str) -> tuple[int | None, str] | None:
        ending = self.ground.view(container_id).exit
        return None if ending is None else (ending.status, ending.reason)

    def _expect_bystander(self) -> None:
        now = self.ground.view(self.bystander.id)
        assert (now.status, now.pid) == ("running", self.bystander.pid)
        assert (read_stat(now.pid) or "Z")[0] not in "ZX"

    def _request(self, container_id: str) -> CreateRequest:
        return CreateRequest(bundle=self.bundle, container_id=container_id)

    def _do(self, verb: str, container_id: str) -> Any:
        client = self.ground.client
        if verb == "create":
            client.create(self._request(container_id))
        elif verb == "exec":
            request = ExecRequest(args=("/bin/sh", "-c", f"exit {EXEC_STATUS}"))
            with client.exec(container_id, request) as session:
                return session.wait()
        elif verb == "delete":
            client.delete(container_id, force=True)
        else:
            getattr(client, verb)(container_id)
        return None


def _be_door(do: Callable[[], Any], teller: int) -> None:
    """In a fork: do it and tell how it went; never return."""
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    try:
        try:
            answer: dict[str, Any] = {"ok": do()}
        except TuiContainerError as error:
            answer = {"error": [type(error).__name__, str(error)]}
        except BaseException:  # noqa: BLE001 - the test is told, whatever it is
            answer = {"crash": traceback.format_exc()}
        os.write(teller, json.dumps(answer).encode())
    finally:
        os._exit(0)

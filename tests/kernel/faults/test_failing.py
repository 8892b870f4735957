"""Each call that a file system, or the table of open files, can refuse is refused once.

`make test` tries a few of each, evenly spread; `make faults` (FAULT_STEPS) all of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from errno import EIO, EMFILE, ENOMEM, ENOSPC, errorcode

import pytest

from tests.kernel.faults.scene import VICTIMS, Scene
from tests.kernel.faults.stepper import Fault, can_fail_calls
from tests.kernel.faults.test_killing import spread
from tests.patience import SLOWNESS

STEPS = int(os.environ.get("FAULT_STEPS") or 2)
"""How many calls of a verb are refused for each error and each who makes them."""
pytestmark = [
    pytest.mark.kernel,
    pytest.mark.timeout(int((120 + STEPS * 10) * SLOWNESS)),
    pytest.mark.skipif(not can_fail_calls(), reason="needs x86-64 to change a call's result"),
]

_MAKING = frozenset(
    ("mkdir", "mkdirat", "mknod", "mknodat", "link", "linkat", "rename", "renameat", "renameat2",
     "symlink", "symlinkat", "openat", "write", "pwrite64")
)  # fmt: skip
REFUSED = {
    ENOSPC: _MAKING,
    EIO: _MAKING
    | {"fsync", "fdatasync", "unlink", "unlinkat", "rmdir", "getdents64", "newfstatat", "pread64"},
    EMFILE: frozenset(
        ("openat", "socket", "socketpair", "accept4", "pipe2", "memfd_create", "pidfd_open")
    ),
    ENOMEM: _MAKING | {"clone", "clone3", "fork", "vfork", "socketpair", "memfd_create"},
}
"""The calls that can fail with an error, as their manual pages say."""
CASES = [
    (errno, name, verb)
    for errno in REFUSED
    for name, verbs in VICTIMS.items()
    for verb in verbs
    if name != "door"
]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    place = Scene(tmp_path_factory.mktemp("failing"))
    yield place
    place.close()


@pytest.mark.parametrize(
    ("errno", "name", "verb"),
    CASES,
    ids=[f"{errorcode[errno]}-{name}-{verb}" for errno, name, verb in CASES],
)
def test_any_call_is_refused_once(scene: Scene, errno: int, name: str, verb: str) -> None:
    victim = VICTIMS[name][verb]
    container_id = scene.prepare(verb)
    whole = scene.do(verb, container_id, victim, Fault(counted=REFUSED[errno]))
    scene.check(verb, container_id, whole)
    mended: Counter[str] = Counter()
    for step in spread(len(whole.calls), STEPS):
        container_id = scene.prepare(verb)
        fault = Fault(step=step, number=errno, counted=REFUSED[errno])
        outcome = scene.do(verb, container_id, victim, fault)
        try:
            assert outcome.answer is not None
            mended.update(scene.check(verb, container_id, outcome))
        except AssertionError as error:
            call = outcome.calls[step] if outcome.hit else "nothing"
            error.add_note(f"{errorcode[errno]} from {call}, call {step} of {name}: {outcome}")
            raise
    print(errorcode[errno], name, verb, len(whole.calls), "calls, mended:", dict(mended))

"""SIGKILL of each of our processes before any of its system calls, in every verb.

`make test` tries a few steps of each, evenly spread; `make faults` (FAULT_STEPS) all of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.kernel.faults.scene import PAIRS, VICTIMS, Scene
from tests.kernel.faults.stepper import Fault
from tests.patience import SLOWNESS

STEPS = int(os.environ.get("FAULT_STEPS") or 3)
"""How many steps of a verb are tried for each who is killed."""
pytestmark = [pytest.mark.kernel, pytest.mark.timeout(int((120 + STEPS * 10) * SLOWNESS))]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    place = Scene(tmp_path_factory.mktemp("killing"))
    yield place
    place.close()


def spread(count: int, most: int) -> list[int]:
    """Return at most so many of *count* steps, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(index * (count - 1) / max(1, most - 1)) for index in range(most)})


@pytest.mark.parametrize(("name", "verb"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_killed_at_any_step(scene: Scene, name: str, verb: str) -> None:
    victim = VICTIMS[name][verb]
    container_id = scene.prepare(verb)
    whole = scene.do(verb, container_id, victim, Fault())
    assert whole.answer is not None
    assert "ok" in whole.answer, whole.answer
    scene.check(verb, container_id, whole)
    mended: Counter[str] = Counter()
    for step in spread(len(whole.calls), STEPS):
        container_id = scene.prepare(verb)
        outcome = scene.do(verb, container_id, victim, Fault(step=step))
        try:
            mended.update(scene.check(verb, container_id, outcome))
        except AssertionError as error:
            before = outcome.calls[-1] if outcome.calls else "anything"
            error.add_note(f"{name} killed in {verb} before call {step}, {before}: {outcome}")
            raise
    scene.expect_no_helpers_but_the_bystanders()
    print(name, verb, len(whole.calls), "calls, mended:", dict(mended))


def test_a_monitor_whose_spawner_dies_before_it_has_its_id_ends(scene: Scene) -> None:
    victim = VICTIMS["spawner"]["create"]
    # A fork, then the word that the id is the monitor's.
    counted = frozenset(("clone", "clone3", "fork", "sendmsg"))
    container_id = scene.prepare("create")
    calls = scene.do("create", container_id, victim, Fault(counted=counted)).calls
    scene.discard(container_id)
    assert calls[-1] == "sendmsg"
    fault = Fault(step=len(calls) - 1, counted=counted)
    outcome = scene.do("create", scene.prepare("create"), victim, fault)
    assert outcome.answer is not None
    assert outcome.answer["error"][0] == "Unavailable"
    scene.mend()
    scene.expect_no_helpers_but_the_bystanders()

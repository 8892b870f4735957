"""`inspect --timeline`: tables of steps with hooks beneath."""

from __future__ import annotations

from tuicontainer.cli.timeline_text import timeline_text
from tuicontainer.supervise.timelines import HookStep, Operation, Step


def test_steps_stand_in_a_table_and_hooks_beneath() -> None:
    create = Operation(
        operation="create", instance=2, began_ns=0, duration_us=12_345, error="hook\x1b failed",
        steps=(
            Step(step="plan", process="runtime", start_us=0, duration_us=1_200),
            Step(step="mount proc", process="init", start_us=1_200, duration_us=11_000),
        ),
        hooks=(
            HookStep(kind="prestart", index=0, path="/h", start_us=1, duration_us=5_000, status=3,
                     error="exit status 3", stderr="no\nluck\n"),
            HookStep(kind="prestart", index=1, path="/i", start_us=1, duration_us=40, status=0),
        ),
    )  # fmt: skip
    assert timeline_text("web", [create]).splitlines() == [
        "web",
        "",
        "create instance 2: 12.3 ms",
        "failed: hook� failed",
        "         AT         TOOK  PROCESS  STEP",
        "     0.0 ms       1.2 ms  runtime  plan",
        "     1.2 ms      11.0 ms  init     mount proc",
        "prestart hook #0 `/h`: exit status 3, 5.0 ms",
        "  no",
        "  luck",
        "prestart hook #1 `/i`: exit status 0, 0.0 ms",
    ]


def test_without_times_it_says_so() -> None:
    assert timeline_text("web", []) == "web: no times are known of this instance\n"

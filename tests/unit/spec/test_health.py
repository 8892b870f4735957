"""Health checks: from annotations to a check, from its results to a status."""

from __future__ import annotations

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.health import PREFIX, Health, HealthCheck, health_check_of


def of(**given: str) -> HealthCheck | None:
    return health_check_of(
        {PREFIX + name.replace("_", "-"): value for name, value in given.items()}
    )


def test_no_annotation_no_check() -> None:
    assert health_check_of({"org.example.health.cmd": "true"}) is None
    assert of(cmd="none", interval="3") is None


def test_every_annotation() -> None:
    assert of(cmd="test -e /x") == HealthCheck(args=("/bin/sh", "-c", "test -e /x"))
    assert of(
        cmd='["/bin/probe", "a b"]',
        interval="0.5s",
        timeout="2",
        start_period="0",
        retries="5",
        on_failure="restart",
    ) == HealthCheck(
        args=("/bin/probe", "a b"),
        interval=0.5,
        timeout=2.0,
        start_period=0.0,
        retries=5,
        action="restart",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cmd", "[1]"), ("cmd", "[]"), ("cmd", "[x"), ("interval", "0"), ("interval", "soon"),
        ("interval", "nan"), ("timeout", "-1"), ("timeout", "1e9"), ("retries", "0"),
        ("retries", "x"), ("on_failure", "pray"), ("colour", "red"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        of(**{"cmd": "true", name: value})
    assert f"{PREFIX}{name.replace('_', '-')}" in caught.value.message


CHECK = HealthCheck(args=("x",), retries=2, start_period=10)


def after(*results: tuple[bool, float]) -> Health:
    health = Health()
    for succeeded, seconds in results:
        health = health.after(CHECK, succeeded=succeeded, seconds=seconds)
    return health


def test_failures_in_a_row_make_it_unhealthy_and_a_success_healthy() -> None:
    assert after((False, 11)) == Health(status="starting", failures=1)
    assert after((False, 11), (False, 12)).status == "unhealthy"
    assert after((True, 1), (False, 2)) == Health(status="healthy", failures=1)
    assert after((True, 1), (False, 2), (False, 3)).status == "unhealthy"
    assert after((False, 11), (False, 12), (True, 13)) == Health(status="healthy", failures=0)


def test_early_failures_do_not_count_before_the_first_success() -> None:
    assert after((False, 1), (False, 2), (False, 9)) == Health()
    assert after((False, 1), (False, 10.5)) == Health(failures=1)

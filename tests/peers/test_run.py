"""`run` of Docker and Podman: streams, statuses, and what their flags bring about inside."""

from __future__ import annotations

import pytest

from tests.peers.engine import Engine

PRIVILEGES = "sed -n 's/^CapEff:.//p; s/^NoNewPrivs:.//p; s/^Seccomp:.//p' /proc/self/status"


def test_output_errors_and_status_come_back(engine: Engine) -> None:
    done = engine.run(command=("sh", "-c", "echo out; echo err >&2; exit 3"))
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 3)


def test_input_goes_in(engine: Engine) -> None:
    done = engine.run("--interactive", command=("sed", "s/a/b/"), input="a cat\n")
    assert (done.stdout, done.returncode) == ("b cat\n", 0)


MISSING = "executable file not found in $PATH"


@pytest.mark.parametrize(
    ("program", "status", "text"),
    [
        ("no-such-program", 127, MISSING),
        ("/no/such/file", 127, "no such file or directory"),
        ("/etc", 126, "permission denied"),
    ],
)
def test_a_program_that_cant_start_has_its_status(
    engine: Engine, program: str, status: int, text: str
) -> None:
    done = engine.run(command=(program,))
    assert done.returncode == status, done.stderr
    assert text in done.stderr


FLAGS = [
    (["--user=guest"], "id -u; id -g", "1000\n1001\n"),
    (["--user=1234:5678"], "id -u; id -g", "1234\n5678\n"),
    (["--user=guest", "--group-add=4321"], "id -G", "1001 2000 4321\n"),
    (["--workdir=/tmp"], "pwd", "/tmp\n"),
    (["--env=A=b c"], "echo $A", "b c\n"),
    (["--hostname=named"], "hostname", "named\n"),
    (["--cap-drop=all"], PRIVILEGES, "0000000000000000\n0\n2\n"),
    (["--cap-drop=all", "--cap-add=chown"], PRIVILEGES, "0000000000000001\n0\n2\n"),
    (["--security-opt=no-new-privileges"], PRIVILEGES + " | sed -n 2p", "1\n"),
    (["--security-opt=seccomp=unconfined"], PRIVILEGES + " | sed -n 3p", "0\n"),
    (["--read-only"], "touch /x 2>&1 || :", "touch: /x: Read-only file system\n"),
    (["--read-only", "--tmpfs=/t:size=64k"], "touch /t/x && ls /t", "x\n"),
    (["--sysctl=kernel.msgmax=4321"], "cat /proc/sys/kernel/msgmax", "4321\n"),
    # Left out, podman would raise the number of processes, for which some hosts lack the right.
    (
        ["--ulimit=nofile=100:200", "--ulimit=nproc=90:300"],
        "ulimit -n; ulimit -Hn; sed -n 's/Max processes *//p' /proc/self/limits | head -c 6",
        "100\n200\n90    ",
    ),
    (["--shm-size=1m"], "df /dev/shm | sed -n 's/shm *\\([0-9]*\\).*/\\1/p'", "1024\n"),
    (["--device=/dev/null:/dev/other"], "echo x > /dev/other && ls /dev/other", "/dev/other\n"),
    (["--oom-score-adj=345"], "cat /proc/self/oom_score_adj", "345\n"),
    (["--add-host=far:10.1.2.3"], "sed -n 's/.far//p' /etc/hosts", "10.1.2.3\n"),
]


@pytest.mark.parametrize(
    ("flags", "script", "output"), FLAGS, ids=[" ".join(row[0]) for row in FLAGS]
)
def test_a_flag_reaches_the_container(
    engine: Engine, flags: list[str], script: str, output: str
) -> None:
    assert engine.shell(script, *flags) == output

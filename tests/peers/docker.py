"""dockerd with the runtime under test as its default."""

from __future__ import annotations

from tests.peers.engine import Engine, await_true
from tests.peers.ground import HOME

_STATES = f"{HOME}/exec/runtime-runc/moby"


class Docker(Engine):
    """A daemon and its containerd; its clients are told its socket by the environment."""

    program = "docker"
    needed = (("dockerd", "docker.io"), ("docker", "docker.io"), ("containerd", "containerd"))

    def begin(self) -> None:
        log = self.folder / "dockerd.log"
        self.ground.environment["DOCKER_HOST"] = f"unix://{HOME}/docker.sock"
        self.daemon = self.ground.begin(
            log,
            "dockerd",
            f"--data-root={HOME}/docker",
            f"--exec-root={HOME}/exec",
            f"--pidfile={HOME}/docker.pid",
            f"--host=unix://{HOME}/docker.sock",
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
            "--ip-forward=false",
            "--ip-masq=false",
            f"--cgroup-parent={self.ground.cgroup_parent}",
            "--exec-opt=native.cgroupdriver=cgroupfs",
            f"--add-runtime=peer={self.runtime}",
            "--default-runtime=peer",
        )

        def answers() -> bool:
            assert self.daemon.poll() is None, log.read_text()
            return self.call("version").returncode == 0

        await_true(answers, "dockerd answers")

    def states(self) -> list[str]:
        listed = self.ground.call("ls", _STATES).stdout.split()
        return [name for name in listed if not name.startswith("~")]

    def close(self) -> None:
        super().close()
        self.daemon.wait(timeout=10)

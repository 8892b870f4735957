"""podman and conmon with the runtime under test."""

from __future__ import annotations

import os
import shutil

from tests.peers.engine import Engine
from tests.peers.ground import HOME, PATH

_CONFIGURATION = """
[containers]
log_driver = "k8s-file"
init_path = "{init}"

[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime_supports_json = ["{name}"]
runtime_supports_nocgroup = ["{name}"]

[engine.runtimes]
{name} = ["{runtime}"]
"""

_ACCEPT_ANYTHING = '{"default": [{"type": "insecureAcceptAnything"}]}'


class Podman(Engine):
    """No daemon: each command finds the others' containers in the ground's folders."""

    program = "podman"
    needed = (("podman", "podman"), ("conmon", "conmon"))
    removing = ("--time=0",)

    def begin(self) -> None:
        self.name = os.path.basename(self.runtime)
        configuration = self.folder / "containers.conf"
        init = shutil.which(self.init, path=PATH) or ""
        text = _CONFIGURATION.format(name=self.name, runtime=self.runtime, init=init)
        configuration.write_text(text)
        self.ground.environment |= {
            "CONTAINERS_CONF": str(configuration),
            # Without systemd there is no timer for health checks; asked for, they run.
            "DISABLE_HC_SYSTEMD": "true",
        }
        policy = f"{HOME}/.config/containers/policy.json"
        self.ground.ok("mkdir", "-p", os.path.dirname(policy))
        self.ground.ok("tee", policy, input=_ACCEPT_ANYTHING)

    def line(self, *words: str) -> tuple[str, ...]:
        roots = (f"--root={HOME}/storage", f"--runroot={HOME}/storage-run")
        return (self.program, *roots, f"--tmpdir={HOME}/libpod", f"--runtime={self.name}", *words)

    def making(self, verb: str, *flags: str) -> list[str]:
        if "--cgroups=disabled" not in flags:
            flags = (f"--cgroup-parent={self.ground.cgroup_parent}", *flags)
        return super().making(verb, *flags)

    def states(self) -> list[str]:
        state_root = f"/run/{self.name}"
        listed = self.ground.call("ls", state_root).stdout.split()
        return [name for name in listed if not name.startswith("~")]

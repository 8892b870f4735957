"""Where things are: the state root, the data root, and what lies inside them.

    state root (volatile)           /run/tuicontainer, or --root
        ~engine/                    not a legal container id, so it never collides
            spawner.sock  spawner.lock
        <id>/                       one folder a container, 0700
            state.json  lock        the runtime's; written under the container's flock
            gate  gate.result       FIFOs between `start` and the waiter
            monitor.sock            the monitor's
            stdin stdout stderr     FIFOs, unless the container has a terminal
    data root (durable)             /var/lib/tuicontainer, or --data-root
        bundles/                    the person's own bundles
        shipped/<name>/             shipped bundles with their assembled root filesystems
        roots/<root key>/           what belongs to one state root
            journal                 lifecycle events, one JSON object a line
            containers/<id>/        record.json config.json log log.1 … health.json last_sample.json

Sources: DESIGN of the project; XDG base directory specification for users without root.
"""

from __future__ import annotations

import os

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Locations(Record):
    """One state root with its data root. All paths are absolute."""

    state_root: str
    data_root: str
    cgroup_scope: str = ""
    """Control group of the scope that systemd keeps for this state root, from the hierarchy's root;
    only its spawner and monitors know, and it is empty where systemd isn't asked."""

    @property
    def root_key(self) -> str:
        """A short name of the state root, the same in every process: `run` for the default."""
        if self.state_root == "/run/tuicontainer":
            return "run"
        import zlib  # 2 ms that the default root never pays

        last = os.path.basename(self.state_root) or "root"
        return f"{last[:32]}-{zlib.crc32(os.fsencode(self.state_root)):08x}"

    @property
    def engine_dir(self) -> str:
        """Folder of the spawner's socket and lock."""
        return os.path.join(self.state_root, "~engine")

    @property
    def root_data_dir(self) -> str:
        """Folder of all durable things that belong to this state root."""
        return os.path.join(self.data_root, "roots", self.root_key)

    @property
    def journal(self) -> str:
        """The event journal."""
        return os.path.join(self.root_data_dir, "journal")

    @property
    def containers_dir(self) -> str:
        """Folder of the containers' records."""
        return os.path.join(self.root_data_dir, "containers")

    @property
    def cgroup_parent(self) -> str:
        """Control group above this state root's containers, from the hierarchy's root."""
        return f"{self._cgroup_home}/c"

    @property
    def engine_cgroup(self) -> str:
        """Control group of the spawner and the monitors."""
        return f"{self._cgroup_home}/engine"

    @property
    def _cgroup_home(self) -> str:
        return self.cgroup_scope or f"/tuicontainer/{self.root_key}"

    def container_state_dir(self, container_id: str) -> str:
        """Folder of a container's volatile state."""
        return os.path.join(self.state_root, container_id)

    def container_data_dir(self, container_id: str) -> str:
        """Folder of a container's record, config snapshot and logs."""
        return os.path.join(self.containers_dir, container_id)

    def deleted_data_dir(self, container_id: str) -> str:
        """Folder in which the record of a deleted container waits for a change of mind."""
        return os.path.join(self.root_data_dir, "deleted", container_id)


def default_locations(
    *,
    root: str | None = None,
    data_root: str | None = None,
    environment: Mapping[str, str] | None = None,
    uid: int | None = None,
) -> Locations:
    """Return the locations to use: argument, else environment, else the default for this user.

    Args:
        root: the value of `--root`.
        data_root: the value of `--data-root`.
        environment: where `TUICONTAINER_ROOT`, `TUICONTAINER_DATA_ROOT` and the XDG variables are
            looked up; the process's own by default.
        uid: whose defaults; the effective user's by default.
    """
    env = os.environ if environment is None else environment
    user = os.geteuid() if uid is None else uid
    if user == 0:
        default_root, default_data = "/run/tuicontainer", "/var/lib/tuicontainer"
    else:
        runtime_dir = env.get("XDG_RUNTIME_DIR") or f"/tmp/tuicontainer-{user}"
        home = env.get("XDG_DATA_HOME") or os.path.join(env.get("HOME", "/"), ".local/share")
        default_root = os.path.join(runtime_dir, "tuicontainer")
        default_data = os.path.join(home, "tuicontainer")
    return Locations(
        state_root=os.path.abspath(root or env.get("TUICONTAINER_ROOT") or default_root),
        data_root=os.path.abspath(data_root or env.get("TUICONTAINER_DATA_ROOT") or default_data),
    )


def shipped_dir(kind: str) -> str:
    """Return the folder of shipped `bundles` or `themes`: in the wheel, else in the checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    in_wheel = os.path.join(package, "shipped", kind)
    return in_wheel if os.path.isdir(in_wheel) else os.path.join(os.path.dirname(package), kind)


def invoking_ids(env: Mapping[str, str]) -> tuple[int, int]:
    """Return user and group of whoever started us; sudo's SUDO_UID and SUDO_GID count for root."""
    uid, gid = env.get("SUDO_UID", ""), env.get("SUDO_GID", "")
    if os.geteuid() == 0 and uid.isdigit() and gid.isdigit():
        return int(uid), int(gid)
    return os.geteuid(), os.getegid()

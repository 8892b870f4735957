"""Rules on files: the root file system, what is mounted, what the program is told.

Sources: config.md#mounts, mount(8), and those that each rule names. Whether a path is really what
it says can't be told from text: these rules compare names.
"""

from __future__ import annotations

from tuicontainer.spec.lint.rule import CIS, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuicontainer.spec.config import Config, Mount
    from tuicontainer.spec.lint.rule import Places

_SENSITIVE = (
    "/boot",
    "/dev",
    "/etc",
    "/proc",
    "/root",
    "/run",
    "/sys",
    "/usr",
    "/var/lib",
    "/var/run",
)
_BORROWED = ("/usr", "/etc/alternatives", "/etc/terminfo")
"""Harmless when they are read-only: programs, and links to them."""
_HARMLESS = tuple(
    f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "ptmx")
)
"""Devices that every container has."""
_SOCKETS = (
    "docker.sock", "containerd.sock", "crio.sock", "podman.sock", "cri-dockerd.sock",
    "spawner.sock", "monitor.sock",
)  # fmt: skip
_ENGINES = ("/run/tuicontainer", "/run/containerd", "/run/podman", "/run/crio", "/run/docker")
_SHARED = ("shared", "rshared")
_SECRETS = (
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "CREDENTIAL",
)


def _binds(config: Config) -> Iterator[tuple[int, Mount, str]]:
    """Yield the bind mounts, each with its place in the list and its source without `//`."""
    for index, mount in enumerate(config.mounts):
        source = mount.source or ""
        if source.startswith("/") and {"bind", "rbind"} & {mount.type, *mount.options}:
            yield index, mount, "/" + source.strip("/")


def _is_writable(mount: Mount) -> bool:
    return not {"ro", "rro"} & set(mount.options)


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _writable_root(config: Config) -> Places:
    if not config.root.readonly:
        yield "root.readonly", "false"


def _root_outside(config: Config) -> Places:
    path = config.root.path
    if path == "/" or ".." in path.split("/"):
        yield "root.path", path


def _host_folders(config: Config) -> Places:
    for index, mount, source in _binds(config):
        if _is_socket(source):
            continue
        borrowed = any(_below(source, each) for each in _BORROWED) and not _is_writable(mount)
        sensitive = any(_below(source, each) for each in _SENSITIVE)
        whole = source in ("/", "/home", "/var")
        if whole or (
            sensitive and not borrowed and source not in _HARMLESS and _is_writable(mount)
        ):
            yield f"mounts[{index}].source", source


def _engine_sockets(config: Config) -> Places:
    for index, _, source in _binds(config):
        if _is_socket(source):
            yield f"mounts[{index}].source", source


def _is_socket(source: str) -> bool:
    place = source.removeprefix("/var") if source.startswith("/var/run/") else source
    return source.endswith(_SOCKETS) or any(_below(place, each) for each in _ENGINES)


def _shared_propagation(config: Config) -> Places:
    if config.linux.rootfs_propagation in _SHARED:
        yield "linux.rootfsPropagation", str(config.linux.rootfs_propagation)
    for index, mount in enumerate(config.mounts):
        words = [word for word in mount.options if word in _SHARED]
        if words:
            yield f"mounts[{index}].options", f"{mount.destination} {words[0]}"


def _set_id_files(config: Config) -> Places:
    for index, mount in enumerate(config.mounts):
        bound = bool({"bind", "rbind"} & {mount.type, *mount.options})
        if not (bound or mount.type == "tmpfs") or not _is_writable(mount):
            continue
        words = ["nosuid"] if mount.destination.rstrip("/") == "/dev" else ["nosuid", "nodev"]
        missing = [word for word in words if not {word, f"r{word}"} & set(mount.options)]
        if missing:
            yield f"mounts[{index}].options", f"{mount.destination} without {' '.join(missing)}"


def _cwd_by_descriptor(config: Config) -> Places:
    process = config.process
    if process is not None:
        steps = [step for step in process.cwd.split("/") if step]
        if steps[:1] == ["proc"] and "fd" in steps[2:3]:
            yield "process.cwd", process.cwd


def _told_secrets(config: Config) -> Places:
    for index, entry in enumerate(() if config.process is None else config.process.env):
        name, _, value = entry.partition("=")
        if value and not value.startswith("/") and name.upper().endswith(_SECRETS):
            # The value stays where it is: findings are printed and logged.
            yield f"process.env[{index}]", name


def _login_server(config: Config) -> Places:
    if config.process is not None:
        program = config.process.args[0].rpartition("/")[2]
        if program in ("sshd", "dropbear", "telnetd"):
            yield "process.args[0]", program


def _own_hooks(config: Config) -> Places:
    """Yield hooks whose program the container can replace, as far as names tell."""
    if not config.root.path.startswith("/"):
        return
    root = config.root.path.rstrip("/")
    for name, hooks in (
        ("prestart", config.hooks.prestart),
        ("createRuntime", config.hooks.create_runtime),
        ("createContainer", config.hooks.create_container),
        ("poststart", config.hooks.poststart),
        ("poststop", config.hooks.poststop),
    ):
        for index, hook in enumerate(hooks):
            if root and _below(hook.path, root):
                yield f"hooks.{name}[{index}].path", hook.path


RULES = (
    Rule(
        id="root-writable",
        severity="low",
        meaning="Whoever breaks in can replace the container's programs, and they stay replaced",
        remedy="set `root.readonly` to true and mount a tmpfs where it must write",
        source=f"{CIS} 5.12; config.md#root",
        find=_writable_root,
    ),
    Rule(
        id="root-outside",
        severity="high",
        meaning="The root file system is the host's, or lies outside of the bundle",
        remedy="keep it in the bundle, by convention in `rootfs`",
        source="bundle.md; config.md#root",
        find=_root_outside,
    ),
    Rule(
        id="mount-host",
        severity="high",
        meaning="A folder that the host depends on can be changed, or all of it be read",
        remedy="mount just what is needed, with `ro`, or copy it",
        source=f"{CIS} 5.5",
        find=_host_folders,
    ),
    Rule(
        id="mount-engine-socket",
        severity="high",
        meaning="Who reaches the socket of an engine or runtime starts containers with any rights",
        remedy="leave the mount out",
        source=f"{CIS} 5.31",
        find=_engine_sockets,
    ),
    Rule(
        id="mount-shared",
        severity="medium",
        meaning="What is mounted in the container appears on the host",
        remedy="use `rslave` or `rprivate`",
        source=f"{CIS} 5.19; mount_namespaces(7)",
        find=_shared_propagation,
    ),
    Rule(
        id="mount-set-id",
        severity="low",
        meaning="A program that is written there can carry the set-user-ID bit or be a device",
        remedy="add `nosuid` and `nodev` to the mount's options",
        source="mount(8), nosuid and nodev",
        find=_set_id_files,
    ),
    Rule(
        id="cwd-descriptor",
        severity="high",
        meaning="The working directory is a descriptor: with a leaky runtime, the host's files",
        remedy="name a folder of the container",
        source="CVE-2024-21626",
        find=_cwd_by_descriptor,
    ),
    Rule(
        id="env-secret",
        severity="medium",
        meaning="A secret lies in config.json, in the record and in /proc/PID/environ",
        remedy="mount a file that holds it and name the file in the environment",
        source=f"{CIS} 4.10; proc(5) environ",
        find=_told_secrets,
    ),
    Rule(
        id="login-server",
        severity="low",
        meaning="A login server has passwords and holes of its own",
        remedy="use `tuicontainer exec`",
        source=f"{CIS} 5.6",
        find=_login_server,
    ),
    Rule(
        id="hook-in-root",
        severity="high",
        meaning="The host's root runs a program that the container can replace",
        remedy="keep hooks outside of the root file system",
        source="config.md#posix-platform-hooks; CVE-2025-23266",
        find=_own_hooks,
    ),
)

"""All commands of the drop-in runtime with their flags: runc's, for what this version does.

Flags that callers pass and this version can't honour are known by name and refused by it.
Source: runc 1.1 to 1.5 command line (main.go, create.go, run.go, exec.go, …).
"""

from __future__ import annotations

from tuicontainer.cli.oci.flags import Command, Flag

GLOBAL_FLAGS = (
    Flag(names=("root",), value="DIR", help="folder of the containers' states"),
    Flag(
        names=("log",),
        value="TARGET",
        help="where messages go: a file, `file:PATH`, `journald:NAME` or `syslog:NAME`",
    ),
    Flag(
        names=("log-format",),
        value="FORMAT",
        help="`text` (default) or `json`",
        choices=("text", "json"),
    ),
    Flag(
        names=("log-level",),
        value="LEVEL",
        help="least urgent messages to write: `error`, `warning` (default) or `debug`",
        choices=("error", "warning", "debug"),
    ),
    Flag(names=("debug",), help="also say how long each step took"),
    Flag(names=("systemd-cgroup",), help="let systemd make the control groups"),
    Flag(
        names=("cgroup-manager",),
        value="NAME",
        help="who makes them: `cgroupfs` (default), `systemd`, or nobody: `disabled`",
        choices=("cgroupfs", "systemd", "disabled"),
    ),
    Flag(names=("criu",), value="PATH", help="ignored, as by runc 1.2: PATH is searched for it"),
    Flag(
        names=("rootless",),
        value="BOOL",
        help="`auto` (default), `false`, or `true`",
        choices=("auto", "false", "true"),
    ),
    Flag(names=("help", "h", "?"), help="show help"),
    Flag(names=("version", "v"), help="print the version"),
)

_CONSOLE_SOCKET = Flag(
    names=("console-socket",), value="SOCKET", help="Unix socket that gets the terminal's master"
)
_PIDFD_SOCKET = Flag(
    names=("pidfd-socket",), value="SOCKET", help="Unix socket that gets a pidfd of the process"
)
_PID_FILE = Flag(names=("pid-file",), value="FILE", help="file to write the process id to")
_PRESERVE = Flag(
    names=("preserve-fds",), value="N", number=True, help="pass N more descriptors after 2"
)
_DETACH = Flag(names=("detach", "d"), help="don't wait for the process's end")
_CREATE = (
    Flag(names=("bundle", "b"), value="DIR", help="the bundle; default: the working folder"),
    Flag(names=("config", "f"), value="FILE", help="instead of the bundle's config.json"),
    _CONSOLE_SOCKET,
    _PIDFD_SOCKET,
    _PID_FILE,
    Flag(names=("no-pivot",), help="move the root instead of pivoting (initramfs)"),
    Flag(names=("no-new-keyring",), help="keep the caller's session keyring"),
    _PRESERVE,
)
_CRIU = (
    Flag(names=("image-path",), value="DIR", help="the images; default: ./checkpoint"),
    Flag(names=("work-path",), value="DIR", help="criu's log; default: with the images"),
    Flag(names=("tcp-established",), help="take open TCP connections along"),
    Flag(names=("ext-unix-sk",), help="allow Unix sockets that lead outside"),
    Flag(names=("shell-job",), help="allow a terminal of the caller's"),
    Flag(names=("file-locks",), help="take file locks along"),
    Flag(names=("lazy-pages",), help="move memory when it is needed (userfaultfd)"),
    Flag(
        names=("manage-cgroups-mode",),
        value="MODE",
        help="`soft`, `full`, `strict` or `ignore`",
        choices=("soft", "full", "strict", "ignore"),
    ),
    Flag(names=("empty-ns",), value="NAME", repeated=True, help="leave out what `network` has"),
    Flag(names=("auto-dedup",), help="keep no page of memory twice"),
)
_REGEX = Flag(names=("regex", "r"), help="CONTAINER-ID is a regular expression: all that match")

COMMANDS = (
    Command(
        name="create",
        usage="[options] CONTAINER-ID",
        help="make a container whose program waits for `start`",
        flags=_CREATE,
        module="create",
    ),
    Command(
        name="run",
        usage="[options] CONTAINER-ID",
        help="create and start a container, wait for its end, delete it",
        flags=(
            *_CREATE,
            _DETACH,
            Flag(names=("keep",), help="don't delete the container after its end"),
            Flag(names=("no-subreaper",), help="don't become the parent of orphaned processes"),
        ),
        module="run",
    ),
    Command(
        name="start",
        usage="CONTAINER-ID",
        help="run the program of a created container",
        states=("created",),
        module="start",
    ),
    Command(
        name="state",
        usage="CONTAINER-ID",
        help="print the container's state as JSON",
        module="state",
    ),
    Command(
        name="kill",
        usage="[options] CONTAINER-ID [SIGNAL]",
        help="send a signal (default TERM) to the container's first process",
        flags=(Flag(names=("all", "a"), help="send it to all processes"), _REGEX),
        arguments=(1, 2),
        states=("created", "running", "paused"),
        module="kill",
    ),
    Command(
        name="delete",
        usage="[options] CONTAINER-ID",
        help="remove a stopped container",
        flags=(Flag(names=("force", "f"), help="kill it first if it runs"), _REGEX),
        states=("created", "stopped"),
        module="delete",
    ),
    Command(
        name="list",
        usage="[options]",
        help="list the containers",
        flags=(
            Flag(
                names=("format", "f"),
                value="FORMAT",
                help="`table` (default) or `json`",
                choices=("table", "json"),
            ),
            Flag(names=("quiet", "q"), help="only ids"),
        ),
        arguments=(0, 0),
        module="list",
    ),
    Command(
        name="ps",
        usage="[options] CONTAINER-ID [PS-OPTIONS]",
        help="list the container's processes",
        flags=(
            Flag(
                names=("format", "f"),
                value="FORMAT",
                help="`table` (default) or `json`",
                choices=("table", "json"),
            ),
        ),
        arguments=(1, None),
        states=("created", "running", "paused"),
        module="ps",
    ),
    Command(
        name="exec",
        usage="[options] CONTAINER-ID [COMMAND…]",
        help="run another program in the container",
        flags=(
            _CONSOLE_SOCKET,
            _PIDFD_SOCKET,
            Flag(names=("cwd",), value="DIR", help="working folder in the container"),
            Flag(names=("env", "e"), value="NAME=VALUE", repeated=True, help="add a variable"),
            Flag(names=("tty", "t"), help="give it a terminal"),
            Flag(names=("user", "u"), value="UID[:GID]", help="as whom"),
            Flag(names=("additional-gids", "g"), value="GID", repeated=True, help="one more group"),
            Flag(names=("process", "p"), value="FILE", help="process.json with all of it"),
            _DETACH,
            _PID_FILE,
            Flag(names=("process-label",), value="LABEL", help="its SELinux context"),
            Flag(names=("apparmor",), value="PROFILE", help="its AppArmor profile"),
            Flag(names=("no-new-privs",), help="set-user-id programs grant nothing"),
            Flag(names=("cap", "c"), value="CAP", repeated=True, help="one more capability"),
            _PRESERVE,
            Flag(
                names=("cgroup",),
                value="[CTRL:]PATH",
                repeated=True,
                help="a control group inside the container's, which must be there",
            ),
            Flag(names=("ignore-paused",), help="in a paused container too; it waits there"),
        ),
        arguments=(1, None),
        states=("created", "running"),
        module="exec",
    ),
    Command(
        name="pause",
        usage="CONTAINER-ID",
        help="freeze all processes of the container",
        states=("created", "running"),
        module="pause",
    ),
    Command(
        name="resume",
        usage="CONTAINER-ID",
        help="let a paused container go on",
        states=("paused",),
        module="pause",
    ),
    Command(
        name="update",
        usage="[options] CONTAINER-ID",
        help="change the limits of a container",
        flags=(
            Flag(
                names=("resources", "r"),
                value="FILE",
                help="JSON of `linux.resources`, or `-` for standard input; alone then",
            ),
            Flag(names=("blkio-weight",), value="N", help="weight of block I/O, 10 to 1000"),
            Flag(names=("cpu-period",), value="USECS", help="CFS period"),
            Flag(names=("cpu-quota",), value="USECS", help="CPU time in each period, -1: no limit"),
            Flag(names=("cpu-burst",), value="USECS", help="unused CPU time that may be saved up"),
            Flag(names=("cpu-share",), value="N", help="weight of CPU time, 2 to 262144"),
            Flag(names=("cpu-rt-period",), value="USECS", help="realtime period"),
            Flag(names=("cpu-rt-runtime",), value="USECS", help="realtime CPU time in each period"),
            Flag(names=("cpu-idle",), value="0|1", help="1: only otherwise idle CPU time"),
            Flag(names=("cpuset-cpus",), value="LIST", help="CPUs it may use, such as 0-2,7"),
            Flag(names=("cpuset-mems",), value="LIST", help="memory nodes it may use"),
            Flag(names=("memory",), value="BYTES", help="memory, such as 64m; -1: no limit"),
            Flag(names=("memory-reservation",), value="BYTES", help="soft limit of memory"),
            Flag(names=("memory-swap",), value="BYTES", help="memory and swap together"),
            Flag(names=("kernel-memory",), value="BYTES", help="ignored: kernels have it no more"),
            Flag(names=("kernel-memory-tcp",), value="BYTES", help="ignored"),
            Flag(names=("pids-limit",), value="N", help="processes and threads; -1: no limit"),
            Flag(names=("l3-cache-schema",), value="L3:0=ff", help="shares of the caches"),
            Flag(names=("mem-bw-schema",), value="MB:0=50", help="shares of memory bandwidth"),
        ),
        states=("created", "running", "paused"),
        module="update",
    ),
    Command(
        name="events",
        usage="[options] CONTAINER-ID",
        help="print the container's counters and its processes killed for want of memory",
        flags=(
            Flag(names=("interval",), value="DURATION", help="between two prints; default: 5s"),
            Flag(names=("stats",), help="print the counters once"),
        ),
        states=("created", "running", "paused"),
        module="events",
    ),
    Command(
        name="spec",
        usage="[options]",
        help="write a config.json to begin with",
        flags=(
            Flag(names=("bundle", "b"), value="DIR", help="where; default: the working folder"),
            Flag(names=("rootless",), help="for a container of an unprivileged user"),
        ),
        arguments=(0, 0),
        module="spec",
    ),
    Command(
        name="mounts",
        usage="add|remove CONTAINER-ID FILE",
        help="add mounts to a running container, or remove them",
        arguments=(3, 3),
        states=("running",),
        module="mounts",
    ),
    Command(
        name="checkpoint",
        usage="[options] CONTAINER-ID",
        help="save a running container by criu, and delete it",
        flags=(
            *_CRIU,
            Flag(names=("parent-path",), value="DIR", help="images of a pre-dump, from the others"),
            Flag(names=("leave-running",), help="let the container go on"),
            Flag(names=("pre-dump",), help="save only memory, and let the container go on"),
            Flag(names=("page-server",), value="ADDRESS:PORT", help="who takes the memory's pages"),
            Flag(names=("status-fd",), value="FD", help="gets a NUL when lazy pages can be asked"),
            Flag(names=("tcp-skip-in-flight",), help="skip TCP connections that are being made"),
            Flag(names=("link-remap",), help="save files that are open but deleted"),
        ),
        states=("running", "paused"),
        module="checkpoint",
    ),
    Command(
        name="restore",
        usage="[options] CONTAINER-ID",
        help="make a container of what `checkpoint` has saved",
        flags=(
            Flag(
                names=("bundle", "b"), value="DIR", help="the bundle; default: the working folder"
            ),
            *_CRIU,
            _CONSOLE_SOCKET,
            _DETACH,
            _PID_FILE,
            Flag(names=("no-subreaper",), help="don't become the parent of orphaned processes"),
            Flag(names=("no-pivot",), help="refused: criu only pivots"),
            Flag(names=("lsm-profile",), value="TYPE:NAME", help="another security label"),
            Flag(names=("lsm-mount-context",), value="LABEL", help="another label of mounts"),
        ),
        module="restore",
    ),
    Command(
        name="features",
        usage="",
        help="print what this runtime can do, as JSON",
        arguments=(0, 0),
        module="features",
    ),
)
"""In the order of the help text."""

MAKERS = ("create", "run", "restore")
"""Commands whose CONTAINER-ID is a new one."""


def find_command(name: str) -> Command | None:
    """Return the command of this name, or None."""
    return next((command for command in COMMANDS if command.name == name), None)

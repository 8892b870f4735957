"""The guest's disk: Debian with systemd, Python and our test packages, built once and cached.

    kernel      vmlinuz out of the distribution's cloud kernel package; nothing is installed here
    initrd      our own: a static busybox and the modules that find a virtio disk
    root.ext4   debootstrap's minimal system, plus the packages that the tests import

The folder's name carries a digest of everything that decides its content, so a changed pin or a
changed line in this room builds anew and a second run builds nothing. Network is needed only then.

Sources: debootstrap(8), initramfs `buffer-format.rst` (the cpio newc format), modules.dep(5),
mke2fs(8) for `-d`.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONSTRAINTS = os.path.join(CHECKOUT, ".make", "constraints.txt")
GUEST_FILES = os.path.join(CHECKOUT, "tests", "vm", "guest")

SUITE = "bookworm"
KERNEL_PACKAGE = "linux-image-cloud-amd64"
GUEST_PACKAGES = (
    "apparmor", "busybox-static", "criu", "crun", "dbus", "iproute2", "kmod", "libpam-systemd",
    "procps", "python3", "runc", "strace", "systemd", "systemd-sysv", "tmux", "uidmap",
)  # fmt: skip
# What the kernel and contract tiers import; the screen's packages would only make the disk larger.
TEST_PACKAGES = (
    "hypothesis", "jsonschema", "psutil", "pytest", "pytest-asyncio", "pytest-timeout",
    "referencing", "watchfiles",
)  # fmt: skip
INITRD_MODULES = ("virtio_pci", "virtio_blk")


class Image(NamedTuple):
    """Paths of a built guest."""

    kernel: str
    initrd: str
    disk: str


def missing() -> str:
    """Say in one line what this host lacks to build or run the guest; empty when nothing."""
    if os.uname().machine != "x86_64":
        return f"the guest is x86-64 only, and this is {os.uname().machine}"
    if os.geteuid() != 0:
        return "debootstrap needs root"
    needed = {
        "qemu-system-x86_64": "qemu-system-x86",
        "debootstrap": "debootstrap",
        "mkfs.ext4": "e2fsprogs",
        "apt-get": "apt",
    }
    lacking = [package for program, package in needed.items() if shutil.which(program) is None]
    if lacking:
        return f"package {' and '.join(lacking)} not installed (CI=true make test installs it)"
    if subprocess.run(
        ["apt-cache", "show", KERNEL_PACKAGE], capture_output=True, check=False
    ).returncode:
        return f"apt knows no {KERNEL_PACKAGE}, which only Debian has"
    return ""


def cache_dir() -> str:
    """Return the folder that keeps built guests between runs."""
    chosen = os.environ.get("TUICONTAINER_VM_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return chosen or os.path.join(base, "tuicontainer-vm")


def ensure_image() -> Image:
    """Return the guest, building it when its digest isn't in the cache (one to three minutes).

    Raises:
        CalledProcessError: a step failed; its output is on stderr.
    """
    os.makedirs(cache_dir(), exist_ok=True)
    folder = os.path.join(cache_dir(), _digest())
    image = Image(
        kernel=os.path.join(folder, "vmlinuz"),
        initrd=os.path.join(folder, "initrd"),
        disk=os.path.join(folder, "root.ext4"),
    )
    with _lock():
        if not os.path.isdir(folder):
            with tempfile.TemporaryDirectory(prefix="building-", dir=cache_dir()) as work:
                _build(work)
                os.makedirs(os.path.join(work, "image"), exist_ok=True)
                os.rename(os.path.join(work, "image"), folder)
            _drop_older_than(folder)
    return image


def _digest() -> str:
    """Name the content: this file, what is copied in, the pins and the list of packages."""
    digest = hashlib.sha256()
    copied = (os.path.join(GUEST_FILES, name) for name in ("init", "tests.service"))
    for name in (os.path.abspath(__file__), CONSTRAINTS, *copied):
        with open(name, "rb") as file:
            digest.update(file.read())
    digest.update(repr(_requirements()).encode())
    return f"{SUITE}-{digest.hexdigest()[:16]}"


def _requirements() -> list[str]:
    """Return the requirement of each test package as pyproject.toml writes it."""
    with open(os.path.join(CHECKOUT, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)
    lines = project["project"]["dependencies"] + project["dependency-groups"]["test"]
    by_name = {re.split(r"[=<>!~\[ ]", line)[0]: line for line in lines}
    return [by_name[name] for name in TEST_PACKAGES]


@contextmanager
def _lock() -> Iterator[None]:
    """Let one process build at a time."""
    with open(os.path.join(cache_dir(), "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _drop_older_than(kept: str) -> None:
    """Remove guests of other digests: a gigabyte each, and nobody asks for them again."""
    for entry in os.scandir(cache_dir()):
        if entry.is_dir() and entry.path != kept and entry.name.startswith(f"{SUITE}-"):
            shutil.rmtree(entry.path)


def _build(work: str) -> None:
    root, image = os.path.join(work, "root"), os.path.join(work, "image")
    os.makedirs(image)
    mirror = _mirror()
    _say(f"installing a minimal {SUITE} from {' '.join(mirror) or 'the public archive'}")
    included = ",".join(GUEST_PACKAGES)
    _run(["debootstrap", "--variant=minbase", f"--include={included}", SUITE, root, *mirror])
    version = _add_kernel(work, root, image)
    _write_initrd(os.path.join(image, "initrd"), root, version)
    _add_test_packages(root)
    _add_guest_files(root)
    shutil.rmtree(os.path.join(root, "var/cache/apt"), ignore_errors=True)
    _say("writing the disk")
    _run(["mkfs.ext4", "-q", "-d", root, os.path.join(image, "root.ext4"), "2G"])


def _mirror() -> list[str]:
    """Return the archive that this host's apt uses for the guest's suite, if it has one.

    Without one debootstrap uses the suite's public archive.
    """
    answer = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    for line in answer.stdout.splitlines():
        codename, _, uri = line.partition(" ")
        if codename == SUITE:
            return [uri]
    return []


def _add_kernel(work: str, root: str, image: str) -> str:
    """Unpack the kernel package beside the root; return the kernel's version."""
    _say("fetching the cloud kernel")
    depends = _output(["apt-cache", "depends", "--no-recommends", "--no-suggests", KERNEL_PACKAGE])
    found = re.search(r"Depends: (linux-image-(\S+))", depends)
    if not found:
        raise RuntimeError(f"apt knows no `{KERNEL_PACKAGE}`; `apt-get update` may help")
    package, version = found.groups()
    _run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package], cwd=work)
    (archive,) = (name for name in os.listdir(work) if name.endswith(".deb"))
    unpacked = os.path.join(work, "kernel")
    _run(["dpkg-deb", "-x", os.path.join(work, archive), unpacked])
    shutil.copy(
        os.path.join(unpacked, "boot", f"vmlinuz-{version}"), os.path.join(image, "vmlinuz")
    )
    os.makedirs(os.path.join(root, "lib/modules"), exist_ok=True)
    shutil.copytree(
        os.path.join(unpacked, "lib/modules", version), os.path.join(root, "lib/modules", version)
    )
    _run(["chroot", root, "depmod", version])
    return version


def _write_initrd(path: str, root: str, version: str) -> None:
    """Write an initrd that loads the disk's driver, mounts the root and hands over to systemd."""
    modules = os.path.join(root, "lib/modules", version)
    with open(os.path.join(modules, "modules.dep")) as file:
        depends = dict(line.rstrip("\n").split(":", 1) for line in file)
    paths = {os.path.basename(name).split(".")[0]: name for name in depends}
    # modules.dep lists what a module needs, the first to load last.
    ordered: list[str] = []
    for module in INITRD_MODULES:
        for name in [*reversed(depends[paths[module]].split()), paths[module]]:
            if name not in ordered:
                ordered.append(name)
    with gzip.open(path, "wb", compresslevel=1) as archive:
        for folder in ("dev", "proc", "newroot", "modules"):
            archive.write(_cpio_entry(folder, 0o40755, b""))
        for place, source, mode in (
            ("init", os.path.join(GUEST_FILES, "init"), 0o100755),
            ("busybox", os.path.join(root, "bin/busybox"), 0o100755),
            *(
                (f"modules/{number:02}", os.path.join(modules, name), 0o100644)
                for number, name in enumerate(ordered)
            ),
        ):
            with open(source, "rb") as file:
                archive.write(_cpio_entry(place, mode, file.read()))
        archive.write(_cpio_entry("TRAILER!!!", 0, b""))


def _cpio_entry(name: str, mode: int, content: bytes) -> bytes:
    """Return one member of a newc archive: thirteen 8-digit fields, name, content, padded to 4."""
    fields = (0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + content + b"\0" * (-len(content) % 4)


def _add_test_packages(root: str) -> None:
    """Install our test packages for the guest's own Python, which needn't be the host's version."""
    version = _output(
        ["chroot", root, "python3", "-c", "import sys;print('%d.%d'%sys.version_info[:2])"]
    )
    _say(f"installing the test packages for Python {version}")
    target = os.path.join(root, "opt/site-packages")
    options = ["--quiet", "--target", target, "--constraint", CONSTRAINTS]
    # pip installs for another Python than its own only what needs no compiler.
    options += ["--python-version", version, "--only-binary=:all:"]
    _run([sys.executable, "-m", "pip", "install", *options, *_requirements()])


def _add_guest_files(root: str) -> None:
    """Put our service in; a login prompt on the console would mix with the tests' output."""
    units = os.path.join(root, "etc/systemd/system")
    shutil.copy(os.path.join(GUEST_FILES, "tests.service"), units)
    os.symlink("../tests.service", os.path.join(units, "multi-user.target.wants/tests.service"))
    for unit in (
        "serial-getty@ttyS0.service", "getty@tty1.service", "e2scrub_reap.service",
        "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer",
    ):  # fmt: skip
        os.symlink("/dev/null", os.path.join(units, unit))


def _say(what: str) -> None:
    print(f"vm: {what}", file=sys.stderr, flush=True)


def _run(command: list[str], cwd: str | None = None) -> None:
    """Run a build step; its output is shown only if it fails."""
    done = subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace")[-8000:])
        done.check_returncode()


def _output(command: list[str]) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

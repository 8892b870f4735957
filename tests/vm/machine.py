"""One boot of the guest: the checkout goes in on a disk, the tests run, the report comes out.

Disks are raw tar archives, so neither side needs a shared file system or a network: `vda` is the
image (changes are thrown away), `vdb` the checkout, `vdc` an empty one that the guest fills.
The processor is emulated (`-accel tcg`), which works on every host, nested or not; set
TUICONTAINER_VM_ACCEL=kvm where the hardware may be used.

Sources: qemu-system-x86_64(1).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import threading
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from tests.vm.image import CHECKOUT

if TYPE_CHECKING:
    from tests.vm.image import Image

REPORT_DISK_SIZE = 16 << 20
SENT = ("tuicontainer", "tests", "bundles", "themes", "pyproject.toml", "README.md")
FORWARDED = ("RUNTIME", "TUICONTAINER_COMPARING")
"""Variables that the tests in the guest see as they are here."""
# Without mitigations, since every entry to the kernel would flush what the emulator has translated.
# Five levels of page tables, access checks of the kernel's own and wide registers to save at each
# switch cost it time as well: a third of all in sum.
KERNEL_OPTIONS = (
    "root=/dev/vda rootfstype=ext4 console=ttyS0 quiet systemd.show_status=0 mitigations=off"
)
EMULATED_PROCESSOR = "max,-la57,-smap,-smep,-xsave,-avx,-avx2,-erms"


class GuestReport(NamedTuple):
    """What one boot brought back."""

    status: int | None
    """pytest's exit status; None when the guest never got as far."""
    junit: bytes
    console: str


def run_in_guest(
    image: Image, arguments: list[str], *, timeout: float, echo: bool = False
) -> GuestReport:
    """Boot the guest, run `pytest *arguments` in it as root, and return what came out.

    Args:
        image: the built guest.
        arguments: pytest's, relative to the checkout.
        timeout: seconds until the machine is switched off.
        echo: copy the console to our stdout while it runs.
    """
    with tempfile.TemporaryDirectory(prefix="tuicontainer-vm-") as folder:
        checkout, report = os.path.join(folder, "checkout.tar"), os.path.join(folder, "report")
        _pack_checkout(checkout, arguments)
        with open(report, "wb") as file:
            file.truncate(REPORT_DISK_SIZE)
        console = _boot(_command(image, checkout, report), timeout=timeout, echo=echo)
        status, junit = _read_report(report)
        return GuestReport(status=status, junit=junit, console=console)


def _pack_checkout(path: str, arguments: list[str]) -> None:
    def without_caches(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if "__pycache__" in member.name or "/snapshots/" in member.name else member

    with tarfile.open(path, "w") as archive:
        for name in SENT:
            archive.add(os.path.join(CHECKOUT, name), arcname=name, filter=without_caches)
        variables = [f"{name}={os.environ[name]}" for name in FORWARDED if name in os.environ]
        for name, lines in (("guest-environment", variables), ("guest-arguments", arguments)):
            text = "".join(f"{line}\n" for line in lines).encode()
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, BytesIO(text))
    with open(path, "ab") as file:  # a disk is whole sectors
        file.truncate((os.path.getsize(path) + 511) // 512 * 512)


def _command(image: Image, checkout: str, report: str) -> list[str]:
    accelerator = os.environ.get("TUICONTAINER_VM_ACCEL") or "tcg,thread=multi"
    processor = EMULATED_PROCESSOR if accelerator.startswith("tcg") else "host"
    # Nothing that a guest writes is worth waiting for: it is thrown away, or read at the end.
    drives = (
        (image.disk, "snapshot=on,cache=unsafe"),
        (checkout, "readonly=on"),
        (report, "cache=unsafe"),
    )
    return [
        "qemu-system-x86_64",
        *("-accel", accelerator, "-cpu", processor, "-smp", "2", "-m", "2048"),
        *("-display", "none", "-serial", "stdio", "-monitor", "none", "-nic", "none"),
        "-no-reboot",
        *("-kernel", image.kernel, "-initrd", image.initrd),
        *("-append", KERNEL_OPTIONS),
        *(
            word
            for path, extra in drives
            for word in ("-drive", f"file={path},format=raw,if=virtio,{extra}")
        ),
    ]


def _boot(command: list[str], *, timeout: float, echo: bool) -> str:
    """Run the machine until it switches itself off or *timeout* has passed; return its console."""
    # Whatever ends us ends the machine: else an interrupt would leave it running.
    tied = ["setpriv", "--pdeathsig", "KILL", "--"]
    machine = subprocess.Popen(
        [*tied, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert machine.stdout is not None
    switch_off = threading.Timer(timeout, machine.kill)
    switch_off.start()
    console = bytearray()
    try:
        while chunk := os.read(machine.stdout.fileno(), 4096):
            console += chunk
            if echo:
                sys.stdout.write(chunk.decode(errors="replace"))
                sys.stdout.flush()
    finally:
        switch_off.cancel()
        machine.kill()
        machine.wait()
        machine.stdout.close()
    return console.decode(errors="replace").replace("\r\n", "\n")


def _read_report(path: str) -> tuple[int | None, bytes]:
    try:
        with tarfile.open(path) as archive:
            files = {
                member.name: archive.extractfile(member) for member in archive if member.isfile()
            }
            content = {name: file.read() for name, file in files.items() if file is not None}
    except tarfile.ReadError:  # still empty
        return None, b""
    status = content.get("./status")
    return (int(status) if status else None), content.get("./junit.xml", b"")

"""How code that works on a container's files names them: by descriptors, with few exceptions.

The container's root filesystem is hostile, and so is what it may mount. Each call that takes a path
the process looks up by itself is listed here with the reason why it can't be led astray; a new one
fails this test, and so does an entry that nobody needs any more.
"""

from __future__ import annotations

import ast

from tests.unit.house.checkout import python_files, read

ROOMS = ("tuicontainer/runtime/rootfs/", "tuicontainer/runtime/process/")
NAMES = {
    "open", "stat", "lstat", "mkdir", "makedirs", "readlink", "chmod", "chown", "lchown", "symlink",
    "link", "mknod", "mkfifo", "listdir", "scandir", "rename", "replace", "unlink", "remove",
    "rmdir", "removedirs", "truncate", "utime", "access", "chdir", "chroot", "walk", "exists",
    "lexists", "isdir", "isfile", "islink", "ismount", "realpath", "samefile", "getsize", "statvfs",
}  # fmt: skip
HOST = "on the host, before the change of root"
FIXED = "our own root or working folder, whatever they are"
READ = "the runtime's own /proc, only read"
PROGRAM = "as the program will do it: with its identity, when nothing of ours is open any more"
ALLOWED = {
    "rootfs/copy_up.py: listdir(source)": "a descriptor",
    "rootfs/copy_up.py: utime(copy)": "a descriptor",
    "rootfs/devices.py: open(self.path)": HOST,
    "rootfs/links.py: open(self.source)": HOST,
    "rootfs/masks.py: open('/dev/null')": f"{HOST}; the device's number is checked",
    "rootfs/mountinfo.py: open('/proc/self/mountinfo')": READ,
    "rootfs/switch.py: open(mount.point)": HOST,
    "rootfs/switch.py: open('/')": FIXED,
    "rootfs/switch.py: chdir('/')": FIXED,
    "rootfs/switch.py: chroot('.')": FIXED,
    "rootfs/workspace.py: open('/')": FIXED,
    "rootfs/workspace.py: open(self._plan.root)": HOST,
    "process/credentials.py: chdir(cwd)": f"{PROGRAM}; what was reached is checked",
    "process/descriptors.py: open('/dev/null')": "what was opened is looked at before it is used",
    "process/enter.py: chroot('.')": FIXED,
    "process/enter.py: stat(f'/proc/{pid}/ns/{name}')": READ,
    "process/enter.py: stat(f'/proc/self/ns/{name}')": READ,
    "process/enter.py: open('/')": FIXED,
    "process/environment.py: open('/')": FIXED,
    "process/identity.py: open(_BOOT_ID)": READ,
    "process/identity.py: open(f'/proc/{pid}/stat')": READ,
    "process/init.py: open('/')": FIXED,
    "process/labels.py: exists(f'/proc/{own}')": READ,
    "process/labels.py: open(_APPARMOR_ENABLED)": HOST,
    "process/labels.py: open(_SELINUXFS)": HOST,
    "process/labels.py: open('/')": FIXED,
    "process/lookup.py: stat(path)": PROGRAM,
    "process/lookup.py: access(path)": PROGRAM,
    "process/mapped_mounts.py: open(f'/proc/{pid}/ns/user')": READ,
    "process/namespaces.py: open(path)": f"{HOST}; that it is a namespace is checked",
    "process/namespaces.py: stat(f'/proc/self/ns/{name}')": READ,
    "process/procfs.py: open('/proc')": f"{HOST}; that it is a procfs is checked",
    "process/shared_mounts.py: open(path)": f"{HOST}; that it is a namespace is checked",
    "process/shared_mounts.py: chroot('.')": FIXED,
    "process/spawn.py: chdir(cwd)": "of a hook, on the host",
    "process/sysctl.py: samefile(namespace.path)": HOST,
}


def named_files() -> set[str]:
    """Return the calls in these rooms that take a path and no folder's descriptor."""
    found = set()
    for path in python_files("tuicontainer/runtime"):
        if not path.startswith(ROOMS):
            continue
        for node in ast.walk(ast.parse(read(path))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            function = ast.unparse(node.func)
            name = function.rpartition(".")[2]
            ours = function == "open" or function.startswith("os.")
            by_folder = any(word.arg in ("dir_fd", "src_dir_fd") for word in node.keywords)
            if ours and name in NAMES and not by_folder:
                place = path.removeprefix("tuicontainer/runtime/")
                found.add(f"{place}: {name}({ast.unparse(node.args[0])})")
    return found


def test_files_of_containers_are_named_by_descriptors() -> None:
    assert named_files() - ALLOWED.keys() == set()


def test_every_exception_is_still_needed() -> None:
    assert ALLOWED.keys() - named_files() == set()


def test_the_runtime_writes_procfs_in_one_place_only() -> None:
    """`process/procfs.py`, by descriptors: no path that begins in /proc is opened for writing."""
    writers = set()
    for path in python_files("tuicontainer/runtime"):
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("open", "os.open"):
                text = ast.unparse(node)
                begins = text.partition("(")[2].lstrip("f'\"").startswith("/proc/")
                if begins and any(mark in text for mark in ("O_WRONLY", "O_RDWR", "'w", "'a")):
                    writers.add(path)
    assert writers == set()

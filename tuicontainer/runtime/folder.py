"""The state folder of one container: state.json, the lock, the config snapshot, the gate.

state.json is replaced by a rename, so that readers, who take no lock, see the old or the new one
and never half of it. Operations that change something hold an exclusive flock on `lock`; the kernel
gives it back when its holder dies. The state root is volatile, so nothing is fsynced.
Sources: rename(2), flock(2).
"""

from __future__ import annotations

import fcntl
import os
from errno import EEXIST, ENOTEMPTY

from tuicontainer.errors import AlreadyExists, Internal, NotFound, describe_failure
from tuicontainer.jsontext import dumps, loads
from tuicontainer.runtime.instance import Instance, instance_from_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

_STATE = "state.json"
_CONFIG = "config.json"
_LOCK = "lock"
_ROOT_MODE = 0o711
# Without the sticky bit it may be cleaned up, as anything below XDG_RUNTIME_DIR (XDG base
# directory specification).
_USERS_ROOT_MODE = 0o1700


class StateFolder:
    """A container's folder in the state root, held by a descriptor."""

    __slots__ = ("_lock", "fd", "path")

    def __init__(self, path: str, fd: int) -> None:
        self.path = path
        self.fd = fd
        self._lock = -1

    @classmethod
    def make(cls, root: str, container_id: str) -> Self:
        """Make the folder, locked; the state root too if it is missing.

        Raises:
            AlreadyExists: the id is taken.
            TuiContainerError: the folder can't be made.
        """
        path = os.path.join(root, container_id)
        try:
            os.makedirs(root, _ROOT_MODE if os.geteuid() == 0 else _USERS_ROOT_MODE, exist_ok=True)
            os.mkdir(path, 0o700)
        except OSError as error:
            if error.errno == EEXIST and os.path.lexists(path):
                raise AlreadyExists(
                    "container with given ID already exists",
                    hint=f"`{container_id}` is taken: choose another id, or delete that one",
                ) from error
            raise describe_failure(error, while_=f"making the state folder of `{path}`") from error
        fd = -1
        try:
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            folder = cls(path, fd)
            folder._take_lock(os.O_CREAT)
        except OSError as error:
            if fd >= 0:
                os.close(fd)
            os.rmdir(path)
            raise describe_failure(error, while_=f"locking the state folder `{path}`") from error
        return folder

    @classmethod
    def open(cls, root: str, container_id: str, *, locked: bool = True) -> Self:
        """Open the folder of an existing container; waits for the lock if *locked*.

        Raises:
            NotFound: no such container, or it vanished while we waited.
        """
        path = os.path.join(root, container_id)
        try:
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise does_not_exist(container_id) from error
        except OSError as error:
            raise describe_failure(
                error, while_=f"opening the state of `{container_id}`"
            ) from error
        folder = cls(path, fd)
        if locked:
            try:
                folder._take_lock(0)
                # Whoever held the lock before may have deleted the container.
                os.stat(_LOCK, dir_fd=fd)
            except FileNotFoundError as error:
                folder.close()
                raise does_not_exist(container_id) from error
        return folder

    def read(self) -> Instance:
        """Return what state.json holds.

        Raises:
            NotFound: there is none (yet).
            Internal: it isn't ours.
        """
        try:
            document = self._read_json(_STATE)
        except FileNotFoundError as error:
            raise does_not_exist(os.path.basename(self.path)) from error
        return instance_from_document(document)

    def write(self, instance: Instance) -> None:
        """Replace state.json.

        Raises:
            OSError: the file system refused; the old one is still there.
        """
        self._write_json(_STATE, instance.to_document())

    def read_config(self) -> dict[str, Any]:
        """Return the snapshot of config.json that was taken at create.

        Raises:
            OSError: it can't be read.
        """
        return self._read_json(_CONFIG)

    def write_config(self, document: dict[str, Any]) -> None:
        """Keep a snapshot of config.json.

        Raises:
            OSError: the file system refused.
        """
        self._write_json(_CONFIG, document)

    def make_folder(self, name: str) -> None:
        """Make a folder in it, for sockets that the container sees through a mount.

        Raises:
            OSError: the file system refused.
        """
        # Its mode must not depend on the caller's umask: the container's user is another.
        os.mkdir(name, dir_fd=self.fd)
        os.chmod(name, 0o755, dir_fd=self.fd)  # noqa: S103 - only the socket in it is for others

    def remove(self) -> None:
        """Remove the folder with everything in it, the lock last.

        Others may make files here, such as the monitor its socket; they aren't ours to refuse.

        Raises:
            OSError: the file system refused.
        """
        names = [name for name in os.listdir(self.fd) if name != _LOCK]
        for name in (*names, _LOCK):
            try:
                os.unlink(name, dir_fd=self.fd)
            except FileNotFoundError:
                continue
            except IsADirectoryError:
                self._remove_folder(name)
        try:
            os.rmdir(self.path)
        except OSError as error:
            if error.errno != ENOTEMPTY:
                raise
            self.remove()

    def _remove_folder(self, name: str) -> None:
        fd = os.open(
            name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self.fd
        )
        try:
            for each in os.listdir(fd):
                os.unlink(each, dir_fd=fd)
        finally:
            os.close(fd)
        os.rmdir(name, dir_fd=self.fd)

    def close(self) -> None:
        """Give back the lock and close the folder."""
        for fd in (self._lock, self.fd):
            if fd >= 0:
                os.close(fd)
        self._lock = self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take_lock(self, flags: int) -> None:
        self._lock = os.open(_LOCK, os.O_RDWR | os.O_CLOEXEC | flags, 0o600, dir_fd=self.fd)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def _read_json(self, name: str) -> dict[str, Any]:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.fd)
        with open(fd, "rb") as file:
            content = file.read()
        try:
            document = loads(content)
        except ValueError as error:
            raise Internal(f"`{self.path}/{name}` is not JSON: {error}") from error
        if not isinstance(document, dict):
            raise Internal(f"`{self.path}/{name}` is not a JSON object")
        return document

    def _write_json(self, name: str, document: dict[str, Any]) -> None:
        new = f".{name}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        fd = os.open(new, flags, 0o600, dir_fd=self.fd)
        try:
            try:
                rest = memoryview(dumps(document).encode())
                while rest:
                    # A disk that is nearly full takes a part, and says so only at the next call.
                    rest = rest[os.write(fd, rest) :]
            finally:
                os.close(fd)
            os.rename(new, name, src_dir_fd=self.fd, dst_dir_fd=self.fd)
        except BaseException:
            os.unlink(new, dir_fd=self.fd)
            raise


def does_not_exist(container_id: str) -> NotFound:
    """Return the error that other programs match by its text."""
    return NotFound("container does not exist", hint=f"there is no container `{container_id}` here")

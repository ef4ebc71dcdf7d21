"""Who Postgres runs as: it refuses to be root, and servers in containers often are.

An ordinary user runs it as themselves. Root hands it to `nobody` (or to whoever owns the data already)
when that user can reach the binaries and the data, and otherwise puts it into a user namespace, in which
our root is nobody: files stay root's, Postgres sees no root. No account is made, no directory is opened.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

NOBODY: Final = 65534
CLONE_NEWUSER: Final = 0x10000000
PR_SET_PDEATHSIG: Final = 1


class NoIdentity(Exception):
    """Postgres can't be run by anybody here. The message says what to change."""


@dataclass(frozen=True, slots=True)
class Identity:
    """How to start a child so that Postgres accepts it. Without a uid: as ourselves."""

    uid: int | None = None
    gid: int | None = None
    in_namespace: bool = False

    def run(
        self, command: Sequence[str | Path], *, words: str | None = None, at: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end, with `words` on its standard input; answers what it said and its exit code.

        `at` is entered as that user, so it proves that they can reach it.
        """
        return subprocess.run(  # noqa: S603 - our own binaries, no shell
            command,
            input=words or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._arguments(_preparation(self.in_namespace, at=at)),
        )

    def spawn(self, command: Sequence[str | Path], output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start in a session of its own; it gets SIGINT when the calling *thread* ends, however it ends."""
        return subprocess.Popen(  # noqa: S603 - our own binaries, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **self._arguments(_preparation(self.in_namespace, dies_with=os.getpid())),
        )

    def own(self, root: Path) -> None:
        """Make `root` and all below it theirs, where it is not: an earlier run may have been another's."""
        if os.geteuid() != 0:
            return
        uid, gid = self.uid or 0, self.gid or 0
        if root.stat().st_uid != uid:
            for path in (root, *root.rglob("*")):
                os.chown(path, uid, gid, follow_symlinks=False)

    def _arguments(self, preparation: Callable[[], None]) -> dict[str, Any]:
        # A bare environment: no PGDATA, PGPORT or locale of the person who typed the command.
        kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
        arguments: dict[str, Any] = {
            "env": {"LC_ALL": "C", "TZ": "UTC"} | kept,
            "umask": 0o077,
            "preexec_fn": preparation,
        }
        if self.uid is not None:
            arguments |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return arguments


def choose(postgres: Path, data_dir: Path, cluster: Path) -> Identity:
    """The one to run `postgres` on `cluster`, a directory inside `data_dir` that may not exist yet.

    Raises NoIdentity.
    """
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise NoIdentity(f"{cluster} belongs to user {owner.st_uid}: run kith as that user, or as root")
        return Identity()
    namespace = Identity(in_namespace=True)
    if owner is None or owner.st_uid == 0:
        candidates = [Identity(NOBODY, NOBODY), namespace]
    else:
        candidates = [Identity(owner.st_uid, owner.st_gid), namespace]
    if owner is not None and owner.st_uid == 0:
        candidates.reverse()  # a namespace was used before: stay with it where it still works
    for candidate in candidates:
        if _works(candidate, postgres, data_dir):
            return candidate
    raise NoIdentity(
        "Postgres does not run as root, and nobody else can run it here. One of these helps: start kith "
        f"as an ordinary user; let everybody pass through the directories above {data_dir} and "
        f"{postgres.parent} (chmod o+x); allow user namespaces; or set database.url to another server"
    )


def _works(candidate: Identity, postgres: Path, data_dir: Path) -> bool:
    """Try it for real: permissions have more sources (ACLs, mounts, seccomp) than we could read."""
    try:
        return candidate.run([postgres, "--version"], at=data_dir).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _preparation(
    in_namespace: bool, *, dies_with: int | None = None, at: Path | None = None
) -> Callable[[], None]:
    """What the child does between fork and exec, after its user was changed."""
    libc = ctypes.CDLL(None, use_errno=True)  # loaded before the fork: the child must not take locks
    uid, gid = os.geteuid(), os.getegid()

    def prepare() -> None:
        if in_namespace:
            _enter_namespace(libc, uid, gid)
        if at is not None:
            os.chdir(at)
        if dies_with is not None and platform.system() == "Linux":
            # After the user changed, which would have cleared it.
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
            if os.getppid() != dies_with:
                os._exit(1)  # the parent was gone before the kernel knew that we care

    return prepare


def _enter_namespace(libc: ctypes.CDLL, uid: int, gid: int) -> None:
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, line in (
        ("setgroups", "deny"),  # the kernel wants it before gid_map, user_namespaces(7)
        ("uid_map", f"{NOBODY} {uid} 1"),
        ("gid_map", f"{NOBODY} {gid} 1"),
    ):
        handle = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(handle, line.encode())
        os.close(handle)

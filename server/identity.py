"""Who Postgres runs as: it refuses to be root, and servers in containers often are.

An ordinary user runs it as themselves. Root hands it to `nobody` (or to whoever owns the data already)
when that user can reach the binaries and the data, and otherwise puts it into a user namespace, in which
we are nobody: files stay ours, Postgres sees no root. No account is made, no directory is opened.
"""

from __future__ import annotations

import ctypes
import os
import platform
import pwd
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

NOBODY: Final = 65534
"""The kernel's own number for nobody; what a namespace shows for users it doesn't know."""
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
    candidates = _candidates(owner)
    for candidate in candidates:
        if _works(candidate, postgres, data_dir):
            return candidate
    raise NoIdentity(
        "Postgres does not run as root, or as a user without a name, and nobody else can run it here. One "
        "of these helps: start kith as an ordinary user with an entry in /etc/passwd; let everybody pass "
        f"through the directories above {data_dir} and {postgres.parent} (chmod o+x); allow user "
        "namespaces; or set database.url to another server"
    )


def _candidates(owner: os.stat_result | None) -> list[Identity]:
    """Whom to try, the best first. `owner` is the cluster's, if there is one."""
    namespace = Identity(in_namespace=True)
    if (uid := os.geteuid()) != 0:
        if owner is not None and owner.st_uid != uid:
            raise NoIdentity(
                f"the database belongs to user {owner.st_uid}: run kith as that user, or as root"
            )
        # Some container platforms run us under a number without a name, at which initdb stops.
        return [Identity() if _has_name(uid) else namespace]
    if owner is not None and owner.st_uid == 0:
        return [namespace, _nobody()]  # a namespace was used before: stay with it where it still works
    if owner is not None and _has_name(owner.st_uid):
        return [Identity(owner.st_uid, owner.st_gid), namespace, _nobody()]
    return [_nobody(), namespace]


def _nobody() -> Identity:
    """Nobody, or on systems without one the last ordinary user that is named."""
    if _has_name(NOBODY):
        return Identity(NOBODY, pwd.getpwuid(NOBODY).pw_gid)
    named = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    return Identity(named[-1].pw_uid, named[-1].pw_gid) if named else Identity(NOBODY, NOBODY)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


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
    uid, gid, inner = os.geteuid(), os.getegid(), _nobody()

    def prepare() -> None:
        if in_namespace:
            _enter_namespace(libc, (uid, gid), (inner.uid, inner.gid))
        if at is not None:
            os.chdir(at)
        if dies_with is not None and platform.system() == "Linux":
            # After the user changed, which would have cleared it.
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
            if os.getppid() != dies_with:
                os._exit(1)  # the parent was gone before the kernel knew that we care

    return prepare


def _enter_namespace(libc: ctypes.CDLL, outer: tuple[int, int], inner: tuple[int | None, int | None]) -> None:
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, line in (
        ("setgroups", "deny"),  # the kernel wants it before gid_map, user_namespaces(7)
        ("uid_map", f"{inner[0]} {outer[0]} 1"),
        ("gid_map", f"{inner[1]} {outer[1]} 1"),
    ):
        handle = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(handle, line.encode())
        os.close(handle)

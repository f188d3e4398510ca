"""PostgreSQL refuses to run as root: find it an unprivileged account and a place which that account can reach."""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from deploy.local.errors import LauncherError
from deploy.local.processes import Identity

ACCOUNT = "pilotage-pg"
FALLBACK = "nobody"
OUTSIDE = Path("/var/tmp")  # noqa: S108 - ownership is checked before use


def unprivileged() -> Identity | None:
    """None for an ordinary user; for root an account made for it, or `nobody` where accounts cannot be made."""
    if os.geteuid() != 0:
        return None
    entry = _account(ACCOUNT) or _created(ACCOUNT) or _account(FALLBACK)
    if entry is None:
        message = (
            "PostgreSQL does not run as root and no account was found for it: start as an ordinary user."
        )
        raise LauncherError(message)
    return Identity(entry.pw_uid, entry.pw_gid)


def reaches(identity: Identity, path: Path) -> bool:
    """Whether that account can enter and read the folder, or the nearest parent that exists."""
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    test = ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", str(existing)]
    done = subprocess.run(
        test,
        check=False,
        cwd="/",
        user=identity.uid,
        group=identity.gid,
        extra_groups=[],
        capture_output=True,
    )
    return done.returncode == 0


def twin_of(folder: Path) -> Path:
    """The folder under /var/tmp which stands in for one that the account cannot reach."""
    return OUTSIDE / f"pilotage-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"


def make_twin(twin: Path) -> Path:
    """Make it; one that somebody else prepared there is refused."""
    try:
        twin.mkdir(mode=0o755)
        twin.chmod(0o755)
    except FileExistsError:
        if twin.is_symlink() or not twin.is_dir() or twin.stat().st_uid != os.geteuid():
            message = f"{twin} exists and does not belong to root: remove it and start again."
            raise LauncherError(message) from None
    return twin


def copied_once(source: Path, target: Path) -> Path:
    """Copy a tree beside and rename, unless it is there already."""
    if not target.exists():
        staging = target.with_suffix(".new")
        shutil.rmtree(staging, ignore_errors=True)
        shutil.copytree(source, staging, symlinks=True)
        _open_to_read(staging)
        staging.replace(target)
    return target


def _open_to_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _created(name: str) -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        return None
    argv = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    subprocess.run(argv, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    return _account(name)

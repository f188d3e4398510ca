"""The jars of Apache Kafka: exactly those of `kafka.lock`, each checked against its SHA-256 at every start."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import requests
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import Dependency, MavenContext
from jgo.parse import Coordinate

from deploy.local.errors import LauncherError

LOCK = Path(__file__).with_name("kafka.lock")
ROOTS = ("org.apache.kafka:kafka_2.13:4.3.1", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4")
DOWNLOADS = 8
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem")


@dataclass(frozen=True)
class Jar:
    """One line of the lock: `group:artifact:version sha256`."""

    group: str
    artifact: str
    version: str
    sha256: str

    @classmethod
    def parse(cls, line: str) -> "Jar":
        """Read a line of the lock; ValueError when it is not one."""
        coordinate, sha256 = line.split()
        group, artifact, version = coordinate.split(":")
        return cls(group, artifact, version, sha256)

    def __str__(self) -> str:
        """As written in the lock."""
        return f"{self.group}:{self.artifact}:{self.version} {self.sha256}"


def locked(lock: Path = LOCK) -> list[Jar]:
    """The jars of the lock, in class path order."""
    lines = (line.strip() for line in lock.read_text().splitlines())
    return [Jar.parse(line) for line in lines if line and not line.startswith("#")]


def class_path(cache: Path, lock: Path = LOCK) -> str:
    """Fetch what is missing from the cache, verify everything, and join it for `java -cp`."""
    context = _context(cache)
    with ThreadPoolExecutor(DOWNLOADS) as pool:
        paths = pool.map(lambda jar: _verified(context, jar), locked(lock))
        return os.pathsep.join(str(path) for path in paths)


def cached(cache: Path, lock: Path = LOCK) -> bool:
    """Whether every jar was downloaded before."""
    context = _context(cache)
    return all(_cached_path(context, jar).exists() for jar in locked(lock))


def update_lock(cache: Path, lock: Path = LOCK, roots: Sequence[str] = ROOTS) -> int:
    """Resolve the roots anew and rewrite the lock under its first line; returns the number of jars."""
    context = _context(cache)
    wanted: dict[str, Dependency] = {}
    for root in roots:
        for found in _resolved(context, root):
            wanted.setdefault(f"{found.groupId}:{found.artifactId}", found)
    jars = [_as_locked(dependency) for dependency in wanted.values()]
    header = lock.read_text().partition("\n")[0]
    lock.write_text("\n".join([header, *map(str, jars)]) + "\n")
    return len(jars)


def _context(cache: Path) -> MavenContext:
    _trust_system_certificates()
    url = os.environ.get("PILOTAGE_MAVEN_URL") or MAVEN_CENTRAL_URL
    return MavenContext(repo_cache=cache / "maven", remote_repos={"central": url}, timeout=60)


def _trust_system_certificates() -> None:
    """Requests would trust its own list only, and refuse the authority of a company's proxy."""
    bundle = next((path for path in BUNDLES if Path(path).is_file()), None)
    if bundle is not None:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", bundle)


def _resolved(context: MavenContext, root: str) -> list[Dependency]:
    """One root at a time: resolved together, the version management of one would change the jars of another."""
    group, artifact, version = root.split(":")
    coordinate = Coordinate(groupId=group, artifactId=artifact, version=version, scope="compile")
    inputs, transitive = context.resolver.resolve([context.create_dependency(coordinate)])
    return [*inputs, *(found for found in transitive if found.scope in {"compile", "runtime"})]


def _as_locked(dependency: Dependency) -> Jar:
    artifact = dependency.artifact
    return Jar(artifact.groupId, artifact.artifactId, artifact.version, _digest(artifact.resolve()))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _verified(context: MavenContext, jar: Jar) -> Path:
    """The jar in the cache; one that differs (a cut download) is fetched once more, then refused."""
    for _ in range(2):
        path = _fetched(context, jar)
        if _digest(path) == jar.sha256:
            return path
        path.unlink()
    message = (
        f"The registry serves a {jar.artifact}-{jar.version}.jar whose checksum is not the one of kafka.lock: "
        "it is refused. Check the mirror named by PILOTAGE_MAVEN_URL."
    )
    raise LauncherError(message)


def _cached_path(context: MavenContext, jar: Jar) -> Path:
    folder = context.repo_cache.joinpath(*jar.group.split("."), jar.artifact, jar.version)
    return folder / f"{jar.artifact}-{jar.version}.jar"


def _fetched(context: MavenContext, jar: Jar) -> Path:
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    try:
        return artifact.resolve()
    except (RuntimeError, requests.RequestException, OSError) as error:
        message = (
            f"The jar {jar.artifact}-{jar.version} could not be downloaded: the Maven registry does not answer. "
            "Check the network (HTTPS_PROXY), or name a mirror with PILOTAGE_MAVEN_URL, then start again."
        )
        raise LauncherError(message) from error

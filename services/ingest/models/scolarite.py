"""What each lycée says of a pupil, and what was last published of him."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.ingest.models.base import RegistreTable, champ_cle


class EleveConnu(RegistreTable, table=True):
    """What was last published of a pupil, so that only differences become events.

    ``uai``: the lycée of the effective scolarité. ``import_id``: who published last. ``homonyme``:
    HMAC of name, first name and birth date, by which two pupils who may be one are found.
    """

    __tablename__ = "eleve_connu"
    __table_args__ = (
        Index("eleve_connu_homonyme", "session", "homonyme", postgresql_where=text("homonyme IS NOT NULL")),
        Index("eleve_connu_lycee", "session", "uai"),
    )

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    identite: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    identite_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    scolarite: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    scolarite_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    import_id: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))
    homonyme: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))


class Scolarite(RegistreTable, table=True):
    """A pupil as one lycée last told him: the content of ``EleveRemonte`` without id and version.

    ``gele``: Cordées and bourse as they were at the closing of the lycée's remontée; later files do not move them.
    """

    __tablename__ = "scolarite"
    __table_args__ = (Index("scolarite_lycee", "session", "uai"),)

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    uai: str = champ_cle(Text)
    date_entree: date | None = Field(default=None, nullable=True)
    date_sortie: date | None = Field(default=None, nullable=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    contenu: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    absent_depuis: date | None = Field(default=None, nullable=True)
    gele: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))


def _quand() -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now()))


class ScolariteLocale(RegistreTable, table=True):
    """What a lycée entered itself of a pupil (``siecle.effective.Locale``): merged per field over SIECLE's."""

    __tablename__ = "scolarite_locale"
    __table_args__ = (Index("scolarite_locale_lycee", "session", "uai"),)

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    uai: str = champ_cle(Text)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    contenu: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    modifie_le: datetime = _quand()


class ScolariteHistorique(RegistreTable, table=True):
    """Every state that a local entry has had. ``contenu``: the state after the act."""

    __tablename__ = "scolarite_historique"

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    uai: str = champ_cle(Text)
    version: int = champ_cle(Integer)
    acte: str = Field(sa_column=Column(Text, nullable=False))
    contenu: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    motif: str = Field(sa_column=Column(Text, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    le: datetime = _quand()


class Tache(RegistreTable, table=True):
    """A choice that somebody has to make. ``sujet``: what it is about, one task open for each.

    ``etat``: OUVERTE, ESCALADEE (the lycées disagree), RESOLUE, CADUQUE (no longer a question).
    ``reponses``: UAI → choice, author, time.
    """

    __tablename__ = "tache"
    __table_args__ = (
        Index("tache_sujet", "session", "genre", "sujet", unique=True),
        Index("tache_eleves", "eleves", postgresql_using="gin"),
        Index("tache_lycees", "lycees", postgresql_using="gin"),
    )

    id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    genre: str = Field(sa_column=Column(Text, nullable=False))
    sujet: str = Field(sa_column=Column(Text, nullable=False))
    eleves: list[str] = Field(sa_column=Column(ARRAY(Uuid(as_uuid=False)), nullable=False))
    lycees: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    academies: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    etat: str = Field(sa_column=Column(Text, nullable=False))
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    reponses: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'{}'")))
    resolution: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    version: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("1")))
    ouverte_le: datetime = _quand()
    modifiee_le: datetime = _quand()


class Fusion(RegistreTable, table=True):
    """Two pupils who are one. ``etat``: DEMANDEE, REPRISE (aliases moved, facts to be told again), TERMINEE.

    ``attend``: imports under way when the aliases moved, which may still publish facts of the loser. ``avant``: the rows
    of both before it, by table and pupil, as long as it may be taken back. Then ANNULATION (rows given back, facts to
    be told again), ANNULEE; ``annulation``: who, when, why, and the new ids of both.
    """

    __tablename__ = "fusion"

    session: int = champ_cle(SmallInteger)
    perdant: str = champ_cle(Uuid(as_uuid=False))
    survivant: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))
    etat: str = Field(sa_column=Column(Text, nullable=False))
    attend: list[str] = Field(
        sa_column=Column(ARRAY(Uuid(as_uuid=False)), nullable=False, server_default=text("'{}'"))
    )
    faits: int | None = Field(sa_column=Column(Integer, nullable=True))
    avant: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    annulation: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    demandee_le: datetime = _quand()
    modifiee_le: datetime = _quand()


class VivierInitial(RegistreTable, table=True):
    """The pupils of the frozen base: where each was when the remontée of his lycée was closed."""

    __tablename__ = "vivier_initial"
    __table_args__ = (Index("vivier_initial_lycee", "session", "uai"),)

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    serie: str = Field(sa_column=Column(Text, nullable=False))
    le: date = Field(sa_column=Column(Date, nullable=False))


class RemonteeLycee(RegistreTable, table=True):
    """Whether the remontée of a lycée is closed, and each closing and reopening. ``bilan``: what was shown."""

    __tablename__ = "remontee"

    session: int = champ_cle(SmallInteger)
    uai: str = champ_cle(Text)
    version: int = champ_cle(Integer)
    close: bool = Field(sa_column=Column(Boolean, nullable=False))
    bilan: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    motif: str | None = Field(sa_column=Column(Text, nullable=True))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    le: datetime = _quand()

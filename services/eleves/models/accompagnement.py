"""What people do for pupils: actions, notes d’entretien, what a SAIO proposes. All of it registre."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.eleves.models.base import ElevesRegistreTable


def _texte(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(Text, nullable=nullable))


def _instant(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=nullable))


def _id(*, nullable: bool = False, primary_key: bool = False) -> Any:
    return Field(sa_column=Column(Uuid(as_uuid=False), nullable=nullable, primary_key=primary_key))


def _session() -> Any:
    return Field(sa_column=Column(SmallInteger, nullable=False))


class Action(ElevesRegistreTable, table=True):
    """Something to do for pupils of one lycée. ``assigne``: a person's name, or null: whoever has the fonction.

    ``assigne_cle``: the filter of a person, which holds no name. ``close_le``: when it ended, done or not.
    """

    __tablename__ = "action"
    __table_args__ = (Index("action_lycee", "session", "uai", "etat", "echeance"),)

    id: str = _id(primary_key=True)
    session: int = _session()
    uai: str = _texte()
    titre: str = _texte()
    genre: str = _texte()
    consigne: str | None = _texte(nullable=True)
    fonction: str = _texte()
    assigne: str | None = _texte(nullable=True)
    assigne_cle: str = _texte()
    echeance: date = Field(sa_column=Column(Date, nullable=False))
    etat: str = _texte()
    motif: str | None = _texte(nullable=True)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    proposition_id: str | None = _id(nullable=True)
    auteur: str = _texte()
    auteur_nom: str = _texte()
    cree_le: datetime = _instant()
    modifie_le: datetime = _instant()
    close_le: datetime | None = _instant(nullable=True)


class ActionEleve(ElevesRegistreTable, table=True):
    """A pupil of an action and what came of it. ``retire``: taken off; the row stays, a rebuild looks at it."""

    __tablename__ = "action_eleve"
    __table_args__ = (Index("action_eleve_eleve", "eleve_id", "session"),)

    action_id: str = _id(primary_key=True)
    eleve_id: str = _id(primary_key=True)
    session: int = _session()
    issue: str | None = _texte(nullable=True)
    precision: str | None = _texte(nullable=True)
    retire: bool = Field(sa_column=Column(Boolean, nullable=False))


class ActionCommentaire(ElevesRegistreTable, table=True):
    __tablename__ = "action_commentaire"
    __table_args__ = (Index("action_commentaire_action", "action_id", "le"),)

    id: str = _id(primary_key=True)
    session: int = _session()
    action_id: str = _id()
    texte: str = _texte()
    auteur: str = _texte()
    auteur_nom: str = _texte()
    auteur_role: str = _texte()
    le: datetime = _instant()


class ActionHistorique(ElevesRegistreTable, table=True):
    """Every state that an action had: who, when, what changed."""

    __tablename__ = "action_historique"

    action_id: str = _id(primary_key=True)
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    session: int = _session()
    acte: str = _texte()
    avant: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    apres: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    auteur: str = _texte()
    auteur_nom: str = _texte()
    le: datetime = _instant()


class Note(ElevesRegistreTable, table=True):
    """A note d’entretien on one pupil, by one author. ``visibilite``: see accompagnement.notes.domain."""

    __tablename__ = "note"
    __table_args__ = (Index("note_eleve", "session", "eleve_id"),)

    id: str = _id(primary_key=True)
    session: int = _session()
    eleve_id: str = _id()
    uai: str = _texte()
    jour: date = Field(sa_column=Column(Date, nullable=False))
    texte: str = _texte()
    visibilite: str = _texte()
    version: int = Field(sa_column=Column(Integer, nullable=False))
    auteur: str = _texte()
    auteur_nom: str = _texte()
    auteur_role: str = _texte()
    cree_le: datetime = _instant()
    modifie_le: datetime = _instant()


class NoteHistorique(ElevesRegistreTable, table=True):
    """Every state of a note; ``texte`` null: it was taken away, and its earlier texts with it."""

    __tablename__ = "note_historique"

    note_id: str = _id(primary_key=True)
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    session: int = _session()
    jour: date = Field(sa_column=Column(Date, nullable=False))
    texte: str | None = _texte(nullable=True)
    visibilite: str = _texte()
    auteur: str = _texte()
    le: datetime = _instant()


class Proposition(ElevesRegistreTable, table=True):
    """An action that a SAIO proposes to one lycée: a list and a sentence, never a pupil."""

    __tablename__ = "proposition"
    __table_args__ = (
        Index("proposition_lycee", "session", "uai", "etat"),
        Index("proposition_academie", "session", "academie"),
    )

    id: str = _id(primary_key=True)
    session: int = _session()
    uai: str = _texte()
    academie: str = _texte()
    liste: str | None = _texte(nullable=True)
    genre: str = _texte()
    phrase: str = _texte()
    echeance: date = Field(sa_column=Column(Date, nullable=False))
    etat: str = _texte()
    reponse: str | None = _texte(nullable=True)
    repondu_par: str | None = _texte(nullable=True)
    repondu_le: datetime | None = _instant(nullable=True)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    auteur: str = _texte()
    auteur_nom: str = _texte()
    cree_le: datetime = _instant()
    modifie_le: datetime = _instant()


class PropositionHistorique(ElevesRegistreTable, table=True):
    __tablename__ = "proposition_historique"

    proposition_id: str = _id(primary_key=True)
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    session: int = _session()
    etat: str = _texte()
    reponse: str | None = _texte(nullable=True)
    auteur: str = _texte()
    auteur_nom: str = _texte()
    le: datetime = _instant()

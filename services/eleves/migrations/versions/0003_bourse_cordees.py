"""Decisions on bourses, entries of Cordées, delegations; and what each was before."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
_REGISTRE = "registre"


def _sujet() -> list[sa.Column[object]]:
    return [
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
    ]


def _qui() -> list[sa.Column[object]]:
    return [
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
    ]


def _bourse() -> list[sa.Column[object]]:
    return [
        sa.Column("etat", sa.Text(), nullable=True),
        sa.Column("echelon", sa.SmallInteger(), nullable=True),
        sa.Column("piece_vue", sa.Boolean(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("texte", sa.Text(), nullable=True),
    ]


def _cordees() -> list[sa.Column[object]]:
    return [
        sa.Column("etat", sa.Text(), nullable=True),
        sa.Column("dispositif", sa.Text(), nullable=True),
        sa.Column("motif", sa.Text(), nullable=True),
    ]


def _version(*, cle: bool) -> sa.Column[object]:
    return sa.Column("version", sa.Integer(), autoincrement=False if cle else "auto", nullable=False)


def _historique() -> list[sa.Column[object]]:
    return [
        sa.Column("acte", sa.Text(), nullable=False),
        sa.Column("evenement", sa.Integer(), nullable=True),
    ]


def upgrade() -> None:
    for nom, contenu in (("bourse", _bourse), ("cordees", _cordees)):
        op.create_table(
            nom,
            *_sujet(),
            *contenu(),
            _version(cle=False),
            *_qui(),
            sa.PrimaryKeyConstraint("session", "eleve_id"),
            schema=_REGISTRE,
        )
        op.create_table(
            f"{nom}_historique",
            *_sujet(),
            _version(cle=True),
            *_historique(),
            *contenu(),
            *_qui(),
            sa.PrimaryKeyConstraint("session", "eleve_id", "version"),
            schema=_REGISTRE,
        )
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("objet", sa.Text(), nullable=False),
        sa.Column("adjoint", sa.Text(), nullable=False),
        sa.Column("nom", sa.Text(), nullable=True),
        sa.Column("debut", sa.Date(), nullable=False),
        sa.Column("fin", sa.Date(), nullable=True),
        sa.Column("donnee_par", sa.Text(), nullable=False),
        sa.Column("donnee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retiree_par", sa.Text(), nullable=True),
        sa.Column("retiree_le", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema=_REGISTRE,
    )
    op.create_index("delegation_lycee", "delegation", ["session", "uai"], unique=False, schema=_REGISTRE)


def downgrade() -> None:
    op.drop_index("delegation_lycee", table_name="delegation", schema=_REGISTRE)
    for nom in ("delegation", "cordees_historique", "cordees", "bourse_historique", "bourse"):
        op.drop_table(nom, schema=_REGISTRE)

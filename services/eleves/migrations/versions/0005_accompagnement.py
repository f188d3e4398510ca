"""Actions, notes, proposals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("titre", sa.Text(), nullable=False),
        sa.Column("genre", sa.Text(), nullable=False),
        sa.Column("consigne", sa.Text(), nullable=True),
        sa.Column("fonction", sa.Text(), nullable=False),
        sa.Column("assigne", sa.Text(), nullable=True),
        sa.Column("assigne_cle", sa.Text(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proposition_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("auteur_nom", sa.Text(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("close_le", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "action_lycee", "action", ["session", "uai", "etat", "echeance"], unique=False, schema="registre"
    )
    op.create_table(
        "action_eleve",
        sa.Column("action_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("issue", sa.Text(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=True),
        sa.Column("retire", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("action_id", "eleve_id"),
        schema="registre",
    )
    op.create_index(
        "action_eleve_eleve", "action_eleve", ["eleve_id", "session"], unique=False, schema="registre"
    )
    op.create_table(
        "action_commentaire",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("action_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("auteur_nom", sa.Text(), nullable=False),
        sa.Column("auteur_role", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "action_commentaire_action",
        "action_commentaire",
        ["action_id", "le"],
        unique=False,
        schema="registre",
    )
    op.create_table(
        "action_historique",
        sa.Column("action_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("acte", sa.Text(), nullable=False),
        sa.Column("avant", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("apres", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("auteur_nom", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("action_id", "version"),
        schema="registre",
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("jour", sa.Date(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("visibilite", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("auteur_nom", sa.Text(), nullable=False),
        sa.Column("auteur_role", sa.Text(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index("note_eleve", "note", ["session", "eleve_id"], unique=False, schema="registre")
    op.create_table(
        "note_historique",
        sa.Column("note_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("jour", sa.Date(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=True),
        sa.Column("visibilite", sa.Text(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("note_id", "version"),
        schema="registre",
    )
    op.create_table(
        "proposition",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("academie", sa.Text(), nullable=False),
        sa.Column("liste", sa.Text(), nullable=True),
        sa.Column("genre", sa.Text(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("reponse", sa.Text(), nullable=True),
        sa.Column("repondu_par", sa.Text(), nullable=True),
        sa.Column("repondu_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("auteur_nom", sa.Text(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "proposition_academie", "proposition", ["session", "academie"], unique=False, schema="registre"
    )
    op.create_index(
        "proposition_lycee", "proposition", ["session", "uai", "etat"], unique=False, schema="registre"
    )
    op.create_table(
        "proposition_historique",
        sa.Column("proposition_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("reponse", sa.Text(), nullable=True),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("auteur_nom", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("proposition_id", "version"),
        schema="registre",
    )


def downgrade() -> None:
    op.drop_table("proposition_historique", schema="registre")
    op.drop_table("proposition", schema="registre")
    op.drop_table("note_historique", schema="registre")
    op.drop_table("note", schema="registre")
    op.drop_table("action_historique", schema="registre")
    op.drop_table("action_commentaire", schema="registre")
    op.drop_table("action_eleve", schema="registre")
    op.drop_table("action", schema="registre")

"""Référentiels, calendar, life of a session."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.migrations import projection

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suivi",
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=True),
        sa.Column("etat", sa.LargeBinary(), nullable=True),
        sa.Column("formations", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("limite", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recue", sa.DateTime(timezone=True), nullable=True),
        sa.Column("a_confirmer", sa.Boolean(), nullable=True),
        sa.Column("declare", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("eleve_id"),
        schema=projection(),
    )
    op.create_index(
        "suivi_a_confirmer",
        "suivi",
        ["session", "eleve_id"],
        unique=False,
        schema=projection(),
        postgresql_where=sa.text("a_confirmer"),
    )
    op.create_index(
        "suivi_declare",
        "suivi",
        ["session", "eleve_id"],
        unique=False,
        schema=projection(),
        postgresql_where=sa.text("declare"),
    )
    op.create_index(
        "suivi_limite",
        "suivi",
        ["session", "limite"],
        unique=False,
        schema=projection(),
        postgresql_where=sa.text("limite IS NOT NULL"),
    )
    op.create_index(
        "suivi_recue",
        "suivi",
        ["session", "recue"],
        unique=False,
        schema=projection(),
        postgresql_where=sa.text("recue IS NOT NULL"),
    )
    op.create_table(
        "calendrier",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("examine", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("session"),
        schema="registre",
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("formations", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("curseur", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reemis", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("faite", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("creee_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "correction_a_faire",
        "correction",
        ["session"],
        unique=False,
        schema="registre",
        postgresql_where=sa.text("NOT faite"),
    )
    op.create_table(
        "echeance",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), autoincrement=False, nullable=False),
        sa.Column("sujet", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("session", "eleve_id", "sujet", "version", "revision"),
        schema="registre",
    )
    op.create_table(
        "etablissement",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("nom", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("departement", sa.Text(), nullable=False),
        sa.Column("academie", sa.Text(), nullable=False),
        sa.Column("secteur", sa.Text(), nullable=False),
        sa.Column("absente", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session", "uai"),
        schema="registre",
    )
    op.create_table(
        "etape",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valeur", sa.Integer(), nullable=True),
        sa.Column("retiree", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("atteinte", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("session", "code"),
        schema="registre",
    )
    op.create_table(
        "formation",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("formation_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("libelle", sa.Text(), nullable=False),
        sa.Column("etablissement", sa.Text(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=True),
        sa.Column("famille", sa.Text(), nullable=False),
        sa.Column("selective", sa.Boolean(), nullable=False),
        sa.Column("academie", sa.Text(), nullable=False),
        sa.Column("capacite", sa.Integer(), nullable=True),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("groupe", sa.Text(), nullable=True),
        sa.Column("absente", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session", "formation_id"),
        schema="registre",
    )
    op.create_table(
        "histoire",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("objet", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("cle", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contenu", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("par", sa.Text(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session", "objet", "cle", "version"),
        schema="registre",
    )
    op.create_table(
        "mef",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("mef", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mefstat11", sa.Text(), nullable=False),
        sa.Column("libelle", sa.Text(), nullable=False),
        sa.Column("fermeture", sa.Date(), nullable=True),
        sa.Column("absente", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session", "mef"),
        schema="registre",
    )
    op.create_table(
        "referentiel",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("objet", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("session", "objet"),
        schema="registre",
    )
    op.create_table(
        "vie",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("par", sa.Text(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session"),
        schema="registre",
    )
    op.create_table(
        "voeu_en_attente",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("formation_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("dossier", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("sujet", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cle", sa.SmallInteger(), nullable=False),
        sa.Column("fait", sa.LargeBinary(), nullable=False),
        sa.Column("libere_par", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("depose_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session", "formation_id", "dossier", "sujet", "sequence"),
        schema="registre",
    )
    op.create_index(
        "voeu_en_attente_libere",
        "voeu_en_attente",
        ["libere_par"],
        unique=False,
        schema="registre",
        postgresql_where=sa.text("libere_par IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "voeu_en_attente_libere",
        table_name="voeu_en_attente",
        schema="registre",
        postgresql_where=sa.text("libere_par IS NOT NULL"),
    )
    op.drop_table("voeu_en_attente", schema="registre")
    op.drop_table("vie", schema="registre")
    op.drop_table("referentiel", schema="registre")
    op.drop_table("mef", schema="registre")
    op.drop_table("histoire", schema="registre")
    op.drop_table("formation", schema="registre")
    op.drop_table("etape", schema="registre")
    op.drop_table("etablissement", schema="registre")
    op.drop_table("echeance", schema="registre")
    op.drop_index(
        "correction_a_faire",
        table_name="correction",
        schema="registre",
        postgresql_where=sa.text("NOT faite"),
    )
    op.drop_table("correction", schema="registre")
    op.drop_table("calendrier", schema="registre")
    op.drop_index(
        "suivi_recue", table_name="suivi", schema=projection(), postgresql_where=sa.text("recue IS NOT NULL")
    )
    op.drop_index(
        "suivi_limite",
        table_name="suivi",
        schema=projection(),
        postgresql_where=sa.text("limite IS NOT NULL"),
    )
    op.drop_index(
        "suivi_declare", table_name="suivi", schema=projection(), postgresql_where=sa.text("declare")
    )
    op.drop_index(
        "suivi_a_confirmer", table_name="suivi", schema=projection(), postgresql_where=sa.text("a_confirmer")
    )
    op.drop_table("suivi", schema=projection())

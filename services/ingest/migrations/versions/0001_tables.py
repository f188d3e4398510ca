"""Imports, identity, scolarités, parking."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.mechanism import create_mechanism, drop_mechanism

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_mechanism()
    op.create_table(
        "alias",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("empreinte", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("cle", sa.SmallInteger(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.PrimaryKeyConstraint("session", "empreinte"),
        schema="registre",
    )
    op.create_index("alias_eleve", "alias", ["session", "eleve_id"], unique=False, schema="registre")
    op.create_table(
        "eleve_connu",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), nullable=True),
        sa.Column("identite", sa.LargeBinary(), nullable=True),
        sa.Column("identite_version", sa.BigInteger(), nullable=False),
        sa.Column("scolarite", sa.LargeBinary(), nullable=True),
        sa.Column("scolarite_version", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("session", "eleve_id"),
        schema="registre",
    )
    op.create_table(
        "hors_perimetre",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("dossier", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("session", "dossier"),
        schema="registre",
    )
    op.create_table(
        "import",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=True),
        sa.Column("nom_fichier", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("demandeur", sa.Text(), nullable=False),
        sa.Column("confirme", sa.Boolean(), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("tentative", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("checkpoint", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("compte_rendu", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("depose_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "import_lycee", "import", ["session", "uai", "depose_le"], unique=False, schema="registre"
    )
    op.create_index(
        "import_ordre", "import", ["session", "nature", "depose_le"], unique=False, schema="registre"
    )
    op.create_table(
        "parking",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("dossier", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("sujet", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cle", sa.SmallInteger(), nullable=False),
        sa.Column("ine", sa.LargeBinary(), nullable=True),
        sa.Column("fait", sa.LargeBinary(), nullable=False),
        sa.Column("libere_par", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("depose_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session", "dossier", "sujet", "sequence"),
        schema="registre",
    )
    op.create_index(
        "parking_ine",
        "parking",
        ["session", "ine"],
        unique=False,
        schema="registre",
        postgresql_where=sa.text("ine IS NOT NULL"),
    )
    op.create_index(
        "parking_libere",
        "parking",
        ["libere_par"],
        unique=False,
        schema="registre",
        postgresql_where=sa.text("libere_par IS NOT NULL"),
    )
    op.create_table(
        "scolarite",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("date_entree", sa.Date(), nullable=True),
        sa.Column("date_sortie", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("contenu", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session", "eleve_id", "uai"),
        schema="registre",
    )
    op.create_index("scolarite_lycee", "scolarite", ["session", "uai"], unique=False, schema="registre")


def downgrade() -> None:
    op.drop_index("scolarite_lycee", table_name="scolarite", schema="registre")
    op.drop_table("scolarite", schema="registre")
    op.drop_index(
        "parking_libere",
        table_name="parking",
        schema="registre",
        postgresql_where=sa.text("libere_par IS NOT NULL"),
    )
    op.drop_index(
        "parking_ine", table_name="parking", schema="registre", postgresql_where=sa.text("ine IS NOT NULL")
    )
    op.drop_table("parking", schema="registre")
    op.drop_index("import_ordre", table_name="import", schema="registre")
    op.drop_index("import_lycee", table_name="import", schema="registre")
    op.drop_table("import", schema="registre")
    op.drop_table("hors_perimetre", schema="registre")
    op.drop_table("eleve_connu", schema="registre")
    op.drop_index("alias_eleve", table_name="alias", schema="registre")
    op.drop_table("alias", schema="registre")
    drop_mechanism()

"""Dry run, confirmation, progress, lines and rejects of the imports; pupils absent of a later file."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_IMPORT = ("essai", "confirmes", "rejeu_de", "questions", "octets_lus", "phase_le", "expire_le")


def upgrade() -> None:
    op.add_column(
        "import",
        sa.Column("essai", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="registre",
    )
    op.add_column(
        "import",
        sa.Column(
            "confirmes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        schema="registre",
    )
    op.add_column("import", sa.Column("rejeu_de", sa.Uuid(as_uuid=False), nullable=True), schema="registre")
    op.add_column(
        "import",
        sa.Column("questions", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        schema="registre",
    )
    op.add_column(
        "import",
        sa.Column("octets_lus", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        schema="registre",
    )
    op.add_column(
        "import", sa.Column("phase_le", sa.DateTime(timezone=True), nullable=True), schema="registre"
    )
    op.add_column(
        "import", sa.Column("expire_le", sa.DateTime(timezone=True), nullable=True), schema="registre"
    )
    op.create_table(
        "import_ligne",
        sa.Column("import_id", sa.Uuid(as_uuid=False), autoincrement=False, nullable=False),
        sa.Column("tentative", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("numero", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rang", sa.BigInteger(), nullable=False),
        sa.Column("gravite", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("ine", sa.Text(), nullable=True),
        sa.Column("eleve_siecle", sa.Text(), nullable=True),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("champs", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "tentative", "numero"),
        schema="registre",
    )
    op.create_index(
        "import_ligne_rang",
        "import_ligne",
        ["import_id", "tentative", "rang", "eleve_id"],
        unique=False,
        schema="registre",
    )
    op.create_table(
        "import_rejet",
        sa.Column("import_id", sa.Uuid(as_uuid=False), autoincrement=False, nullable=False),
        sa.Column("rang", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("ine", sa.Text(), nullable=True),
        sa.Column("eleve_siecle", sa.Text(), nullable=True),
        sa.Column("brut", sa.LargeBinary(), nullable=True),
        sa.Column("corrige", sa.LargeBinary(), nullable=True),
        sa.Column("etat", sa.Text(), server_default=sa.text("'A_TRAITER'"), nullable=False),
        sa.Column("essais", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejoue_par", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("rejoue_rang", sa.BigInteger(), nullable=True),
        sa.Column("rejete_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "rang"),
        schema="registre",
    )
    op.create_index(
        "import_rejet_a_traiter",
        "import_rejet",
        ["session", "nature"],
        unique=False,
        schema="registre",
        postgresql_where=sa.text("etat = 'A_TRAITER'"),
    )
    op.create_index(
        "import_rejet_rejeu",
        "import_rejet",
        ["rejoue_par"],
        unique=False,
        schema="registre",
        postgresql_where=sa.text("rejoue_par IS NOT NULL"),
    )
    op.add_column(
        "scolarite", sa.Column("absent_depuis", sa.Date(), nullable=True), schema="registre"
    )


def downgrade() -> None:
    op.drop_column("scolarite", "absent_depuis", schema="registre")
    op.drop_table("import_rejet", schema="registre")
    op.drop_table("import_ligne", schema="registre")
    for colonne in _IMPORT:
        op.drop_column("import", colonne, schema="registre")

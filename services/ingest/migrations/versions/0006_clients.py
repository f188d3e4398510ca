"""Machine clients, resumable uploads, the way back."""

import sqlalchemy as sa
from alembic import op

from shared.db.migrations import projection

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_machine",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("genre", sa.Text(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=True),
        sa.Column("nom", sa.Text(), nullable=False),
        sa.Column("sel", sa.LargeBinary(), nullable=False),
        sa.Column("empreinte", sa.LargeBinary(), nullable=False),
        sa.Column("cree_par", sa.Text(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoque_par", sa.Text(), nullable=True),
        sa.Column("revoque_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("utilise_le", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index("client_machine_lycee", "client_machine", ["uai"], unique=False, schema="registre")
    op.create_table(
        "televersement",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=True),
        sa.Column("nom_fichier", sa.Text(), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("confirme", sa.Boolean(), nullable=False),
        sa.Column("demandeur", sa.Text(), nullable=False),
        sa.Column("recus", sa.BigInteger(), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("ouvert_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "televersement_ouvert", "televersement", ["demandeur", "etat"], unique=False, schema="registre"
    )
    op.create_table(
        "numero_dossier",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("empreinte", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("cle", sa.SmallInteger(), nullable=False),
        sa.Column("chiffre", sa.LargeBinary(), nullable=False),
        sa.Column("vu_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session", "empreinte"),
        schema="registre",
    )
    op.create_index(
        "numero_dossier_cle", "numero_dossier", ["session", "cle"], unique=False, schema="registre"
    )
    _projection()


def _projection() -> None:
    op.create_table(
        "retour",
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), autoincrement=False, nullable=False),
        sa.Column("objet", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("contenu", sa.LargeBinary(), nullable=True),
        sa.Column("concerne", sa.Boolean(), nullable=False),
        sa.Column("depuis", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accuse_version", sa.BigInteger(), nullable=True),
        sa.Column("accuse_sequence", sa.BigInteger(), nullable=True),
        sa.Column("resultat", sa.Text(), nullable=True),
        sa.Column("acquitte", sa.Boolean(), nullable=False),
        sa.Column("curseur", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("eleve_id", "objet"),
        schema=projection(),
    )
    op.create_index("retour_curseur", "retour", ["curseur"], unique=True, schema=projection())
    op.create_index(
        "retour_non_accuse",
        "retour",
        ["depuis"],
        unique=False,
        schema=projection(),
        postgresql_where=sa.text("curseur IS NOT NULL AND NOT acquitte"),
    )
    op.create_table(
        "candidat",
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), autoincrement=False, nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("depuis", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("eleve_id"),
        schema=projection(),
    )
    op.create_table(
        "retour_compteur",
        sa.Column("seul", sa.Boolean(), nullable=False),
        sa.Column("dernier", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seul"),
        schema=projection(),
    )


def downgrade() -> None:
    for table in ("retour_compteur", "candidat", "retour"):
        op.drop_table(table, schema=projection())
    op.drop_table("numero_dossier", schema="registre")
    op.drop_table("televersement", schema="registre")
    op.drop_table("client_machine", schema="registre")

"""Divisions, groupes, nomenclatures, bourses and Cordées of the files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _key(name: str, type_: sa.types.TypeEngine) -> sa.Column:
    return sa.Column(name, type_, autoincrement=False, nullable=False)


def _session() -> sa.Column:
    return _key("session", sa.SmallInteger())


def _json(name: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False)


def upgrade() -> None:
    op.create_table(
        "fichier_lycee",
        _session(),
        _key("uai", sa.Text()),
        _key("genre", sa.Text()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("empreinte", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session", "uai", "genre"),
        schema="registre",
    )
    op.create_table(
        "structure",
        _session(),
        _key("uai", sa.Text()),
        _key("genre", sa.Text()),
        _key("code", sa.Text()),
        sa.Column("libelle", sa.Text(), nullable=True),
        sa.Column("contrat", sa.Text(), nullable=True),
        _json("mefs"),
        _json("divisions"),
        sa.PrimaryKeyConstraint("session", "uai", "genre", "code"),
        schema="registre",
    )
    op.create_table(
        "nomenclature",
        _session(),
        _key("uai", sa.Text()),
        _key("liste", sa.Text()),
        _key("code", sa.Text()),
        sa.Column("libelle", sa.Text(), nullable=False),
        sa.Column("rattachement", sa.Text(), nullable=False),
        _json("detail"),
        sa.PrimaryKeyConstraint("session", "uai", "liste", "code"),
        schema="registre",
    )
    op.create_table(
        "statut_boursier",
        _session(),
        _key("empreinte", sa.LargeBinary()),
        sa.Column("cle", sa.SmallInteger(), nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("est_boursier", sa.Boolean(), nullable=False),
        sa.Column("echelon", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("session", "empreinte"),
        schema="registre",
    )
    op.create_table(
        "dispositif",
        _session(),
        _key("uai", sa.Text()),
        _key("empreinte", sa.LargeBinary()),
        sa.Column("cle", sa.SmallInteger(), nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("dispositif", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session", "uai", "empreinte"),
        schema="registre",
    )
    for table in ("statut_boursier", "dispositif"):
        op.create_index(
            f"{table}_eleve",
            table,
            ["session", "eleve_id"],
            schema="registre",
            postgresql_where=sa.text("eleve_id IS NOT NULL"),
        )


def downgrade() -> None:
    for table in ("dispositif", "statut_boursier"):
        op.drop_index(f"{table}_eleve", table_name=table, schema="registre")
    for table in ("dispositif", "statut_boursier", "nomenclature", "structure", "fichier_lycee"):
        op.drop_table(table, schema="registre")

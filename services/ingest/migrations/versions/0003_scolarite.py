"""Local corrections, tasks, fusions, remontée, vivier initial."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _uuid_key(name: str) -> sa.Column:
    return sa.Column(name, sa.Uuid(as_uuid=False), autoincrement=False, nullable=False)


def _session() -> sa.Column:
    return sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False)


def _when(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.add_column("eleve_connu", sa.Column("homonyme", sa.LargeBinary(), nullable=True), schema="registre")
    op.create_index(
        "eleve_connu_homonyme",
        "eleve_connu",
        ["session", "homonyme"],
        schema="registre",
        postgresql_where=sa.text("homonyme IS NOT NULL"),
    )
    op.create_index("eleve_connu_lycee", "eleve_connu", ["session", "uai"], schema="registre")
    op.add_column(
        "scolarite",
        sa.Column("gele", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        schema="registre",
    )
    op.create_table(
        "scolarite_locale",
        _session(),
        _uuid_key("eleve_id"),
        sa.Column("uai", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("contenu", sa.LargeBinary(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        _when("modifie_le"),
        sa.PrimaryKeyConstraint("session", "eleve_id", "uai"),
        schema="registre",
    )
    op.create_index("scolarite_locale_lycee", "scolarite_locale", ["session", "uai"], schema="registre")
    op.create_table(
        "scolarite_historique",
        _session(),
        _uuid_key("eleve_id"),
        sa.Column("uai", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("acte", sa.Text(), nullable=False),
        sa.Column("contenu", sa.LargeBinary(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        _when("le"),
        sa.PrimaryKeyConstraint("session", "eleve_id", "uai", "version"),
        schema="registre",
    )
    op.create_table(
        "tache",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("genre", sa.Text(), nullable=False),
        sa.Column("sujet", sa.Text(), nullable=False),
        sa.Column("eleves", postgresql.ARRAY(sa.Uuid(as_uuid=False)), nullable=False),
        sa.Column("lycees", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("academies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "reponses", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("resolution", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        _when("ouverte_le"),
        _when("modifiee_le"),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index("tache_sujet", "tache", ["session", "genre", "sujet"], unique=True, schema="registre")
    op.create_index("tache_eleves", "tache", ["eleves"], schema="registre", postgresql_using="gin")
    op.create_index("tache_lycees", "tache", ["lycees"], schema="registre", postgresql_using="gin")
    op.create_table(
        "fusion",
        _session(),
        _uuid_key("perdant"),
        sa.Column("survivant", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column(
            "attend",
            postgresql.ARRAY(sa.Uuid(as_uuid=False)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("faits", sa.Integer(), nullable=True),
        sa.Column("auteur", sa.Text(), nullable=False),
        _when("demandee_le"),
        _when("modifiee_le"),
        sa.PrimaryKeyConstraint("session", "perdant"),
        schema="registre",
    )
    op.create_table(
        "vivier_initial",
        _session(),
        _uuid_key("eleve_id"),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("serie", sa.Text(), nullable=False),
        sa.Column("le", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("session", "eleve_id"),
        schema="registre",
    )
    op.create_index("vivier_initial_lycee", "vivier_initial", ["session", "uai"], schema="registre")
    op.create_table(
        "remontee",
        _session(),
        sa.Column("uai", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("close", sa.Boolean(), nullable=False),
        sa.Column("bilan", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("auteur", sa.Text(), nullable=False),
        _when("le"),
        sa.PrimaryKeyConstraint("session", "uai", "version"),
        schema="registre",
    )


def downgrade() -> None:
    for table in (
        "remontee",
        "vivier_initial",
        "fusion",
        "tache",
        "scolarite_historique",
        "scolarite_locale",
    ):
        op.drop_table(table, schema="registre")
    op.drop_column("scolarite", "gele", schema="registre")
    op.drop_index("eleve_connu_lycee", table_name="eleve_connu", schema="registre")
    op.drop_index("eleve_connu_homonyme", table_name="eleve_connu", schema="registre")
    op.drop_column("eleve_connu", "homonyme", schema="registre")

"""Lines of a compte rendu in their table: written in sets while the analysis goes, read by pupil."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.compte_rendu import Gravite, Ligne, masquer

PAGE = 200
_VERSEMENT = 10_000
_ECRIRE = text(
    """
    INSERT INTO registre.import_ligne
           (import_id, tentative, numero, rang, gravite, code, phrase, ine, eleve_siecle, eleve_id, champs)
    SELECT d, k, n, r, g, c, p, i, s, e, m
      FROM unnest(CAST(:imports AS uuid[]), CAST(:tentatives AS integer[]), CAST(:numeros AS integer[]),
                  CAST(:rangs AS bigint[]), CAST(:gravites AS text[]), CAST(:codes AS text[]),
                  CAST(:phrases AS text[]), CAST(:ines AS text[]), CAST(:eleves_siecle AS text[]),
                  CAST(:eleves AS uuid[]), CAST(:champs AS text[]))
           AS t(d, k, n, r, g, c, p, i, s, e, m)
    """
)
_OUBLIER = text(
    """
    DELETE FROM registre.import_ligne AS l
     USING unnest(CAST(:ids AS uuid[]), CAST(:tentatives AS integer[])) AS t(i, n)
     WHERE l.import_id = t.i AND l.tentative < t.n
    """
)
_PAGE = text(
    """
    SELECT rang, CAST(cle AS text) AS cle, max(ine) AS ine, max(eleve_siecle) AS eleve_siecle,
           max(CAST(eleve_id AS text)) AS eleve_id,
           jsonb_agg(jsonb_build_object('gravite', gravite, 'code', code, 'phrase', phrase,
                     'champs', coalesce(string_to_array(champs, ','), '{}')) ORDER BY numero) AS anomalies
      FROM (SELECT *, CASE WHEN rang > 0 THEN CAST(:zero AS uuid)
                           ELSE coalesce(eleve_id, CAST(lpad(to_hex(numero), 32, '0') AS uuid)) END AS cle
              FROM registre.import_ligne
             WHERE import_id = CAST(:import_id AS uuid) AND tentative = :tentative AND rang >= :rang
               AND (CAST(:gravites AS text[]) IS NULL OR gravite = ANY(CAST(:gravites AS text[])))) AS lignes
     WHERE (rang, cle) > (:rang, CAST(:eleve AS uuid))
     GROUP BY rang, cle ORDER BY rang, lignes.cle LIMIT :limite
    """
)
_COMPTER = text(
    """
    SELECT gravite, count(*) AS combien FROM registre.import_ligne
     WHERE import_id = CAST(:import_id AS uuid) AND tentative = :tentative GROUP BY gravite
    """
)
_ZERO = "00000000-0000-0000-0000-000000000000"


class Curseur(NamedTuple):
    """After which pupil a page begins. ``eleve``: tells apart those of rang 0."""

    rang: int = -1
    eleve: str = _ZERO

    def montrer(self) -> str:
        return f"{self.rang}_{self.eleve}"


def lire_curseur(brut: str | None) -> Curseur:
    """Raises ValueError when it is none of ours."""
    if not brut:
        return Curseur()
    rang, _, eleve = brut.partition("_")
    if len(eleve) != len(_ZERO):
        raise ValueError(brut)
    return Curseur(int(rang), eleve)


class Versement(NamedTuple):
    """Lines of one start of an import; ``debut``: so many were stored before."""

    import_id: str
    tentative: int
    debut: int
    lignes: Sequence[Ligne]


class Carnet:
    """Where the analysis of one ``tentative`` puts its lines, at once and for good.

    A refusal, a question or a dry run rolls the analysis back, not what it says. Lines of an earlier
    tentative no longer count.
    """

    def __init__(self, engine: AsyncEngine, import_id: str, tentative: int) -> None:
        self._engine = engine
        self._import_id = import_id
        self._tentative = tentative
        self._ecrites = 0

    async def verser(self, lignes: Sequence[Ligne]) -> None:
        for debut in range(0, len(lignes), _VERSEMENT):
            lot = lignes[debut : debut + _VERSEMENT]
            async with self._engine.begin() as tx:
                await ecrire(tx, [Versement(self._import_id, self._tentative, self._ecrites, lot)])
            self._ecrites += len(lot)


class CarnetCommun:
    """Where one analysis among several puts its lines: stored with what they write, or not at all."""

    def __init__(self, import_id: str, tentative: int) -> None:
        self._import_id = import_id
        self._tentative = tentative
        self._lignes: list[Ligne] = []

    async def verser(self, lignes: Sequence[Ligne]) -> None:
        self._lignes += lignes

    @property
    def versement(self) -> Versement:
        return Versement(self._import_id, self._tentative, 0, self._lignes)


async def ecrire(tx: AsyncConnection, versements: Sequence[Versement]) -> None:
    """Store lines, each import's after its ``debut``."""
    toutes = [(v, v.debut + n, ligne) for v in versements for n, ligne in enumerate(v.lignes, 1)]
    if not toutes:
        return
    lignes = [ligne for _, _, ligne in toutes]
    await tx.execute(
        _ECRIRE,
        {
            "imports": [v.import_id for v, _, _ in toutes],
            "tentatives": [v.tentative for v, _, _ in toutes],
            "numeros": [numero for _, numero, _ in toutes],
            "rangs": [ligne.rang for ligne in lignes],
            "gravites": [ligne.gravite.value for ligne in lignes],
            "codes": [ligne.code for ligne in lignes],
            "phrases": [ligne.phrase for ligne in lignes],
            "ines": [masquer(ligne.ine) for ligne in lignes],
            "eleves_siecle": [ligne.eleve_siecle for ligne in lignes],
            "eleves": [ligne.eleve_id for ligne in lignes],
            "champs": [",".join(ligne.champs) or None for ligne in lignes],
        },
    )


async def oublier(tx: AsyncConnection, tentatives: Mapping[str, int]) -> None:
    """Delete the lines of the starts before that of each import."""
    if tentatives:
        valeurs = {"ids": list(tentatives), "tentatives": list(tentatives.values())}
        await tx.execute(_OUBLIER, valeurs)


async def page(
    tx: AsyncConnection,
    import_id: str,
    tentative: int,
    *,
    apres: Curseur | None = None,
    gravites: Sequence[Gravite] | None = None,
    limite: int = PAGE,
) -> tuple[list[dict[str, Any]], Curseur | None]:
    """Pupils in the order of their rang, each with his anomalies; and where the next page begins.

    Those who are not in the file (rang 0) come first, and what is said of no pupil, each by itself.
    """
    apres = apres or Curseur()
    valeurs = {
        "import_id": import_id,
        "tentative": tentative,
        "gravites": [gravite.value for gravite in gravites] if gravites else None,
        "rang": apres.rang,
        "eleve": apres.eleve,
        "zero": _ZERO,
        "limite": limite + 1,
    }
    lues = (await tx.execute(_PAGE, valeurs)).all()
    montrees = [_montrer(ligne) for ligne in lues[:limite]]
    if len(lues) <= limite:
        return montrees, None
    derniere = lues[limite - 1]
    return montrees, Curseur(derniere.rang, derniere.cle)


async def toutes(
    engine: AsyncEngine, import_id: str, tentative: int, taille: int = 5_000
) -> AsyncIterator[list[dict[str, Any]]]:
    """Every page, one short transaction each."""
    apres: Curseur | None = Curseur()
    while apres is not None:
        async with engine.connect() as tx:
            lues, apres = await page(tx, import_id, tentative, apres=apres, limite=taille)
        yield lues


async def compter(tx: AsyncConnection, import_id: str, tentative: int) -> Mapping[str, int]:
    """Number of lines by gravité."""
    lues = await tx.execute(_COMPTER, {"import_id": import_id, "tentative": tentative})
    return {ligne.gravite: ligne.combien for ligne in lues}


def _montrer(ligne: Row[Any]) -> dict[str, Any]:
    anomalies = [{**anomalie, "type": Gravite(anomalie["gravite"]).sigle} for anomalie in ligne.anomalies]
    premiere = min(anomalies, key=lambda anomalie: _ORDRE.index(anomalie["gravite"]))
    return {
        "rang": ligne.rang,
        "ine": ligne.ine,
        "eleve_siecle": ligne.eleve_siecle,
        "eleve_id": ligne.eleve_id,
        "type": premiere["type"],
        "gravite": premiere["gravite"],
        "code": premiere["code"],
        "phrase": " ".join(anomalie["phrase"] for anomalie in anomalies),
        "anomalies": anomalies,
    }


_ORDRE = [gravite.value for gravite in Gravite]

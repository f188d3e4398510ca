"""An établissement's académie is on its pupils' own facts: when it changes, they are said again."""

from collections.abc import Mapping

from sqlalchemy import text

from services.ingest.contexte import Analyse
from services.ingest.siecle.publication import Origine, publier

_LOT = 5_000
_CHANGER = """
    WITH dits AS (SELECT * FROM unnest(CAST(:uais AS text[]), CAST(:codes AS text[])) AS t(uai, code))
    UPDATE registre.{table} s
       SET contenu = convert_to(regexp_replace(convert_from(s.contenu, 'UTF8'), '"academie":"[^"]*"',
                                               '"academie":"' || d.code || '"'), 'UTF8')
      FROM dits d
     WHERE s.session = :session AND s.uai = d.uai
       AND convert_from(s.contenu, 'UTF8') LIKE '%"academie":"%'
       AND convert_from(s.contenu, 'UTF8') NOT LIKE '%"academie":"' || d.code || '"%'
    RETURNING s.eleve_id::text
"""
_TABLES = tuple(text(_CHANGER.format(table=table)) for table in ("scolarite", "scolarite_locale"))
"""The text is kept to the byte but for the code: what tells a changed content hashes it."""


async def changer_academies(analyse: Analyse, academies: Mapping[str, str]) -> int:
    """Pupils of the lycées of ``academies`` (UAI → code) whose fact is published again; how many."""
    valeurs = {"session": analyse.session, "uais": list(academies), "codes": list(academies.values())}
    touches: set[str] = set()
    for requete in _TABLES if academies else ():
        touches.update((await analyse.tx.execute(requete, valeurs)).scalars())
    ids = sorted(touches)
    emis = 0
    for debut in range(0, len(ids), _LOT):
        origine = Origine(
            session=analyse.session,
            cles=analyse.cles,
            prefixe=analyse.settings.topic_prefix,
            uai=None,
            instant=analyse.recu.depose_le,
            import_id=analyse.import_id,
        )
        publiee = await publier(analyse.tx, origine, ids[debut : debut + _LOT])
        for fait in publiee.evenements:
            analyse.spool.add(fait)
        emis += len(publiee.evenements)
    return emis

"""SQL of a session's life and of its calendar."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.calendrier.domain import EtatSession
from shared.domaine.calendrier import Calendrier
from shared.domaine.etapes import Etape

_LIRE_VIE = "SELECT etat, version, par, motif, le FROM registre.vie WHERE session = :session"
_ECRIRE_VIE = text(
    """
    INSERT INTO registre.vie (session, etat, version, par, motif) VALUES (:session, :etat, 1, :par, :motif)
    ON CONFLICT (session) DO UPDATE
       SET etat = excluded.etat, version = registre.vie.version + 1, par = excluded.par, motif = excluded.motif,
           le = now()
    RETURNING version, le
    """
)
_ARCHIVER = text(
    """
    INSERT INTO registre.histoire (session, objet, cle, version, contenu, par, motif)
    SELECT :session, :objet, c, :version, CAST(j AS jsonb), :par, :motif
      FROM unnest(CAST(:cles AS text[]), CAST(:contenus AS text[])) AS t(c, j)
    """
)
_HISTOIRE = text(
    """
    SELECT cle, version, contenu, par, motif, le FROM registre.histoire
     WHERE session = :session AND objet = :objet AND (CAST(:cle AS text) IS NULL OR cle = :cle)
     ORDER BY le DESC, version DESC, cle LIMIT :limite
    """
)
_EN_COURS = text(
    """
    SELECT count(*) FROM registre.import
     WHERE session = :session AND etat IN ('DEPOSE', 'ANALYSE', 'PUBLICATION')
    """
)
_VERROUILLER = text(
    """
    INSERT INTO registre.calendrier (session, version, examine) VALUES (:session, 0, 0)
    ON CONFLICT (session) DO UPDATE SET version = registre.calendrier.version RETURNING version
    """
)
_ETAPES = text(
    """
    SELECT e.code, e.date, e.valeur, e.version, c.version AS calendrier
      FROM registre.etape e JOIN registre.calendrier c USING (session)
     WHERE e.session = :session AND NOT e.retiree
    """
)
_ECRIRE_ETAPES = text(
    """
    INSERT INTO registre.etape (session, code, version, date, valeur, retiree)
    SELECT :session, c, :version, d, v, r
      FROM unnest(CAST(:codes AS text[]), CAST(:dates AS timestamptz[]), CAST(:valeurs AS int[]),
                  CAST(:retirees AS boolean[])) AS t(c, d, v, r)
    ON CONFLICT (session, code) DO UPDATE
       SET version = excluded.version, date = excluded.date, valeur = excluded.valeur, retiree = excluded.retiree
    """
)
_NUMEROTER = text("UPDATE registre.calendrier SET version = :version WHERE session = :session")


@dataclass(frozen=True, slots=True)
class Vie:
    """``etat`` None: opened before the life of sessions was kept; it counts as open."""

    etat: EtatSession | None
    version: int = 0
    par: str | None = None
    motif: str | None = None
    le: datetime | None = None

    @property
    def ouverte(self) -> bool:
        return self.etat in (None, EtatSession.OUVERTE)


async def lire_vie(tx: AsyncConnection, session: int, *, verrou: str = "") -> Vie:
    """``verrou``: FOR SHARE holds a change of state back until the end of ``tx``, FOR UPDATE makes one."""
    ligne = (await tx.execute(text(f"{_LIRE_VIE} {verrou}"), {"session": session})).one_or_none()
    if ligne is None:
        return Vie(None)
    return Vie(EtatSession(ligne.etat), ligne.version, ligne.par, ligne.motif, ligne.le)


async def ecrire_vie(
    tx: AsyncConnection, session: int, etat: EtatSession, par: str, motif: str | None
) -> Vie:
    valeurs = {"session": session, "etat": etat.value, "par": par, "motif": motif}
    version, le = (await tx.execute(_ECRIRE_VIE, valeurs)).one()
    contenu = {"etat": etat.value}
    await archiver(tx, session, "session", version, {"session": contenu}, par=par, motif=motif)
    return Vie(etat, version, par, motif, le)


async def archiver(
    tx: AsyncConnection,
    session: int,
    objet: str,
    version: int,
    contenus: Mapping[str, Mapping[str, Any]],
    *,
    par: str,
    motif: str | None,
) -> None:
    """Keep states in the history, all with one ``version``."""
    await tx.execute(
        _ARCHIVER,
        {
            "session": session,
            "objet": objet,
            "version": version,
            "cles": list(contenus),
            "contenus": [json.dumps(contenu, ensure_ascii=False) for contenu in contenus.values()],
            "par": par,
            "motif": motif,
        },
    )


async def histoire(
    tx: AsyncConnection, session: int, objet: str, cle: str | None = None, limite: int = 200
) -> list[dict[str, Any]]:
    """Latest first."""
    valeurs = {"session": session, "objet": objet, "cle": cle, "limite": limite}
    return [dict(ligne) for ligne in (await tx.execute(_HISTOIRE, valeurs)).mappings()]


async def imports_en_cours(tx: AsyncConnection, session: int) -> int:
    return int((await tx.execute(_EN_COURS, {"session": session})).scalar_one())


async def verrouiller_calendrier(tx: AsyncConnection, session: int) -> int:
    """Current version, 0 when there is no calendar yet; editors take turns."""
    return int((await tx.execute(_VERROUILLER, {"session": session})).scalar_one())


async def lire_calendrier(tx: AsyncConnection, session: int) -> Calendrier | None:
    """None as long as nobody has set it."""
    lignes = (await tx.execute(_ETAPES, {"session": session})).all()
    if not lignes:
        return None
    return Calendrier(
        session,
        {Etape(ligne.code): ligne.date for ligne in lignes},
        {Etape(ligne.code): ligne.valeur for ligne in lignes if ligne.valeur is not None},
        lignes[0].calendrier,
    )


async def ecrire_etapes(
    tx: AsyncConnection,
    session: int,
    version: int,
    etapes: Sequence[tuple[Etape, datetime, int | None, bool]],
) -> None:
    """(code, date, valeur, retirée) of what changed, under the new version of the calendar."""
    valeurs = {
        "session": session,
        "version": version,
        "codes": [e[0].value for e in etapes],
        "dates": [e[1] for e in etapes],
        "valeurs": [e[2] for e in etapes],
        "retirees": [e[3] for e in etapes],
    }
    await tx.execute(_ECRIRE_ETAPES, valeurs)
    await tx.execute(_NUMEROTER, {"session": session, "version": version})

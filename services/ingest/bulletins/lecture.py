"""The récapitulatif of a lycée, read from the registre: its terminales and the bulletins they have."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.bulletins import store_lecture as store
from services.ingest.bulletins.recapitulatif import (
    Calendrier,
    ClasseJugee,
    EleveJuge,
    juger,
    par_classe,
)
from services.ingest.bulletins.resume import recu
from services.ingest.bulletins.store_lecture import Enregistre
from services.ingest.settings import IngestSettings
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import effective
from shared.nomenclatures import Serie

TRIMESTRES = 3
_decoder = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Inscrit:
    """A terminale of the lycée, as his effective scolarité says."""

    eleve_id: str
    classe: str | None
    serie: Serie | None


@dataclass(frozen=True, slots=True)
class Recapitulatif:
    """``attendues``: découpage → periods expected on ``jour``. ``dernier_envoi``: of bulletins."""

    uai: str
    session: int
    jour: date
    attendues: Mapping[int, tuple[int, ...]]
    dernier_envoi: Mapping[str, Any] | None
    classes: Sequence[ClasseJugee]
    eleves: Sequence[EleveJuge]

    @property
    def situation_au(self) -> datetime | None:
        return self.dernier_envoi["depose_le"] if self.dernier_envoi else None


async def recapituler(tx: AsyncConnection, settings: IngestSettings, uai: str, jour: date) -> Recapitulatif:
    """Seven queries, whatever the number of pupils."""
    session = settings.session
    inscrits = await _inscrits(tx, session, uai)
    lus: dict[str, list[Enregistre]] = {}
    for ligne in await store.enregistres(tx, session, [inscrit.eleve_id for inscrit in inscrits]):
        lus.setdefault(ligne.eleve_id, []).append(ligne)
    calendrier = Calendrier.lire(settings.bulletins_attendus, session)
    attendues = {decoupage: calendrier.attendues(decoupage, jour) for decoupage in (2, TRIMESTRES)}
    decoupages = _decoupages(inscrits, lus, session, await store.classes(tx, session, uai))
    eleves = [
        _juger(inscrit, lus.get(inscrit.eleve_id, []), session, decoupages, attendues) for inscrit in inscrits
    ]
    return Recapitulatif(
        uai,
        session,
        jour,
        attendues,
        await store.dernier_envoi(tx, session, uai),
        par_classe(eleves, decoupages, attendues),
        eleves,
    )


async def _inscrits(tx: AsyncConnection, session: int, uai: str) -> list[Inscrit]:
    ids = await store.eleves_du_lycee(tx, session, uai)
    dites = await scolarites.dites(tx, session, ids)
    inscrits = []
    for eleve_id, siennes in dites.items():
        dite = effective(siennes, None, uai)
        if dite.uai == uai and not dite.sorti:
            champs = _decoder(dite.contenu)
            inscrits.append(Inscrit(eleve_id, champs.get("classe"), _serie(champs.get("serie"))))
    return sorted(inscrits, key=lambda inscrit: (inscrit.classe or "", inscrit.eleve_id))


def _serie(code: str | None) -> Serie | None:
    return Serie(code) if code in set(Serie) else None


def _decoupages(
    inscrits: Sequence[Inscrit],
    lus: Mapping[str, Sequence[Enregistre]],
    session: int,
    notees: Mapping[str, int],
) -> dict[str | None, int]:
    """Class of SIECLE → découpage: that of its pupils' bulletins, else of the gradebook's class of the same name."""
    par_eleve: dict[str | None, Counter[int]] = {}
    for inscrit in inscrits:
        for ligne in lus.get(inscrit.eleve_id, ()):
            if ligne.annee == session:
                par_eleve.setdefault(inscrit.classe, Counter())[ligne.decoupage] += 1
    trouves: dict[str | None, int] = dict(notees.items())
    return trouves | {classe: compte.most_common(1)[0][0] for classe, compte in par_eleve.items()}


def _juger(
    inscrit: Inscrit,
    lignes: Sequence[Enregistre],
    session: int,
    decoupages: Mapping[str | None, int],
    attendues: Mapping[int, tuple[int, ...]],
) -> EleveJuge:
    cette_annee = [ligne for ligne in lignes if ligne.annee == session]
    decoupage = cette_annee[-1].decoupage if cette_annee else decoupages.get(inscrit.classe, TRIMESTRES)
    recus = [recu(ligne.periode, ligne.decoupage, ligne.resume, absent=ligne.absent) for ligne in cette_annee]
    return EleveJuge(
        inscrit.eleve_id,
        inscrit.classe,
        inscrit.serie,
        juger(recus, decoupage, attendues.get(decoupage, ())),
        tuple(ligne.periode for ligne in cette_annee),
        tuple((ligne.annee, ligne.periode) for ligne in lignes if ligne.annee != session),
    )

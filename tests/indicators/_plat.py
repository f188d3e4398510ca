"""A simulated session of a few lycées: its facts as rows of plain tables, and the same facts for the service.

The tables hold what the simulator wrote, row by row, with the Paris day on which it was recorded; nothing of the service's
code is between the two.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.simulateur import Population
from services.simulateur.eleves import Eleve
from services.simulateur.faits import Stade
from shared.events import rapide as r
from shared.events import topics as t
from shared.events.enveloppe import horodatage_us
from shared.events.modeles import Decision, EtatCaes, EtatDossier, EtatVoeu, Phase, Profil, Reponse, Voie
from shared.kafka.records import Lu
from shared.nomenclatures.formations import formations
from shared.nomenclatures.lycees import lycees
from shared.nomenclatures.series import Serie

PARIS = ZoneInfo("Europe/Paris")
TABLES = """
CREATE TEMP TABLE s_eleve (eleve uuid, version int, jour date, uai text, serie text, classe text, sexe text,
    boursier bool, cordees bool, specialites text, sorti bool, fige_uai text, fige_serie text);
CREATE TEMP TABLE s_dossier (eleve uuid, version int, jour date, etat text);
CREATE TEMP TABLE s_caes (eleve uuid, version int, jour date, etat text);
CREATE TEMP TABLE s_voeu (eleve uuid, voeu text, version int, jour date, famille text, voie text, phase text, etat text);
CREATE TEMP TABLE s_proposition (eleve uuid, voeu text, version int, jour date, decision text);
CREATE TEMP TABLE s_reponse (eleve uuid, voeu text, version int, jour date, reponse text);
"""
_ARRIVEE = datetime(2026, 1, 12, 8, tzinfo=UTC)


@dataclass
class Plat:
    """``lignes``: by table. ``lus``: the same facts in the order in which they were recorded."""

    lignes: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    lus: list[Lu] = field(default_factory=list)

    def dire(self, quand: datetime, topic: t.Topic, fait: r.Fait, table: str, ligne: tuple[Any, ...]) -> None:
        """``ligne``: what comes after pupil, subject, version and day."""
        us = int(quand.timestamp() * 1e6) + len(self.lus)
        jour = quand.astimezone(PARIS).date()
        voeu = getattr(fait, "voeu_id", None)
        sous = getattr(fait, "sous_voeu_id", None)
        cle = () if voeu is None else (f"{voeu}/{sous}" if sous else voeu,)
        self.lignes.setdefault(table, []).append((fait.eleve_id, *cle, fait.version, jour, *ligne))
        self.lus.append(Lu(topic, fait.eleve_id, fait, horodatage_us(us), None, None))


def simuler(uais: tuple[str, ...], echelle: float, graine: int = 5) -> Plat:
    """Each lycée's whole session, facts displaced, doubled and late; pupils who leave, or move in February."""
    population = Population(graine, uais, echelle=echelle)
    hasard, plat = random.Random(graine), Plat()
    liens: dict[str, str] = {}
    for uai in uais:
        for eleve in population.eleves(uai):
            if eleve.serie is not None:
                eleve_id = str(UUID(int=hasard.getrandbits(128), version=4))
                liens[str(eleve.indice)] = eleve_id
                _scolarites(plat, hasard, eleve, eleve_id, uais)
    numeros = {c.numero: liens[str(c.eleve.indice)] for uai in uais for c in population.candidatures(uai)}
    for dit in population.faits(Stade.APRES):
        if eleve_id := numeros.get(dit["numero_dossier"], ""):
            commun = {"session": 2026, "eleve_id": eleve_id, "version": dit["sequence"]}
            for quand in _enregistre(hasard, datetime.fromisoformat(dit["time"])):
                _DIRE.get(dit["type"], _taire)(plat, quand, dit, commun)
    plat.lus.sort(key=lambda lu: lu.recordedtime)
    return plat


def _enregistre(hasard: random.Random, produit: datetime) -> list[datetime]:
    """At once; in a tenth of the cases so late that newer versions were recorded before; at times again, later."""
    quand = produit + timedelta(days=hasard.random() * 25) if hasard.random() < 0.1 else produit
    return [quand, quand + timedelta(days=hasard.random() * 9)] if hasard.random() < 0.05 else [quand]


def _scolarites(
    plat: Plat, hasard: random.Random, eleve: Eleve, eleve_id: str, uais: tuple[str, ...]
) -> None:
    uai, serie, version = eleve.uai, eleve.serie or Serie.AUTRE, 1
    specialites = tuple(sorted(hasard.sample(("MATHS", "SES", "SVT", "PHCHI"), 2)))

    def dire(quand: datetime, *, sorti: bool = False, fige: r.VivierInitial | None = None) -> None:
        classe = eleve.division
        fait = r.Eleve(
            session=2026,
            eleve_id=eleve_id,
            version=version,
            uai=uai,
            academie=lycees()[uai].academie,
            departement=uai[:3],
            classe=classe,
            serie=serie,
            mef=eleve.mef,
            specialites=specialites,
            sexe=("F", "M")[eleve.sexe == "1"],
            codes_bourse=("BL",) if eleve.boursier else (),
            cordees=eleve.cordees,
            date_sortie=date(2026, 2, 20) if sorti else None,
            vivier_initial=fige,
        )
        suite = (
            uai,
            serie.value,
            classe,
            fait.sexe,
            eleve.boursier,
            eleve.cordees,
            "+".join(specialites),
            sorti,
            fige and fige.uai,
            fige and fige.serie.value,
        )
        plat.dire(quand, t.ELEVE, fait, "s_eleve", suite)

    dire(_ARRIVEE)
    fige = r.VivierInitial(uai=uai, serie=serie, date=date(2026, 1, 19)) if hasard.random() < 0.95 else None
    if fige:
        version += 1
        dire(datetime(2026, 1, 19, 9, tzinfo=UTC), fige=fige)
    sort = hasard.random()
    if sort < 0.15:
        version += 1
        uai = hasard.choice(uais) if sort < 0.06 else uai
        serie = hasard.choice((Serie.STMG, Serie.GENERALE)) if 0.06 <= sort < 0.1 else serie
        dire(datetime(2026, 2, 20, 23, 30, tzinfo=UTC), sorti=sort >= 0.1, fige=fige)


def _dossier(plat: Plat, quand: datetime, dit: dict[str, Any], commun: dict[str, Any]) -> None:
    fait = r.Dossier(**commun, profil=Profil.TERMINALE, etat=EtatDossier(dit["etat"]))
    plat.dire(quand, t.DOSSIER, fait, "s_dossier", (dit["etat"],))


def _caes(plat: Plat, quand: datetime, dit: dict[str, Any], commun: dict[str, Any]) -> None:
    plat.dire(quand, t.DOSSIER, r.Caes(**commun, etat=EtatCaes(dit["etat"])), "s_caes", (dit["etat"],))


def _cible(dit: dict[str, Any]) -> dict[str, Any]:
    return {"voeu_id": dit["voeu_id"], "sous_voeu_id": dit.get("sous_voeu_id")}


def _voeu(plat: Plat, quand: datetime, dit: dict[str, Any], commun: dict[str, Any]) -> None:
    formation = formations()[dit["formation_id"]]
    fait = r.Voeu(
        **commun,
        **_cible(dit),
        formation_id=dit["formation_id"],
        famille=formation.famille,
        selective=formation.selective,
        academie_formation=formation.academie,
        voie=Voie(dit["voie"]),
        phase=Phase(dit["phase"]),
        etat=EtatVoeu(dit["etat"]),
    )
    suite = (formation.famille.value, dit["voie"], dit["phase"], dit["etat"])
    plat.dire(quand, t.VOEU, fait, "s_voeu", suite)


def _proposition(plat: Plat, quand: datetime, dit: dict[str, Any], commun: dict[str, Any]) -> None:
    fait = r.Proposition(**commun, **_cible(dit), decision=Decision(dit["decision"]))
    plat.dire(quand, t.PROPOSITION, fait, "s_proposition", (dit["decision"],))


def _reponse(plat: Plat, quand: datetime, dit: dict[str, Any], commun: dict[str, Any]) -> None:
    fait = r.ReponseDonnee(**commun, **_cible(dit), reponse=Reponse(dit["reponse"]))
    plat.dire(quand, t.REPONSE, fait, "s_reponse", (dit["reponse"],))


def _taire(plat: Plat, quand: datetime, dit: dict[str, Any], commun: dict[str, Any]) -> None:
    """Says nothing that is counted."""


_DIRE = {
    "dossier": _dossier,
    "caes": _caes,
    "voeu": _voeu,
    "proposition": _proposition,
    "reponse": _reponse,
}


def fenetres(lus: list[Lu], hasard: random.Random) -> Iterator[list[Lu]]:
    """Windows of any size, read a little out of order, as several topics are."""
    places = [(rang + hasard.random() * 40, rang) for rang in range(len(lus))]
    melees = [lus[rang] for _, rang in sorted(places)]
    while melees:
        taille = hasard.choice((1, 30, 400, 2_000))
        yield melees[:taille]
        melees = melees[taille:]

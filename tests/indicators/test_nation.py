"""The simulated nation counted by our fold gives back the marginals it was drawn with, and the rates they were taken from.

``BENCH_NATION_LYCEES``: how many lycées of the 3,640 (all of them take some minutes); few are enough for chance to be told.
"""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.indicators.domain import Comptage, Ecarts
from services.indicators.etat import Etat, rang_du_jour
from services.indicators.mesures import MESURES
from services.simulateur.nation.comptage import Comptage as Marginales
from services.simulateur.nation.lycee import Monde, ecrire_faits
from services.simulateur.nation.plume import Plume
from services.simulateur.nation.rapport import Marge
from services.simulateur.nation.reference import chiffres
from services.simulateur.nation.tables import echantillon, formations, lycees
from shared.events import rapide as r
from shared.events.modeles import Decision, EtatCaes, EtatDossier, EtatVoeu, Phase, Profil, Reponse, Voie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie

LYCEES = int(os.environ.get("BENCH_NATION_LYCEES", "8"))
MONDE = Monde(1, 2026)
COMPTAGE = Comptage(MESURES)
JOUR_UN = rang_du_jour(date(2026, 6, 2))
FAMILLES = {formation.formation_id: Famille(formation.famille) for formation in formations()}
PARIS = ZoneInfo("Europe/Paris")
VOIES = "GTP"
Nation = tuple[dict[str, Counter[str]], dict[str, Counter[str]], Counter[str]]
"""By voie, our measures at the end and at the end of day one; the simulator's own marginals."""


@pytest.fixture(scope="module")
def nation() -> Nation:
    marginales = Marginales(MONDE.calendrier.phase_principale)
    fin: dict[str, Counter[str]] = {voie: Counter() for voie in VOIES}
    jour_un: dict[str, Counter[str]] = {voie: Counter() for voie in VOIES}
    for rang in echantillon(LYCEES):
        ecarts = _lycee(rang, marginales)
        for jour, du_jour in ecarts.jours.items():
            for cle, vecteur in du_jour.items():
                comptes = dict(zip((m.code for m in MESURES), COMPTAGE.valeurs(vecteur), strict=True))
                voie = Serie(cle.serie).voie
                fin[voie].update(comptes)
                if jour <= JOUR_UN:
                    jour_un[voie].update(comptes)
    return fin, jour_un, marginales.n


def _lycee(rang: int, marginales: Marginales) -> Ecarts:
    eleves = MONDE.eleves(rang)
    lycee = lycees()[rang]
    plume = Plume(MONDE.calendrier, None)
    marginales.vivier(lycee, eleves, MONDE.export.date())
    ecrire_faits(MONDE, rang, eleves, plume, marginales)
    terminales = {eleve.ine: eleve for eleve in eleves if eleve.serie is not None}
    par_numero: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for lignes in plume.seaux.values():
        for ligne in lignes:
            dit = json.loads(ligne)
            par_numero[dit["numero_dossier"]].append(dit)
    dossiers = {
        next(dit["ine"] for dit in dits if dit["type"] == "dossier"): dits for dits in par_numero.values()
    }
    ecarts = Ecarts()
    for ine, eleve in terminales.items():
        if eleve.serie is None or not (eleve.scolarise(MONDE.export.date()) or ine in dossiers):
            continue
        scolarite = r.Eleve(
            session=2026,
            eleve_id="",
            version=1,
            uai=lycee.uai,
            academie=lycee.academie,
            departement="075",
            serie=eleve.serie,
            mef="M",
        )
        notes = [(rang_du_jour(date(2026, 1, 12)), scolarite), *_faits(dossiers.get(ine, []))]
        COMPTAGE.plier(Etat(2026), sorted(notes, key=lambda note: note[0]), ecarts)
    return ecarts


def _faits(dits: list[dict[str, Any]]) -> Iterator[tuple[int, r.Fait]]:
    for dit in dits:
        jour = rang_du_jour(datetime.fromisoformat(dit["time"]).astimezone(PARIS).date())
        commun = {"session": 2026, "eleve_id": "", "version": dit["sequence"]}
        voeu = {**commun, "voeu_id": dit.get("voeu_id"), "sous_voeu_id": dit.get("sous_voeu_id")}
        match dit["type"]:
            case "dossier":
                yield jour, r.Dossier(**commun, profil=Profil.TERMINALE, etat=EtatDossier(dit["etat"]))
            case "voeu":
                yield (
                    jour,
                    r.Voeu(
                        **voeu,
                        formation_id=dit["formation_id"],
                        famille=FAMILLES[dit["formation_id"]],
                        selective=False,
                        academie_formation="01",
                        voie=Voie(dit["voie"]),
                        phase=Phase(dit["phase"]),
                        etat=EtatVoeu(dit["etat"]),
                    ),
                )
            case "proposition":
                yield jour, r.Proposition(**voeu, decision=Decision(dit["decision"]))
            case "reponse":
                yield jour, r.ReponseDonnee(**voeu, reponse=Reponse(dit["reponse"]))
            case "caes":
                yield jour, r.Caes(**commun, etat=EtatCaes(dit["etat"]))


def test_what_is_counted_is_what_was_drawn(nation: Nation) -> None:
    fin, jour_un, n = nation
    for voie in VOIES:
        notres = fin[voie]
        assert notres["inscrits"] == n[f"inscrits/{voie}"]
        assert notres["acceptes"] == n[f"admis/{voie}"]
        assert notres["admis"] == sum(n[f"premiere/{jour}/{voie}"] for jour in range(60))
        assert jour_un[voie]["admis"] == n[f"premiere/0/{voie}"]
        assert notres["confirmes"] == pytest.approx(n[f"confirmes/{voie}"], rel=0.01)
        avec_voeu = notres["inscrits"] - notres["sans_voeu"]
        assert avec_voeu == pytest.approx(n[f"listes/{voie}"], rel=0.01), "a list may be withdrawn whole"
        assert notres["l1_pass"] == pytest.approx(n[f"un_l1_pass/{voie}"], rel=0.03)
    assert sum(fin[voie]["caes"] for voie in VOIES) == n["caes"]


def test_the_rates_are_those_the_nation_was_calibrated_on(nation: Nation) -> None:
    fin, jour_un, _ = nation
    for voie in VOIES:
        notres, premier = fin[voie], jour_un[voie]
        avec_voeu = notres["inscrits"] - notres["sans_voeu"]
        for grandeur, haut, bas in (
            ("participation", notres["inscrits"], notres["vivier"]),
            ("confirmation", notres["confirmes"], notres["inscrits"]),
            ("au_moins_un_l1_pass", notres["l1_pass"], avec_voeu),
            ("avec_proposition", notres["confirmes_admis"], notres["confirmes"]),
            ("avec_proposition_premier_jour", premier["admis"], notres["confirmes"]),
        ):
            _pres(grandeur, voie, haut, bas)
    total = sum(fin.values(), Counter[str]())
    _pres("acceptation", "", total["confirmes_acceptes"], total["confirmes"])
    _pres("avec_proposition", "", total["confirmes_admis"], total["confirmes"])
    du_jour = sum(jour_un.values(), Counter[str]())
    _pres("avec_proposition_premier_jour", "", du_jour["admis"], total["confirmes"])


def _pres(grandeur: str, cle: str, haut: int, bas: int) -> None:
    """As the simulator's own report judges: within 2 %, or nearer than chance allows to tell."""
    chiffre = chiffres()[grandeur, cle]
    marge = Marge("", "", haut / bas, chiffre.valeur, chiffre.statut, chiffre.source, haut, part=True)
    if len(lycees()) <= LYCEES:
        print(
            f"{grandeur} {cle}: {haut / bas:.4f} counted, {chiffre.valeur} in the reference ({chiffre.source})"
        )
    assert marge.tenue(0.02), f"{grandeur} {cle}: {haut / bas:.4f} for {chiffre.valeur}"

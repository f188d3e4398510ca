"""The truth is counted on the plan; here it is found again from the written files alone."""

import gzip
from collections import defaultdict
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import orjson
import pytest
from lxml import etree

from services.simulateur import (
    LYCEE_B,
    LYCEES_DE_DEMONSTRATION,
    Comptes,
    Desordre,
    Population,
    Stade,
    premiers_lycees,
)
from services.simulateur.verite import verite_du_lycee
from shared.nomenclatures import Famille, Serie, serie_du_mef
from shared.nomenclatures.formations import formations

L1_PASS = {Famille.LICENCE, Famille.LAS, Famille.PASS}


def vivier(chemin: Path) -> dict[str, Serie]:
    """INE → série of the élèves scolarisés of a file."""
    with ZipFile(chemin) as archive:
        racine = etree.fromstring(archive.read("ElevesSansAdresses.xml"))
    divisions = {
        lien.get("ELEVE_ID")
        for lien in racine.iterfind("DONNEES/STRUCTURES/STRUCTURES_ELEVE")
        if lien.find("STRUCTURE[TYPE_STRUCTURE='D']") is not None
    }
    retenus = {}
    for eleve in racine.iterfind("DONNEES/ELEVES/ELEVE"):
        serie = serie_du_mef(eleve.findtext("CODE_MEF", ""))
        sortie = eleve.findtext("DATE_SORTIE")
        parti = sortie is not None and sortie[6:] + sortie[3:5] + sortie[:2] <= "20260112"
        if serie and not parti and eleve.get("ELEVE_ID") in divisions:
            retenus[eleve.findtext("ID_NATIONAL") or f"sans-{eleve.get('ELEVE_ID')}"] = serie
    return retenus


def recompter(siecle: Path, faits: Path) -> dict[Serie, Comptes]:
    dossiers: dict[str, str] = {}
    voeux: dict[str, dict[str, dict[str, object]]] = defaultdict(dict)
    for ligne in gzip.decompress(faits.read_bytes()).splitlines():
        fait = orjson.loads(ligne)
        if fait["type"] == "dossier" and fait["profil"] == "TERMINALE":
            dossiers[fait["ine"]] = fait["numero_dossier"]
        if fait["type"] == "voeu":
            cle = fait.get("sous_voeu_id") or fait["voeu_id"]
            tenu = voeux[fait["numero_dossier"]].get(cle)
            if tenu is None or tenu["sequence"] < fait["sequence"]:
                voeux[fait["numero_dossier"]][cle] = fait
    catalogue = formations()
    comptes: dict[Serie, Comptes] = defaultdict(Comptes)
    for ine, serie in vivier(siecle).items():
        compte = comptes[serie]
        compte.terminales += 1
        if ine not in dossiers:
            continue
        actifs = [v for v in voeux[dossiers[ine]].values() if v["etat"] != "SUPPRIME"]
        l1 = [
            v["voie"] == "ETUDIANT" and catalogue[str(v["formation_id"])].famille in L1_PASS for v in actifs
        ]
        compte.inscrits += 1
        compte.sans_voeu += not actifs
        compte.un_l1_pass += any(l1)
        compte.que_l1_pass += bool(l1) and all(l1)
        compte.voeux += len(actifs)
        compte.confirmes += any(v["etat"] == "CONFIRME" for v in voeux[dossiers[ine]].values())
    return comptes


@pytest.mark.parametrize("stade", list(Stade))
@pytest.mark.parametrize("cas_limites", [False, True])
@pytest.mark.parametrize("jusqu_au", [None, date(2026, 2, 20)])
def test_the_truth_is_what_the_files_say(
    stade: Stade, cas_limites: bool, jusqu_au: date | None, tmp_path: Path
) -> None:
    population = Population(2, LYCEES_DE_DEMONSTRATION, cas_limites=cas_limites)
    desordre = Desordre(melange=0.1, doublons=0.05, retards=0.1)
    faits = population.ecrire_faits(tmp_path, stade, desordre=desordre, jusqu_au=jusqu_au)
    for lycee in population.lycees:
        siecle = population.ecrire_siecle(lycee.uai, tmp_path / lycee.uai)
        attendu = population.verite(lycee.uai, stade, jusqu_au=jusqu_au).par_serie
        for compte in attendu.values():
            compte.boursiers_siecle = 0
        assert recompter(siecle, faits) == attendu


def test_the_lists_agree_with_the_counts() -> None:
    verite = Population(2).verite(LYCEE_B, jusqu_au=date(2026, 2, 10))
    total = verite.total
    assert len(verite.non_inscrits) == total.terminales - total.inscrits > 0
    assert len(verite.inscrits_sans_voeu) == total.sans_voeu > 0
    assert not set(verite.non_inscrits) & set(verite.inscrits_sans_voeu)


def test_an_apprenticeship_breaks_only_l1_or_pass() -> None:
    population = Population(2, premiers_lycees(12))
    candidature = next(
        candidature
        for lycee in population.lycees
        for candidature in population.candidatures(lycee.uai)
        if any(x.voie == "APPRENTISSAGE" and x.etapes[-1].etat != "SUPPRIME" for x in candidature.lignes)
        and {x.formation.famille for x in candidature.lignes if x.voie == "ETUDIANT"} <= L1_PASS
        and sum(x.voie == "ETUDIANT" and x.etapes[-1].etat != "SUPPRIME" for x in candidature.lignes)
    )
    eleve = candidature.eleve
    fin = population.calendrier.instant(12, 31)

    def total() -> Comptes:
        return verite_du_lycee(eleve.uai, [eleve], [candidature], date(2026, 1, 12), fin).total

    assert (total().un_l1_pass, total().que_l1_pass) == (1, 0)
    candidature.lignes = [ligne for ligne in candidature.lignes if ligne.voie == "ETUDIANT"]
    assert (total().un_l1_pass, total().que_l1_pass) == (1, 1)


def test_a_lycee_of_the_demonstration_has_a_usable_size() -> None:
    for uai in LYCEES_DE_DEMONSTRATION:
        par_serie = Population(1).verite(uai).par_serie
        assert {"GENERALE", "PROFESSIONNELLE"} < set(par_serie)
        assert 150 <= Population(1).verite(uai).total.terminales <= 350

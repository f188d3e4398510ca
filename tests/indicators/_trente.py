"""The 30 pupils of docs/indicateurs-30-eleves.md as facts, read from its first table."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from shared.events import rapide as r
from shared.events.modeles import Decision, EtatCaes, EtatDossier, EtatVoeu, Phase, Profil, Reponse, Voie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie

DOCUMENT = Path(__file__).parents[2] / "docs" / "indicateurs-30-eleves.md"
COLONNES = (
    "Élève",
    "Série",
    "Classe",
    "Sexe",
    "Remontée",
    "Présent",
    "Dossier",
    "Vœux et réponses",
    "Commission",
)
UAI = "0750001A"
SERIES = {"Générale": Serie.GENERALE, "STMG": Serie.STMG}
_DOSSIERS = {"ouvert": EtatDossier.OUVERT, "complet": EtatDossier.COMPLET, "démission": EtatDossier.DEMISSION}
_FAMILLES = {
    "Licence": Famille.LICENCE,
    "L.AS": Famille.LAS,
    "PASS": Famille.PASS,
    "BUT": Famille.BUT,
    "BTS": Famille.BTS,
    "CPGE": Famille.CPGE,
    "IFSI": Famille.IFSI,
    "École d’ingénieurs": Famille.INGENIEUR,
}
_ETATS = {
    "formulé": EtatVoeu.FORMULE,
    "confirmé": EtatVoeu.CONFIRME,
    "non confirmé": EtatVoeu.NON_CONFIRME,
    "supprimé": EtatVoeu.SUPPRIME,
}
_DECISIONS = {
    "oui": Decision.OUI,
    "oui si": Decision.OUI_SI,
    "en attente": Decision.EN_ATTENTE,
    "non": Decision.NON,
    "retenu sous réserve": Decision.RETENU_SOUS_RESERVE,
}
_REPONSES = {
    "accepté": Reponse.ACCEPTEE,
    "accepté en maintenant": Reponse.ACCEPTEE_EN_MAINTENANT,
    "refusé": Reponse.REFUSEE,
    "expiré": Reponse.EXPIREE,
    "démission": Reponse.DEMISSION,
}
_COMMISSION = {"dossier saisi": EtatCaes.SAISIE, "proposition": EtatCaes.PROPOSITION}
_VOEU = re.compile(
    rf"(?P<famille>{'|'.join(map(re.escape, _FAMILLES))})(?P<apprentissage> en apprentissage)?"
    rf"(?P<phase> en phase complémentaire)? (?P<etat>{'|'.join(sorted(_ETATS, key=len, reverse=True))})"
    r"(?: → (?P<decision>[^,]+)(?:, (?P<reponse>.+))?)?"
)


def tableaux() -> list[list[dict[str, str]]]:
    """Every table of the document: rows by the words of its heading (columns without a word are numbered)."""
    lus: list[list[dict[str, str]]] = []
    entete: list[str] | None = None
    for ligne in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if not ligne.startswith("|"):
            entete = None
            continue
        cases = [case.strip() for case in ligne.strip("|").split("|")]
        if entete is None:
            entete = [case or str(rang) for rang, case in enumerate(cases)]
            lus.append([])
        elif not set(ligne) <= set("|- "):
            lus[-1].append(dict(zip(entete, cases, strict=True)))
    return lus


def pupil_facts(dit: Mapping[str, str]) -> Iterator[r.Fait]:
    commun: dict[str, Any] = {"session": 2026, "eleve_id": dit["Élève"], "version": 1}
    fige = None
    if dit["Remontée"]:
        fige = r.VivierInitial(uai=UAI, serie=SERIES[dit["Remontée"]], date=date(2026, 1, 19))
    yield r.Eleve(
        **commun,
        uai=UAI,
        academie="01",
        departement="075",
        serie=SERIES[dit["Série"]],
        classe=dit["Classe"],
        sexe=dit["Sexe"],
        mef="M",
        date_sortie=None if dit["Présent"] == "oui" else date(2026, 2, 20),
        vivier_initial=fige,
    )
    if dit["Dossier"]:
        yield r.Dossier(**commun, profil=Profil.TERMINALE, etat=_DOSSIERS[dit["Dossier"]])
    if dit["Commission"]:
        yield r.Caes(**commun, etat=_COMMISSION[dit["Commission"]])
    for rang, voeu in enumerate(filter(None, dit["Vœux et réponses"].split(" ; "))):
        yield from _voeu({**commun, "voeu_id": f"v{rang}"}, voeu)


def _voeu(commun: dict[str, Any], texte: str) -> Iterator[r.Fait]:
    lu = _VOEU.fullmatch(texte)
    assert lu, f"not a vœu: {texte}"
    yield r.Voeu(
        **commun,
        formation_id="F1",
        famille=_FAMILLES[lu["famille"]],
        selective=False,
        academie_formation="01",
        voie=Voie.APPRENTISSAGE if lu["apprentissage"] else Voie.ETUDIANT,
        phase=Phase.COMPLEMENTAIRE if lu["phase"] else Phase.PRINCIPALE,
        etat=_ETATS[lu["etat"]],
    )
    if lu["decision"]:
        yield r.Proposition(**commun, decision=_DECISIONS[lu["decision"]])
    if lu["reponse"]:
        yield r.ReponseDonnee(**commun, reponse=_REPONSES[lu["reponse"]])

"""Pure rules of the service exports: what a workbook says, in which order, under which name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.exports.notice import notice
from shared.domaine.colonnes import Colonne
from shared.domaine.ligne import LigneEleve
from shared.domaine.liste import Liste
from shared.domaine.tri import cle_de_tri
from shared.nomenclatures.lycees import Lycee

PARIS = ZoneInfo("Europe/Paris")
_CHIFFRES = re.compile(r"(\d+)")


class EtatExport(StrEnum):
    EN_COURS = "EN_COURS"
    PRET = "PRET"
    ECHEC = "ECHEC"


@dataclass(frozen=True, slots=True)
class Classeur:
    """A workbook to write. ``titres``: lines above the header; ``notice``: (heading, text) pairs."""

    onglet: str
    titres: tuple[str, ...]
    colonnes: tuple[Colonne, ...]
    eleves: Sequence[LigneEleve]
    notice: tuple[tuple[str, str], ...]
    pied: str


def trier(liste: Liste, eleves: Iterable[LigneEleve]) -> list[LigneEleve]:
    """Most urgent first as the list says, then by classe (T2 before T10, none last) and by name."""
    tries = sorted(eleves, key=_rang)
    champ = liste.tri.champ
    if champ == "classe_tri":
        return tries
    connus = [eleve for eleve in tries if getattr(eleve, champ) is not None]
    connus.sort(key=lambda eleve: getattr(eleve, champ), reverse=liste.tri.descendant)
    return [*connus, *(eleve for eleve in tries if getattr(eleve, champ) is None)]


def _rang(eleve: LigneEleve) -> tuple[bool, list[tuple[bool, int, str]], str, str]:
    morceaux = _CHIFFRES.split(cle_de_tri(eleve.classe or ""))
    classe = [(not m.isdecimal(), int(m) if m.isdecimal() else 0, m) for m in morceaux if m]
    nom, prenom = eleve.nom or "\uffff", eleve.prenom or ""
    return eleve.classe is None, classe, cle_de_tri(nom) or nom, cle_de_tri(prenom)


def nom_de_fichier(liste: Liste, uai: str, session: int, situation: datetime) -> str:
    """« Inscrits sans vœu - 0750654D - session 2026 - 2026-01-20.xlsx »: nobody's name in it."""
    jour = situation.astimezone(PARIS).date().isoformat()
    return f"{liste.titre} - {uai} - session {session} - {jour}.xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """What a workbook is made of, beside the pupils. ``filtres``: in words; ``direction``: the asker's columns."""

    liste: Liste
    uai: str
    lycee: Lycee | None
    session: int
    situation: datetime
    filtres: str = ""
    direction: bool = True


def composer(demande: Demande, eleves: Iterable[LigneEleve]) -> Classeur:
    """Everything that the workbook of a list says."""
    liste, lycee, uai = demande.liste, demande.lycee, demande.uai
    tries = trier(liste, eleves)
    etablissement = f"{lycee.nom}, {lycee.commune} ({uai})" if lycee else f"Lycée {uai}"
    moment = f"{demande.situation.astimezone(PARIS):%d/%m/%Y à %H:%M}"
    titres = (
        f"{liste.titre} — session {demande.session}",
        etablissement,
        f"Situation au {moment} : {_effectif(len(tries))}",
    )
    colonnes = liste.imprime(direction=demande.direction)
    return Classeur(
        onglet=liste.nom_d_onglet,
        titres=(*titres, f"Filtres : {demande.filtres}") if demande.filtres else titres,
        colonnes=colonnes,
        eleves=tries,
        notice=notice(liste, colonnes, moment, demande.filtres),
        pied=f"{etablissement} — {liste.titre} — situation au {moment}",
    )


def _effectif(nombre: int) -> str:
    return "aucun élève" if nombre == 0 else f"{nombre} élève{'s' if nombre > 1 else ''}"

"""Pure rules of the service exports: what a workbook says, in which order, under which name."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domaine.listes import Liste, cle_de_tri
from shared.domaine.statut import LIBELLES as STATUTS
from shared.events.modeles import Statut
from shared.nomenclatures.lycees import Lycee
from shared.nomenclatures.series import Serie

PARIS = ZoneInfo("Europe/Paris")
_CHIFFRES = re.compile(r"(\d+)")
_IDENTITE_ATTENDUE = "(identité non reçue)"
Valeur = str | int | date | None


class EtatExport(StrEnum):
    EN_COURS = "EN_COURS"
    PRET = "PRET"
    ECHEC = "ECHEC"


@dataclass(frozen=True, slots=True, kw_only=True)
class EleveListe:
    """A pupil as the lists print him; identity is None until it is received."""

    classe: str | None
    nom: str | None
    prenom: str | None
    naissance: date | None
    ine: str | None
    serie: Serie
    statut: Statut
    boursier: bool
    voeux: int
    voeux_confirmes: int


@dataclass(frozen=True, slots=True)
class Colonne:
    """``centree``: short codes and figures."""

    titre: str
    valeur: Callable[[EleveListe], Valeur]
    centree: bool = False


@dataclass(frozen=True, slots=True)
class Classeur:
    """A workbook to write. ``titres``: lines above the header; ``notice``: (heading, text) pairs."""

    onglet: str
    titres: tuple[str, ...]
    colonnes: tuple[Colonne, ...]
    eleves: Sequence[EleveListe]
    notice: tuple[tuple[str, str], ...]
    pied: str


_COMMUNES = (
    Colonne("Classe", lambda e: e.classe, centree=True),
    Colonne("Nom", lambda e: e.nom or _IDENTITE_ATTENDUE),
    Colonne("Prénom", lambda e: e.prenom),
    Colonne("Date de naissance", lambda e: e.naissance, centree=True),
    Colonne("INE", lambda e: e.ine, centree=True),
    Colonne("Série", lambda e: e.serie.libelle),
    Colonne("Statut", lambda e: STATUTS[e.statut]),
    Colonne("Boursier", lambda e: "oui" if e.boursier else "non", centree=True),
)
_VOEUX = (
    Colonne("Vœux", lambda e: e.voeux, centree=True),
    Colonne("Vœux confirmés", lambda e: e.voeux_confirmes, centree=True),
)


def colonnes(liste: Liste) -> tuple[Colonne, ...]:
    return (*_COMMUNES, *_VOEUX) if liste is Liste.TOUS else _COMMUNES


def trier(eleves: Iterable[EleveListe]) -> list[EleveListe]:
    """By classe (T2 before T10, no classe last), then in French alphabetical order."""
    return sorted(eleves, key=_rang)


def _rang(eleve: EleveListe) -> tuple[bool, list[tuple[bool, int, str]], str, str]:
    morceaux = _CHIFFRES.split(cle_de_tri(eleve.classe or ""))
    classe = [(not m.isdecimal(), int(m) if m.isdecimal() else 0, m) for m in morceaux if m]
    nom, prenom = eleve.nom or "\uffff", eleve.prenom or ""
    return eleve.classe is None, classe, cle_de_tri(nom) or nom, cle_de_tri(prenom)


def nom_de_fichier(liste: Liste, uai: str, session: int, situation: datetime) -> str:
    """« Inscrits sans vœu - 0750654D - session 2026 - 2026-01-20.xlsx »: nobody's name in it."""
    jour = situation.astimezone(PARIS).date().isoformat()
    return f"{liste.libelle} - {uai} - session {session} - {jour}.xlsx"


def composer(
    *,
    liste: Liste,
    uai: str,
    lycee: Lycee | None,
    session: int,
    situation: datetime,
    eleves: Iterable[EleveListe],
) -> Classeur:
    """Everything that the workbook of a list says."""
    tries = trier(eleves)
    etablissement = f"{lycee.nom}, {lycee.commune} ({uai})" if lycee else f"Lycée {uai}"
    moment = f"{situation.astimezone(PARIS):%d/%m/%Y à %H:%M}"
    return Classeur(
        onglet=liste.libelle,
        titres=(
            f"{liste.libelle} — session {session}",
            etablissement,
            f"Situation au {moment} : {_effectif(len(tries))}",
        ),
        colonnes=colonnes(liste),
        eleves=tries,
        notice=_notice(liste, moment),
        pied=f"{etablissement} — {liste.libelle} — situation au {moment}",
    )


def _effectif(nombre: int) -> str:
    return "aucun élève" if nombre == 0 else f"{nombre} élève{'s' if nombre > 1 else ''}"


def _notice(liste: Liste, moment: str) -> tuple[tuple[str, str], ...]:
    return (
        (f"La liste « {liste.libelle} »", liste.definition),
        (
            "Situation",
            (
                f"La liste montre ce qui était connu le {moment} (heure de Paris). Elle ne se met pas à jour "
                "d’elle-même : demandez-la de nouveau pour la situation du moment."
            ),
        ),
        (
            "Colonnes",
            (
                "Classe, identité et INE viennent de SIECLE. La série est déduite du MEF de l’élève. « Boursier » est "
                "ce que dit SIECLE. « Statut » dit où en est l’élève dans la procédure. Un vœu multiple compte pour "
                "un vœu, quel que soit le nombre de ses sous-vœux."
            ),
        ),
        (
            "Identité non reçue",
            "Un élève dont la scolarité est remontée avant l’identité figure sans nom ; il ne manque jamais.",
        ),
        (
            "Apostrophe en tête d’une cellule",
            (
                "Un texte qui commence par =, +, - ou @ est précédé d’une apostrophe, pour qu’aucun tableur ne "
                "l’exécute comme une formule."
            ),
        ),
        (
            "Données personnelles",
            (
                "Ce document est nominatif : ne le diffusez pas hors de l’équipe qui en a besoin et supprimez-le après "
                "usage."
            ),
        ),
    )

"""Sentences about the candidature: dossier, vœux, answers of formations and of the pupil, deadlines."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.eleves.chronologie import Entree
from services.eleves.lecture import Genre, Origine
from services.eleves.phrases.base import Contexte, Diseur, Dite, Phrases, plateforme
from shared.events.modeles import Decision

_PARIS = ZoneInfo("Europe/Paris")


def dossier(_: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    etat, pieces, saisis = entree.details
    avant_etat, avant_pieces, avant_saisis = avant.details if avant else (None, 0, 0)
    if avant is None:
        yield plateforme(Genre.INSCRIPTION, "Dossier ouvert sur la plateforme.")
    if etat != avant_etat and etat in _DOSSIERS:
        yield plateforme(Genre.INSCRIPTION, _DOSSIERS[etat])
    elif avant is not None and etat != avant_etat:
        yield plateforme(Genre.INSCRIPTION, "Dossier rouvert sur la plateforme.")
    if pieces != avant_pieces:
        phrase = f"Pièces manquantes au dossier : {pieces}." if pieces else "Plus aucune pièce ne manque."
        yield plateforme(Genre.INSCRIPTION, phrase)
    if saisis != avant_saisis:
        phrase = f"Bulletins saisis par l’élève : {saisis}."
        yield Dite(Genre.BULLETINS, Origine.ELEVE, phrase)


_DOSSIERS: Mapping[str, str] = {
    "COMPLET": "Dossier complet.",
    "DEMISSION": "Démission : la procédure est quittée.",
}


def caes(_: Contexte, __: Entree | None, entree: Entree) -> Phrases:
    phrase = _CAES.get(entree.details[0], "Commission d’accès : dossier mis à jour.")
    yield plateforme(Genre.ADMISSION, phrase)


_CAES: Mapping[str, str] = {
    "SAISIE": "Commission d’accès à l’enseignement supérieur (CAES) saisie.",
    "PROPOSITION": "Proposition de la commission d’accès (CAES).",
    "ACCEPTEE": "Proposition de la commission d’accès acceptée.",
    "CLOSE": "Dossier de la commission d’accès clos.",
}


def voeu(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    formation_id, etat, phase, rang = entree.details
    quoi = contexte.voeu(entree.sujet, formation_id)
    if avant is None or avant.details[1] != etat:
        suite = " (phase complémentaire)" if phase == "COMPLEMENTAIRE" and avant is None else ""
        if avant is None and etat not in {"FORMULE", "SUPPRIME"}:
            yield plateforme(
                Genre.VOEUX, f"Vœu formulé{suite}, {_VOEUX[etat].removeprefix('Vœu ')} : {quoi}."
            )
        else:
            yield plateforme(Genre.VOEUX, f"{_VOEUX.get(etat, 'Vœu mis à jour')}{suite} : {quoi}.")
    elif avant.details[3] != rang and rang is not None:
        yield plateforme(Genre.VOEUX, f"Vœu classé au rang {rang} : {quoi}.")
    elif avant.version != entree.version:
        yield plateforme(Genre.VOEUX, f"Vœu modifié : {quoi}.")


_VOEUX: Mapping[str, str] = {
    "FORMULE": "Vœu formulé",
    "COMPLET": "Vœu complet",
    "CONFIRME": "Vœu confirmé",
    "NON_CONFIRME": "Vœu non confirmé",
    "SUPPRIME": "Vœu retiré",
}


def proposition(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    decision, rang, limite = entree.details
    quoi = contexte.voeu(entree.sujet)
    fin = f" Réponse attendue avant le {_instant(limite)}." if limite else ""
    if decision == Decision.EN_ATTENTE.value:
        rang_avant = avant.details[1] if avant and avant.details[0] == decision else None
        ou = f", rang {rang}" if rang is not None else ""
        ou = f", du rang {rang_avant} au rang {rang}" if None not in {rang_avant, rang} else ou
        yield plateforme(Genre.ADMISSION, f"En liste d’attente{ou} : {quoi}.")
        return
    phrase = _DECISIONS.get(decision, "Réponse de la formation")
    yield plateforme(Genre.ADMISSION, f"{phrase} : {quoi}.{fin}")


_DECISIONS: Mapping[str, str] = {
    "OUI": "Proposition d’admission",
    "OUI_SI": "Proposition d’admission « oui, si » (parcours d’accompagnement)",
    "NON": "Refus de la formation",
    "RETENU_SOUS_RESERVE": "Candidature retenue sous réserve d’un contrat d’apprentissage",
}


def reponse(contexte: Contexte, _: Entree | None, entree: Entree) -> Phrases:
    phrase = _REPONSES.get(entree.details[0], "Réponse de l’élève")
    yield Dite(Genre.ADMISSION, Origine.ELEVE, f"{phrase} : {contexte.voeu(entree.sujet)}.")


_REPONSES: Mapping[str, str] = {
    "ACCEPTEE": "Proposition acceptée définitivement",
    "ACCEPTEE_EN_MAINTENANT": "Proposition acceptée, en maintenant des vœux en attente",
    "REFUSEE": "Proposition refusée",
    "EXPIREE": "Proposition perdue, faute de réponse",
    "DEMISSION": "Vœu abandonné",
}


def echeance(genre: Genre, passee: str, reportee: str) -> Diseur:
    def dire_echeance(contexte: Contexte, _: Entree | None, entree: Entree) -> Phrases:
        phrase = reportee if entree.details[0] else passee
        yield Dite(genre, Origine.CALENDRIER, f"{phrase} : {contexte.voeu(entree.sujet)}.")

    return dire_echeance


def bourse(_: Contexte, avant: Entree | None, __: Entree) -> Phrases:
    phrase = (
        "Bourse de lycée signalée par l’élève."
        if avant is None
        else "Bourse de nouveau signalée par l’élève."
    )
    yield Dite(Genre.BOURSE, Origine.ELEVE, phrase)


def _instant(secondes: int) -> str:
    return datetime.fromtimestamp(secondes, UTC).astimezone(_PARIS).strftime("%d/%m/%Y à %H h %M")

"""Sentences about what the lycée sends, and what the platform acknowledges of it."""

from collections.abc import Mapping

from services.eleves.chronologie import Entree
from services.eleves.lecture import Genre, Origine
from services.eleves.phrases.base import Contexte, Dite, Phrases, plateforme
from shared.domaine.accuse import ACQUIS
from shared.domaine.bulletins import code_periode
from shared.events.modeles import OrigineBulletin


def bulletin(_: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    decoupage, origine, matieres = entree.details
    annee, _tiret, periode = entree.sujet.partition("-")
    nom = f"Bulletin {code_periode(decoupage, int(periode))} {int(annee) - 1}-{annee}"
    if origine == OrigineBulletin.SAISI.value:
        yield Dite(Genre.BULLETINS, Origine.ELEVE, f"{nom} saisi par l’élève.")
        return
    verbe = "remonté" if avant is None else "remonté de nouveau, avec des changements"
    combien = f"{matieres} matière{'s' if matieres > 1 else ''}"
    yield Dite(Genre.BULLETINS, Origine.LYCEE, f"{nom} {verbe} : {combien}.")


def fiche(_: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    rendus, _cibles, transmise = entree.details
    if transmise and not (avant and avant.details[2]):
        yield Dite(Genre.FICHE, Origine.LYCEE, f"Fiche Avenir transmise à la plateforme, avec {rendus} avis.")
    elif not transmise:
        combien = "un avis" if rendus == 1 else f"{rendus} avis"
        yield Dite(Genre.FICHE, Origine.LYCEE, f"Fiche Avenir complète : {combien}.")


def accuse(_: Contexte, __: Entree | None, entree: Entree) -> Phrases:
    _version, resultat = entree.details
    genre, quoi = _ACCUSES[entree.sujet]
    verbe = "a bien pris en compte" if resultat in ACQUIS else "n’a pas pris en compte"
    yield plateforme(genre, f"La plateforme {verbe} {quoi}.")


_ACCUSES: Mapping[str, tuple[Genre, str]] = {
    "BOURSE": (Genre.BOURSE, "la bourse transmise"),
    "CORDEES": (Genre.CORDEES, "les Cordées de la réussite transmises"),
    "FICHE_AVENIR": (Genre.FICHE, "la fiche Avenir transmise"),
}

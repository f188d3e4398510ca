"""One fact of the timeline in plain French, without the pupil's name or gender. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.eleves.chronologie import Entree, Sorte
from services.eleves.lecture import Genre, Origine
from shared.domaine.accuse import ACQUIS
from shared.domaine.bulletins import code_periode
from shared.domaine.etat import EtatEleve
from shared.events.modeles import Decision, OrigineBulletin
from shared.nomenclatures.formations import formation
from shared.nomenclatures.lycees import lycee
from shared.nomenclatures.series import Serie

_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Contexte:
    """``direction``: the échelon of a bourse is for the lycée's direction alone."""

    etat: EtatEleve
    direction: bool

    def voeu(self, cle: str, formation_id: str | None = None) -> str:
        """Label of what is asked for."""
        connu = self.etat.voeux.get(cle)
        code = formation_id or (connu.formation_id if connu else None)
        if code is None:
            return "un vœu dont la plateforme n’a pas encore donné le détail"
        trouvee = formation(code)
        return f"{trouvee.libelle} – {trouvee.etablissement}" if trouvee else f"formation {code}"


class Dite(NamedTuple):
    genre: Genre
    origine: Origine
    phrase: str


Phrases = Iterator[Dite]


def dire(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    """Sentences of an entry. ``avant``: the version before of the same subject, among those known."""
    diseur = _DISEURS.get(entree.sorte)
    if diseur is not None:
        yield from diseur(contexte, avant, entree)


def _identite(_: Contexte, avant: Entree | None, __: Entree) -> Phrases:
    phrase = "État civil reçu." if avant is None else "État civil mis à jour."
    yield Dite(Genre.SCOLARITE, Origine.SIECLE, phrase)


def _scolarite(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    """Those of a version that the lycée typed, or that we made, are theirs and not SIECLE's."""
    origine = _ORIGINES.get(entree.details[6], Origine.SIECLE)
    for dite in _versions(contexte, avant, entree):
        yield dite._replace(origine=origine)


_ORIGINES: Mapping[str | None, Origine] = {"LYCEE": Origine.LYCEE, "PILOTAGE": Origine.PILOTAGE}


def _versions(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    uai, classe, serie, sortie, bourse, cordees, origine = entree.details
    if avant is None:
        ou = ", ".join(filter(None, [_lycee(uai), _classe(classe), f"série {_serie(serie)}"]))
        yield _siecle(f"Arrivée dans Pilotage : {ou}.")
        avant_bourse, avant_cordees = None, False
        dites = [_siecle(f"Sortie de l’établissement le {_jour(sortie)}.")] if sortie else []
    else:
        avant_bourse, avant_cordees = avant.details[4:6]
        dites = list(_mouvements(avant, entree))
    yield from dites
    droits = Droits((avant_bourse, bourse), (avant_cordees, cordees), _DANS.get(origine, "SIECLE"))
    yield from _droits(contexte, droits)
    if avant is not None and not dites and avant.details[:6] == entree.details[:6]:
        yield _siecle("Scolarité mise à jour.")


_DANS: Mapping[str | None, str] = {"LYCEE": "la saisie du lycée", "PILOTAGE": "la scolarité"}


class Droits(NamedTuple):
    """Before and after. ``source``: what says so."""

    bourses: tuple[int | bool | None, int | bool]
    cordees: tuple[bool, bool]
    source: str


def _mouvements(avant: Entree, entree: Entree) -> Phrases:
    uai, classe, serie, sortie, *_ = entree.details
    avant_uai, avant_classe, avant_serie, avant_sortie, *_ = avant.details
    if uai != avant_uai:
        yield _siecle(f"Changement de lycée : {_lycee(avant_uai)} → {_lycee(uai)}{_en_classe(classe)}.")
    elif classe != avant_classe:
        yield _siecle(f"Changement de classe : {avant_classe or 'aucune'} → {classe or 'aucune'}.")
    if serie != avant_serie:
        yield _siecle(f"Changement de série : {_serie(avant_serie)} → {_serie(serie)}.")
    if sortie and not avant_sortie:
        yield _siecle(f"Sortie de l’établissement le {_jour(sortie)}.")
    elif avant_sortie and not sortie:
        yield _siecle(f"Retour : la sortie du {_jour(avant_sortie)} ne compte plus.")
    elif sortie != avant_sortie:
        yield _siecle(f"Date de sortie corrigée : {_jour(avant_sortie)} → {_jour(sortie)}.")


def _droits(contexte: Contexte, droits: Droits) -> Phrases:
    avant, apres = droits.bourses
    if bool(avant) is not bool(apres):
        echelon = f" (échelon {apres})" if contexte.direction and apres and apres is not True else ""
        sens = "notée dans" if apres else "retirée de"
        yield Dite(Genre.BOURSE, Origine.SIECLE, f"Bourse de lycée {sens} {droits.source}{echelon}.")
    if droits.cordees[0] is not droits.cordees[1]:
        sens = "notées dans" if droits.cordees[1] else "retirées de"
        yield Dite(Genre.CORDEES, Origine.SIECLE, f"Cordées de la réussite {sens} {droits.source}.")


def _dossier(_: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    etat, pieces, saisis = entree.details
    avant_etat, avant_pieces, avant_saisis = avant.details if avant else (None, 0, 0)
    if avant is None:
        yield _plateforme(Genre.INSCRIPTION, "Dossier ouvert sur la plateforme.")
    if etat != avant_etat and etat in _DOSSIERS:
        yield _plateforme(Genre.INSCRIPTION, _DOSSIERS[etat])
    elif avant is not None and etat != avant_etat:
        yield _plateforme(Genre.INSCRIPTION, "Dossier rouvert sur la plateforme.")
    if pieces != avant_pieces:
        phrase = f"Pièces manquantes au dossier : {pieces}." if pieces else "Plus aucune pièce ne manque."
        yield _plateforme(Genre.INSCRIPTION, phrase)
    if saisis != avant_saisis:
        phrase = f"Bulletins saisis par l’élève : {saisis}."
        yield Dite(Genre.BULLETINS, Origine.ELEVE, phrase)


_DOSSIERS: Mapping[str, str] = {
    "COMPLET": "Dossier complet.",
    "DEMISSION": "Démission : la procédure est quittée.",
}


def _bourse(_: Contexte, avant: Entree | None, __: Entree) -> Phrases:
    phrase = (
        "Bourse de lycée signalée par l’élève."
        if avant is None
        else "Bourse de nouveau signalée par l’élève."
    )
    yield Dite(Genre.BOURSE, Origine.ELEVE, phrase)


def _caes(_: Contexte, __: Entree | None, entree: Entree) -> Phrases:
    phrase = _CAES.get(entree.details[0], "Commission d’accès : dossier mis à jour.")
    yield _plateforme(Genre.ADMISSION, phrase)


_CAES: Mapping[str, str] = {
    "SAISIE": "Commission d’accès à l’enseignement supérieur (CAES) saisie.",
    "PROPOSITION": "Proposition de la commission d’accès (CAES).",
    "ACCEPTEE": "Proposition de la commission d’accès acceptée.",
    "CLOSE": "Dossier de la commission d’accès clos.",
}


def _voeu(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    formation_id, etat, phase, rang = entree.details
    quoi = contexte.voeu(entree.sujet, formation_id)
    if avant is None or avant.details[1] != etat:
        suite = " (phase complémentaire)" if phase == "COMPLEMENTAIRE" and avant is None else ""
        if avant is None and etat not in {"FORMULE", "SUPPRIME"}:
            yield _plateforme(
                Genre.VOEUX, f"Vœu formulé{suite}, {_VOEUX[etat].removeprefix('Vœu ')} : {quoi}."
            )
        else:
            yield _plateforme(Genre.VOEUX, f"{_VOEUX.get(etat, 'Vœu mis à jour')}{suite} : {quoi}.")
    elif avant.details[3] != rang and rang is not None:
        yield _plateforme(Genre.VOEUX, f"Vœu classé au rang {rang} : {quoi}.")
    elif avant.version != entree.version:
        yield _plateforme(Genre.VOEUX, f"Vœu modifié : {quoi}.")


_VOEUX: Mapping[str, str] = {
    "FORMULE": "Vœu formulé",
    "COMPLET": "Vœu complet",
    "CONFIRME": "Vœu confirmé",
    "NON_CONFIRME": "Vœu non confirmé",
    "SUPPRIME": "Vœu retiré",
}


def _proposition(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    decision, rang, limite = entree.details
    quoi = contexte.voeu(entree.sujet)
    fin = f" Réponse attendue avant le {_instant(limite)}." if limite else ""
    if decision == Decision.EN_ATTENTE.value:
        rang_avant = avant.details[1] if avant and avant.details[0] == decision else None
        ou = f", rang {rang}" if rang is not None else ""
        ou = f", du rang {rang_avant} au rang {rang}" if None not in {rang_avant, rang} else ou
        yield _plateforme(Genre.ADMISSION, f"En liste d’attente{ou} : {quoi}.")
        return
    phrase = _DECISIONS.get(decision, "Réponse de la formation")
    yield _plateforme(Genre.ADMISSION, f"{phrase} : {quoi}.{fin}")


_DECISIONS: Mapping[str, str] = {
    "OUI": "Proposition d’admission",
    "OUI_SI": "Proposition d’admission « oui, si » (parcours d’accompagnement)",
    "NON": "Refus de la formation",
    "RETENU_SOUS_RESERVE": "Candidature retenue sous réserve d’un contrat d’apprentissage",
}


def _reponse(contexte: Contexte, _: Entree | None, entree: Entree) -> Phrases:
    phrase = _REPONSES.get(entree.details[0], "Réponse de l’élève")
    yield Dite(Genre.ADMISSION, Origine.ELEVE, f"{phrase} : {contexte.voeu(entree.sujet)}.")


_REPONSES: Mapping[str, str] = {
    "ACCEPTEE": "Proposition acceptée définitivement",
    "ACCEPTEE_EN_MAINTENANT": "Proposition acceptée, en maintenant des vœux en attente",
    "REFUSEE": "Proposition refusée",
    "EXPIREE": "Proposition perdue, faute de réponse",
    "DEMISSION": "Vœu abandonné",
}


def _echeance(genre: Genre, passee: str, reportee: str) -> "Diseur":
    def dire_echeance(contexte: Contexte, _: Entree | None, entree: Entree) -> Phrases:
        phrase = reportee if entree.details[0] else passee
        yield Dite(genre, Origine.CALENDRIER, f"{phrase} : {contexte.voeu(entree.sujet)}.")

    return dire_echeance


def _bulletin(_: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    decoupage, origine, matieres = entree.details
    annee, _tiret, periode = entree.sujet.partition("-")
    nom = f"Bulletin {code_periode(decoupage, int(periode))} {int(annee) - 1}-{annee}"
    if origine == OrigineBulletin.SAISI.value:
        yield Dite(Genre.BULLETINS, Origine.ELEVE, f"{nom} saisi par l’élève.")
        return
    verbe = "remonté" if avant is None else "remonté de nouveau, avec des changements"
    combien = f"{matieres} matière{'s' if matieres > 1 else ''}"
    yield Dite(Genre.BULLETINS, Origine.LYCEE, f"{nom} {verbe} : {combien}.")


def _fiche(_: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    rendus, _cibles, transmise = entree.details
    if transmise and not (avant and avant.details[2]):
        yield Dite(Genre.FICHE, Origine.LYCEE, f"Fiche Avenir transmise à la plateforme, avec {rendus} avis.")
    elif not transmise:
        combien = "un avis" if rendus == 1 else f"{rendus} avis"
        yield Dite(Genre.FICHE, Origine.LYCEE, f"Fiche Avenir complète : {combien}.")


def _accuse(_: Contexte, __: Entree | None, entree: Entree) -> Phrases:
    _version, resultat = entree.details
    genre, quoi = _ACCUSES[entree.sujet]
    verbe = "a bien pris en compte" if resultat in ACQUIS else "n’a pas pris en compte"
    yield _plateforme(genre, f"La plateforme {verbe} {quoi}.")


_ACCUSES: Mapping[str, tuple[Genre, str]] = {
    "BOURSE": (Genre.BOURSE, "la bourse transmise"),
    "CORDEES": (Genre.CORDEES, "les Cordées de la réussite transmises"),
    "FICHE_AVENIR": (Genre.FICHE, "la fiche Avenir transmise"),
}

Diseur = Callable[[Contexte, Entree | None, Entree], Phrases]
_DISEURS: Mapping[Sorte, Diseur] = {
    Sorte.IDENTITE: _identite,
    Sorte.SCOLARITE: _scolarite,
    Sorte.DOSSIER: _dossier,
    Sorte.BOURSE_SIGNALEE: _bourse,
    Sorte.CAES: _caes,
    Sorte.VOEU: _voeu,
    Sorte.PROPOSITION: _proposition,
    Sorte.REPONSE: _reponse,
    Sorte.VOEU_NON_CONFIRME: _echeance(
        Genre.VOEUX,
        "Vœu perdu, faute de confirmation à temps",
        "Échéance de confirmation reportée, vœu rétabli",
    ),
    Sorte.PROPOSITION_EXPIREE: _echeance(
        Genre.ADMISSION, "Proposition expirée, faute de réponse", "Échéance reportée, proposition rétablie"
    ),
    Sorte.BULLETIN: _bulletin,
    Sorte.FICHE: _fiche,
    Sorte.ACCUSE: _accuse,
}


def _siecle(phrase: str) -> Dite:
    return Dite(Genre.SCOLARITE, Origine.SIECLE, phrase)


def _plateforme(genre: Genre, phrase: str) -> Dite:
    return Dite(genre, Origine.PLATEFORME, phrase)


def _lycee(uai: str) -> str:
    connu = lycee(uai)
    return f"{connu.nom}, {connu.commune}" if connu else f"lycée {uai}"


def _classe(classe: str | None) -> str | None:
    return f"classe {classe}" if classe else None


def _en_classe(classe: str | None) -> str:
    return f", classe {classe}" if classe else ""


def _serie(code: str) -> str:
    return Serie(code).libelle


def _jour(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y")


def _instant(secondes: int) -> str:
    return datetime.fromtimestamp(secondes, UTC).astimezone(_PARIS).strftime("%d/%m/%Y à %H h %M")

"""What the pages of the scolarité show and what their forms say, between strings and contracts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from services.gateway import contrats_scolarite as c
from services.gateway import domain
from services.gateway.contrats import Saisie
from services.gateway.contrats_dossier import Dossier
from shared.http.errors import Refus
from shared.nomenclatures import regimes, specialites, statuts, terminales
from shared.nomenclatures.series import Serie

M = TypeVar("M", bound=Saisie)


class Onglet(StrEnum):
    SAISIES = "saisies"
    TACHES = "taches"
    AJOUT = "ajout"
    REMONTEE = "remontee"

    @property
    def libelle(self) -> str:
        return _ONGLETS[self]


_ONGLETS: Mapping[Onglet, str] = {
    Onglet.SAISIES: "Corrections",
    Onglet.TACHES: "Questions",
    Onglet.AJOUT: "Ajouter un élève",
    Onglet.REMONTEE: "Clôture de la remontée",
}
OBJETS_RETOUR: Mapping[str, str] = {
    "BOURSE": "Bourses certifiées",
    "CORDEES": "Cordées de la réussite",
    "FICHE_AVENIR": "Fiches Avenir transmises",
}
MODIFIABLES = ("classe", "mef", "serie", "specialites", "regime", "statut_scolaire", "date_entree")
CHOIX: Mapping[str, Mapping[str, str]] = {
    "serie": {serie.value: serie.libelle for serie in Serie},
    "regime": regimes(),
    "statut_scolaire": statuts(),
}
SPECIALITES: Mapping[str, str] = {cle: s.libelle for cle, s in specialites().items()}
FORMATIONS: Mapping[str, str] = {m.code: m.libelle for m in terminales().values() if not m.fermeture}
"""Terminales that are open, proposed where a MEF is typed."""
_DU_DOSSIER = {"classe": "classe", "serie": "serie", "date_sortie": "sorti_le"}
"""Fields that the dossier shows too: they differ as long as the fact has not come back."""
_MEF_NATIONAL = 10
_AJOUT = ("nom", "prenom", "nom_usage", "naissance", "sexe", "ine", "classe", "mef", "date_entree", "motif")


@dataclass(frozen=True, slots=True)
class Essai:
    """A form that was refused: what was typed, a sentence, and by field what is wrong."""

    phrase: str
    saisis: Mapping[str, str] = field(default_factory=dict)
    erreurs: Mapping[str, str] = field(default_factory=dict)
    candidats: tuple[Mapping[str, Any], ...] = ()
    status: int = 422


def montrer(champ: str, valeur: Any) -> str:
    """A value as a principal reads it."""
    match valeur:
        case None | "" | [] | ():
            return domain.TIRET
        case bool():
            return "Oui" if valeur else "Non"
        case list() | tuple():
            return ", ".join(SPECIALITES.get(str(un), str(un)) for un in valeur)
    if champ == "mef":
        connue = terminales().get(str(valeur)[:_MEF_NATIONAL])
        return f"{connue.libelle} ({valeur})" if connue else str(valeur)
    if champ.startswith("date"):
        return date.fromisoformat(str(valeur)).strftime("%d/%m/%Y")
    return CHOIX.get(champ, {}).get(str(valeur), str(valeur))


def champ(scolarite: c.Scolarite, code: str) -> c.ChampCompare | None:
    return next((un for un in scolarite.champs if un.champ == code), None)


def effectif(scolarite: c.Scolarite, code: str) -> Any:
    """The value in force, None when nobody says any."""
    trouve = champ(scolarite, code)
    return trouve.effectif if trouve else None


def en_attente(scolarite: c.Scolarite, dossier: Dossier) -> bool:
    """What was entered has not come back as a fact yet: the dossier still shows the value before."""
    if not scolarite.ici:
        return False
    for code, attribut in _DU_DOSSIER.items():
        montre = getattr(dossier, attribut)
        texte = montre.isoformat() if isinstance(montre, date) else montre
        if (effectif(scolarite, code) or None) != (texte or None):
            return True
    return False


def correction(formulaire: Mapping[str, list[str]], scolarite: c.Scolarite) -> c.Correction:
    """The fields that the form changes; an empty one stays as it is.

    Raises:
        Refus: 422, with what is wrong by field.
    """
    champs: dict[str, Any] = {}
    for code in MODIFIABLES:
        if code not in formulaire:
            continue
        valeur: Any = formulaire[code] if code == "specialites" else formulaire[code][0].strip()
        if valeur and not _meme(valeur, effectif(scolarite, code)):
            champs[code] = valeur
    if not champs:
        raise Refus(422, "rien", "Aucun champ n’a changé.", champs={})
    return _lire(c.Correction, {"champs": champs, "motif": _motif(formulaire)})


def _meme(saisi: Any, connu: Any) -> bool:
    if isinstance(saisi, list):
        return sorted(saisi) == sorted(connu or ())
    return bool(saisi == connu)


def sortie(formulaire: Mapping[str, list[str]]) -> c.Sortie:
    return _lire(c.Sortie, {"date": _un(formulaire, "date"), "motif": _motif(formulaire)})


def motivee(formulaire: Mapping[str, list[str]]) -> c.Motivee:
    return _lire(c.Motivee, {"motif": _motif(formulaire)})


def retrait(formulaire: Mapping[str, list[str]]) -> c.Retrait:
    motif = _motif(formulaire) or "retour à la valeur de SIECLE"
    return _lire(c.Retrait, {"champs": [_un(formulaire, "retirer")], "motif": motif})


def ajout(formulaire: Mapping[str, list[str]]) -> c.EleveAjoute:
    """From the form of an addition; ``choix``: the pupil meant, or ``nouveau``."""
    champs: dict[str, Any] = {nom: _un(formulaire, nom) for nom in _AJOUT if _un(formulaire, nom)}
    if choisies := [code for code in formulaire.get("specialites", []) if code]:
        champs["specialites"] = choisies
    choix = _un(formulaire, "choix")
    champs |= {"nouveau": True} if choix == "nouveau" else ({"eleve_id": choix} if choix else {})
    return _lire(c.EleveAjoute, champs)


def essai(formulaire: Mapping[str, list[str]], refus: Refus) -> Essai:
    """What the form shows again."""
    dits = refus.details.get("champs")
    erreurs = dits if isinstance(dits, dict) else {}
    if not erreurs and refus.code in {*MODIFIABLES, "ine", "date_sortie"}:
        erreurs = {"date" if refus.code == "date_sortie" else refus.code: refus.phrase}
    candidats = refus.details.get("candidats")
    return Essai(
        refus.phrase,
        {nom: " ".join(valeurs) for nom, valeurs in formulaire.items() if nom != "jeton"},
        erreurs,
        tuple(candidats) if isinstance(candidats, list) else (),
        refus.status,
    )


def _lire(modele: type[M], champs: Mapping[str, Any]) -> M:
    """Raises Refus 422 with a sentence by field."""
    try:
        return modele.model_validate(champs)
    except ValidationError as erreur:
        fautifs = {
            next((nom for nom in detail["loc"] if nom != "champs"), "champs") for detail in erreur.errors()
        }
        phrases = {str(nom): PHRASES.get(str(nom), "Cette valeur n’est pas valide.") for nom in fautifs}
        raise Refus(422, "saisie_invalide", "La saisie n’est pas valide.", champs=phrases) from erreur


PHRASES: Mapping[str, str] = {
    "motif": "Dites pourquoi, en quelques mots : vos collègues le liront.",
    "nom": "Donnez le nom de l’élève.",
    "prenom": "Donnez le prénom de l’élève.",
    "naissance": "Donnez la date de naissance.",
    "sexe": "Choisissez.",
    "ine": "L’INE a onze chiffres et lettres.",
    "mef": "Donnez le code de la formation (MEF), 10 ou 11 caractères.",
    "date_entree": "Donnez la date d’entrée dans le lycée.",
    "date": "Donnez la date de sortie.",
    "specialites": "Choisissez six spécialités au plus.",
}


def _motif(formulaire: Mapping[str, list[str]]) -> str:
    return _un(formulaire, "motif")


def _un(formulaire: Mapping[str, list[str]], nom: str) -> str:
    return (formulaire.get(nom) or [""])[0].strip()


def ids_des_taches(taches: tuple[c.Tache, ...]) -> list[UUID]:
    return [eleve.eleve_id for tache in taches for eleve in tache.eleves]

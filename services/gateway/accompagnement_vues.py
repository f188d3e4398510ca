"""What the pages of accompagnement show: forms read and given back, actions in groups, addresses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ValidationError

from services.gateway import contrats_accompagnement as ca
from services.gateway.domain import PARIS
from shared.domaine.catalogue import LISTES

M = TypeVar("M", bound=BaseModel)
_DELAI = timedelta(days=7)
_ERREURS: Mapping[str, str] = {
    "titre": "Donnez un titre, en 120 caractères au plus.",
    "genre": "Choisissez un genre d’action.",
    "consigne": "Le détail ne peut pas dépasser 2 000 caractères.",
    "fonction": "Choisissez qui est chargé de l’action.",
    "assigne": "Le nom ne peut pas dépasser 120 caractères.",
    "echeance": "Donnez une échéance.",
    "eleves": "Choisissez au moins un élève, et 200 au plus.",
    "motif": "Dites en une phrase pourquoi l’action est abandonnée.",
    "texte": "Écrivez un texte, qui ne soit pas trop long.",
    "jour": "Donnez la date de l’entretien.",
    "visibilite": "Choisissez qui peut lire cette note.",
    "phrase": "Écrivez une phrase, en 2 000 caractères au plus.",
    "lycees": "Choisissez au moins un lycée.",
}
ACTES: Mapping[str, str] = {
    "creee": "Action créée",
    "modifiee": "Action modifiée",
    "eleves": "Élèves ajoutés ou retirés",
    "issues": "Suites notées",
    "close": "Action close",
    "rouverte": "Action rouverte",
}
CHAMPS: Mapping[str, str] = {
    "titre": "titre",
    "genre": "genre",
    "consigne": "détail",
    "fonction": "personne chargée",
    "assigne": "personne chargée",
    "echeance": "échéance",
}
FAITS: Mapping[str, str] = {
    "creee": "L’action est créée. Les élèves suivis le sont aussi dans les listes et dans leur dossier.",
    "modifiee": "L’action est modifiée.",
    "eleves": "La liste des élèves est modifiée.",
    "issues": "Les suites sont enregistrées.",
    "close": "L’action est close. Vous pouvez la rouvrir ci-dessous si c’est une erreur.",
    "rouverte": "L’action est rouverte.",
    "commentee": "Le commentaire est ajouté.",
    "repondue": "Votre réponse est transmise au SAIO.",
    "declinee": "La proposition est déclinée ; le SAIO lit votre phrase.",
    "proposee": "Les propositions sont envoyées aux chefs d’établissement.",
    "retiree": "La proposition est retirée.",
}


@dataclass(frozen=True, slots=True)
class Formulaire:
    """What was typed, and what is wrong with it, by field."""

    valeurs: Mapping[str, Any]
    erreurs: Mapping[str, str] = field(default_factory=dict)
    conflit: Mapping[str, Any] | None = None
    refus: str = ""


def lire(modele: type[M], valeurs: Mapping[str, Any]) -> M | Formulaire:
    """The command that a form asks for, or the form with its errors in French. Empty fields are left out."""
    donnes = {nom: valeur for nom, valeur in valeurs.items() if valeur not in ("", None)}
    try:
        return modele.model_validate(donnes)
    except ValidationError as erreur:
        champs = {str(un["loc"][0]) if un["loc"] else "" for un in erreur.errors(include_input=False)}
        phrases = {champ: _ERREURS.get(champ, "Cette valeur n’est pas valide.") for champ in champs}
        return Formulaire(valeurs, phrases)


def aujourd_hui() -> date:
    return datetime.now(PARIS).date()


def echeance_proposee() -> str:
    return (aujourd_hui() + _DELAI).isoformat()


def liste_dite(code: str | None) -> str | None:
    """Title of a list of the catalogue."""
    return LISTES[code].titre if code is not None and code in LISTES else None


def listes() -> list[tuple[str, list[tuple[str, str]]]]:
    """(window, [(code, title)]) for a choice."""
    groupes: dict[str, list[tuple[str, str]]] = {}
    for code, liste in LISTES.items():
        groupes.setdefault(liste.fenetre.libelle, []).append((code, liste.titre))
    return list(groupes.items())


def valeurs_de(action: ca.ActionSuivie) -> dict[str, Any]:
    """The fields of an action, as its form shows them."""
    return {
        **action.model_dump(include={"titre", "genre", "consigne", "fonction", "assigne"}),
        "echeance": action.echeance.isoformat(),
    }


def uuids(textes: Iterable[str]) -> tuple[UUID, ...]:
    """Those that are ids, once each, in order; a page that was tampered with is no reason to break."""
    trouves: dict[UUID, None] = {}
    for texte in textes:
        try:
            trouves[UUID(texte)] = None
        except ValueError:
            continue
    return tuple(trouves)


def issues(valeurs: Mapping[str, str], eleves: Sequence[ca.EleveSuivi]) -> tuple[dict[str, Any], ...]:
    """Those that the form changed, by ``issue-<id>`` and ``precision-<id>``."""
    dites = []
    for eleve in eleves:
        issue = valeurs.get(f"issue-{eleve.eleve_id}")
        precision = valeurs.get(f"precision-{eleve.eleve_id}", "").strip() or None
        if issue is None or (issue or None, precision) == (eleve.issue, eleve.precision):
            continue
        dites.append({"eleve_id": eleve.eleve_id, "issue": issue or None, "precision": precision})
    return tuple(dites)


@dataclass(frozen=True, slots=True)
class Groupe:
    titre: str
    actions: list[ca.ActionSuivie]
    urgent: bool = False


def groupes(tableau: ca.Tableau) -> list[Groupe]:
    """Late, this week, later, closed; those that are empty are left out."""
    ouvertes = [un for un in tableau.actions if un.etat is ca.EtatAction.OUVERTE]
    rangs = (
        Groupe("En retard", [un for un in ouvertes if un.en_retard], urgent=True),
        Groupe("À faire cette semaine", [un for un in ouvertes if un.cette_semaine]),
        Groupe("Plus tard", [un for un in ouvertes if not un.en_retard and not un.cette_semaine]),
        Groupe("Closes", [un for un in tableau.actions if un.etat is not ca.EtatAction.OUVERTE]),
    )
    return [groupe for groupe in rangs if groupe.actions]


def adresse(uai: str, filtre: ca.FiltreActions, **changes: Any) -> str:
    """Of the board, narrowed otherwise; from the first page."""
    voulu = filtre.model_copy(update={"curseur": None, **changes})
    params = voulu.model_dump(mode="json", exclude_none=True, exclude={"limite"})
    return f"/lycees/{uai}/accompagnement" + (f"?{urlencode(params)}" if params else "")


@dataclass(frozen=True, slots=True)
class AvancementLycee:
    """A lycée of the académie: its proposals, in counts."""

    uai: str
    propositions: list[ca.Proposition]

    @property
    def sans_reponse(self) -> int:
        return sum(un.etat == "PROPOSEE" for un in self.propositions)


def par_lycee(propositions: Iterable[ca.Proposition]) -> list[AvancementLycee]:
    groupees: dict[str, list[ca.Proposition]] = {}
    for une in propositions:
        groupees.setdefault(une.uai, []).append(une)
    return [AvancementLycee(uai, siennes) for uai, siennes in groupees.items()]


def en_retard(proposition: ca.Proposition) -> bool:
    return proposition.etat in {"PROPOSEE", "REPONDUE"} and proposition.echeance < datetime.now(UTC).date()

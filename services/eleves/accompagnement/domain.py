"""Pure rules of actions d’accompagnement: words, who is in charge, what is late, what may be changed."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
MAXIMUM = 200
"""Pupils of one action."""


class Genre(StrEnum):
    ENTRETIEN = "ENTRETIEN"
    RELANCE = "RELANCE"
    RENDEZ_VOUS_FAMILLE = "RENDEZ_VOUS_FAMILLE"
    VOEUX = "VOEUX"
    PROJET_MOTIVE = "PROJET_MOTIVE"
    CONFIRMATION = "CONFIRMATION"
    BOURSE = "BOURSE"
    REPONSE = "REPONSE"
    PHASE_COMPLEMENTAIRE = "PHASE_COMPLEMENTAIRE"
    CAES = "CAES"
    AUTRE = "AUTRE"

    @property
    def libelle(self) -> str:
        return _GENRES[self]


_GENRES: Mapping[Genre, str] = {
    Genre.ENTRETIEN: "Entretien",
    Genre.RELANCE: "Relance",
    Genre.RENDEZ_VOUS_FAMILLE: "Rendez-vous avec la famille",
    Genre.VOEUX: "Aide à la formulation des vœux",
    Genre.PROJET_MOTIVE: "Aide au projet de formation motivé",
    Genre.CONFIRMATION: "Aide à la confirmation des vœux",
    Genre.BOURSE: "Aide à la demande de bourse",
    Genre.REPONSE: "Aide à la réponse aux propositions",
    Genre.PHASE_COMPLEMENTAIRE: "Phase complémentaire",
    Genre.CAES: "Commission d’accès (CAES)",
    Genre.AUTRE: "Autre action",
}


class Fonction(StrEnum):
    """Who may be in charge of an action."""

    CHEF = "CHEF"
    ADJOINT = "ADJOINT"
    PROFESSEUR_PRINCIPAL = "PROFESSEUR_PRINCIPAL"
    PSYEN = "PSYEN"
    CPE = "CPE"
    PROFESSEUR = "PROFESSEUR"
    ASSISTANT_SOCIAL = "ASSISTANT_SOCIAL"
    INFIRMIER = "INFIRMIER"

    @property
    def libelle(self) -> str:
        return _FONCTIONS[self]


_FONCTIONS: Mapping[Fonction, str] = {
    Fonction.CHEF: "Chef d’établissement",
    Fonction.ADJOINT: "Adjoint",
    Fonction.PROFESSEUR_PRINCIPAL: "Professeur principal",
    Fonction.PSYEN: "Psychologue de l’éducation nationale",
    Fonction.CPE: "Conseiller principal d’éducation",
    Fonction.PROFESSEUR: "Professeur",
    Fonction.ASSISTANT_SOCIAL: "Assistant de service social",
    Fonction.INFIRMIER: "Infirmier",
}


class Etat(StrEnum):
    OUVERTE = "OUVERTE"
    FAITE = "FAITE"
    ABANDONNEE = "ABANDONNEE"

    @property
    def libelle(self) -> str:
        return {"OUVERTE": "À faire", "FAITE": "Faite", "ABANDONNEE": "Abandonnée"}[self.value]


class Issue(StrEnum):
    """What came of an action for one pupil. The first two end it for him."""

    REGLE = "REGLE"
    SANS_OBJET = "SANS_OBJET"
    A_SUIVRE = "A_SUIVRE"
    ABSENT = "ABSENT"
    INJOIGNABLE = "INJOIGNABLE"

    @property
    def libelle(self) -> str:
        return _ISSUES[self]


_ISSUES: Mapping[Issue, str] = {
    Issue.REGLE: "Vu, situation réglée",
    Issue.SANS_OBJET: "Plus nécessaire",
    Issue.A_SUIVRE: "Vu, à suivre",
    Issue.ABSENT: "Ne s’est pas présenté",
    Issue.INJOIGNABLE: "Injoignable",
}
FINALES = frozenset({Issue.REGLE, Issue.SANS_OBJET})


class Rapport(StrEnum):
    """What became of each pupil that a command named."""

    AJOUTE = "ajoute"
    DEJA = "deja"
    DEJA_SUIVI = "deja_suivi"
    SORTI = "sorti"
    RETIRE = "retire"
    INTROUVABLE = "introuvable"

    @property
    def phrase(self) -> str:
        return _RAPPORTS[self]

    @property
    def retenu(self) -> bool:
        return self in {Rapport.AJOUTE, Rapport.DEJA_SUIVI}


_RAPPORTS: Mapping[Rapport, str] = {
    Rapport.AJOUTE: "Ajouté à l’action.",
    Rapport.DEJA: "Est déjà dans cette action.",
    Rapport.DEJA_SUIVI: "Ajouté ; une autre action du même genre est déjà ouverte pour cet élève.",
    Rapport.SORTI: "A quitté l’établissement : n’est pas ajouté.",
    Rapport.RETIRE: "Retiré de l’action.",
    Rapport.INTROUVABLE: "N’existe pas, ou n’est pas dans votre périmètre.",
}


@dataclass(frozen=True, slots=True)
class Candidat:
    """A pupil of the caller's scope, as an action looks at him. ``suivi``: has an open action of that genre."""

    eleve_id: str
    present: bool
    suivi: bool


def trier(
    demandes: Collection[str], candidats: Mapping[str, Candidat], deja: Collection[str] = ()
) -> dict[str, Rapport]:
    """What becomes of each pupil asked for, in the order asked; a pupil named twice counts once."""
    return {eleve_id: _sort(candidats.get(eleve_id), eleve_id in deja) for eleve_id in demandes}


def _sort(candidat: Candidat | None, deja: bool) -> Rapport:
    if candidat is None:
        return Rapport.INTROUVABLE
    if deja:
        return Rapport.DEJA
    if not candidat.present:
        return Rapport.SORTI
    return Rapport.DEJA_SUIVI if candidat.suivi else Rapport.AJOUTE


def libelle_assigne(fonction: Fonction, assigne: str | None) -> str:
    """« Mme Thiéry (professeur principal) », or the fonction alone."""
    dite = fonction.libelle
    return f"{assigne} ({dite[0].lower()}{dite[1:]})" if assigne else dite


def cle_assigne(fonction: Fonction, assigne: str | None) -> str:
    """Same person, same key, whatever the case; nobody's name in an address."""
    if not assigne:
        return fonction.value
    empreinte = hashlib.sha256(" ".join(assigne.casefold().split()).encode()).hexdigest()
    return f"{fonction.value}-{empreinte[:12]}"


def fin_du_jour(jour: date) -> datetime:
    """Until when something due on ``jour`` is in time, Paris."""
    return datetime.combine(jour, time(23, 59, 59), PARIS)


def aujourd_hui(instant: datetime) -> date:
    return instant.astimezone(PARIS).date()


def fin_de_semaine(jour: date) -> date:
    """The Sunday of that week: what « à faire cette semaine » goes up to."""
    return jour + timedelta(days=6 - jour.weekday())

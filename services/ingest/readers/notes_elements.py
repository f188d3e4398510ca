"""Elements of a notes file as records: attributes and texts, nothing judged."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from lxml import etree

from services.ingest.bulletins.brut import (
    AnneeBrute,
    BulletinBrut,
    ClasseBrute,
    EleveBrut,
    EnseignantBrut,
    FichierBrut,
    MatiereBrute,
    NoteBrute,
    ServiceBrut,
)
from services.ingest.refus import FichierRefuse

K = TypeVar("K")
T = TypeVar("T")
LISTE_MAX = 50_000
_APPRECIATION_MAX = 4_000
_TEXTE_MAX = 300
_INE_MAX = 20


def _prendre_classe(fichier: FichierBrut, element: "etree._Element") -> None:
    classe = ClasseBrute(
        attribut(element, "annee"),
        attribut(element, "nom"),
        attribut(element, "niveau").lower(),
        attribut(element, "decoupage"),
    )
    _ajouter(fichier.classes, (attribut(element, "code"), classe.annee), classe)


def _prendre_service(fichier: FichierBrut, element: "etree._Element") -> None:
    service = ServiceBrut(
        annee=attribut(element, "annee"),
        periode=attribut(element, "trimestre"),
        enseignants=tuple(attribut(element, "code-enseignant").split()),
        matiere=attribut(element, "code-matiere"),
        langue=_valeur(element, "niveau-langue-vivante", "langue-vivante", "niveau").upper(),
        groupe=_valeur(element, "nom-groupe", "groupe"),
        effectif=_valeur(element, "effectif"),
        haute=_valeur(element, "moyenne-haute"),
        basse=_valeur(element, "moyenne-basse"),
        moyenne=_valeur(element, "moyenne-classe"),
    )
    _ajouter(fichier.services, (attribut(element, "code"), service.annee), service)


def _prendre_matiere(fichier: FichierBrut, element: "etree._Element") -> None:
    matiere = MatiereBrute(attribut(element, "code-sconet").upper(), attribut(element, "libelle"))
    _ajouter(fichier.matieres, attribut(element, "code"), matiere)


def _prendre_langue(fichier: FichierBrut, element: "etree._Element") -> None:
    _ajouter(fichier.langues, attribut(element, "code"), attribut(element, "libelle"))


def _prendre_enseignant(fichier: FichierBrut, element: "etree._Element") -> None:
    enseignant = EnseignantBrut(attribut(element, "nom"), attribut(element, "prenom"))
    _ajouter(fichier.enseignants, attribut(element, "code"), enseignant)


def _ajouter(liste: dict[K, T], cle: K, valeur: T) -> None:
    """The last of a code wins."""
    if len(liste) >= LISTE_MAX:
        raise anormal()
    liste[cle] = valeur


PRENEURS: Mapping[str, Callable[[FichierBrut, "etree._Element"], None]] = {
    "classe": _prendre_classe,
    "service-notation": _prendre_service,
    "matiere": _prendre_matiere,
    "langue-vivante": _prendre_langue,
    "enseignant": _prendre_enseignant,
}
"""Of the lists but the pupils', by tag."""


def eleve(element: "etree._Element", rang: int) -> EleveBrut:
    return EleveBrut(
        rang,
        attribut(element, "code"),
        attribut(element, "ine").upper()[:_INE_MAX],
        attribut(element, "nom"),
        attribut(element, "prenom"),
        attribut(element, "date-naissance"),
        [_annee(annee) for annee in element.iter("annee-scolaire")],
    )


def _annee(element: "etree._Element") -> AnneeBrute:
    bulletins = [
        BulletinBrut(
            attribut(bulletin, "trimestre"), [_note(note) for note in bulletin.iterchildren("notes")]
        )
        for bulletin in element.iter("bulletin")
    ]
    return AnneeBrute(attribut(element, "annee"), attribut(element, "code-classe"), bulletins)


def _note(element: "etree._Element") -> NoteBrute:
    textes = {enfant.tag: (enfant.text or "").strip() for enfant in element}
    return NoteBrute(
        attribut(element, "code-service-notation"),
        attribut(element, "etat").upper(),
        textes.get("moyenne", "")[:_TEXTE_MAX],
        textes.get("rang", "")[:_TEXTE_MAX],
        textes.get("coefficient", "")[:_TEXTE_MAX],
        textes.get("appreciation", "")[:_APPRECIATION_MAX],
    )


def attribut(element: "etree._Element", nom: str) -> str:
    """Cut where no rule looks any more: nothing of an odd file is kept that would weigh."""
    return (element.get(nom) or "").strip()[:_TEXTE_MAX]


def anormal() -> FichierRefuse:
    return FichierRefuse("XML", "La structure du fichier XML est anormale : refaites l’export.")


def _valeur(element: "etree._Element", *noms: str) -> str:
    """The specification has these as children, some gradebooks as attributes."""
    lus = ((element.findtext(nom) or element.get(nom) or "").strip() for nom in noms)
    return next((lu for lu in lus if lu), "")[:_TEXTE_MAX]

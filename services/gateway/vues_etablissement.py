"""What the pages of a lycée's settings show, prepared for their templates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from services.gateway import contrats_etablissement as ce
from shared.http.errors import Refus
from shared.nomenclatures.series import Serie

_HORS_CHAMPS = "c."
"""Before the name of each field of a fiche, in its form."""


class Onglet(StrEnum):
    COORDONNEES = "coordonnees"
    CLASSES = "classes"
    EQUIPE = "equipe"
    CONSEILS = "conseils"
    CONTACTS = "contacts"
    HISTORIQUE = "historique"

    @property
    def libelle(self) -> str:
        return _LIBELLES[self]


_LIBELLES: Mapping[Onglet, str] = {
    Onglet.COORDONNEES: "Coordonnées",
    Onglet.CLASSES: "Classes et séries",
    Onglet.EQUIPE: "Équipe",
    Onglet.CONSEILS: "Conseils de classe",
    Onglet.CONTACTS: "Contacts",
    Onglet.HISTORIQUE: "Modifications",
}
_ONGLETS: Mapping[ce.Objet, Onglet] = {
    ce.Objet.COORDONNEES: Onglet.COORDONNEES,
    ce.Objet.CLASSE: Onglet.CLASSES,
    ce.Objet.ENSEIGNEMENT: Onglet.EQUIPE,
    ce.Objet.CONSEIL: Onglet.CONSEILS,
    ce.Objet.CONTACT: Onglet.CONTACTS,
}
_OBJETS: Mapping[ce.Objet, str] = {
    ce.Objet.COORDONNEES: "Coordonnées du lycée",
    ce.Objet.CLASSE: "Classe",
    ce.Objet.ENSEIGNEMENT: "Enseignants",
    ce.Objet.CONSEIL: "Conseil de classe",
    ce.Objet.CONTACT: "Contact",
}
CHOIX: Mapping[str, tuple[tuple[str, str], ...]] = {
    "serie": (("", "Non précisée"), *((serie.value, serie.libelle) for serie in Serie)),
    "periodes": (("3", "Trimestres"), ("2", "Semestres")),
}
"""Fields that are chosen, not typed."""
TYPES: Mapping[str, str] = {"date": "date", "heure": "time", "telephone": "tel", "courriel": "email"}
AUTRES = "text"


@dataclass(frozen=True, slots=True)
class Essaye:
    """A fiche that was refused: what was typed, and what is wrong. ``actuelle``: as it is now, when it moved."""

    saisie: ce.FicheSaisie
    status: int
    phrase: str
    erreurs: Mapping[str, str] = field(default_factory=dict)
    actuelle: ce.Fiche | None = None

    def pour(self, fiche: ce.Fiche) -> "Essaye | None":
        mienne = (fiche.objet, fiche.classe, fiche.detail)
        return self if mienne == (self.saisie.objet, self.saisie.classe, self.saisie.detail) else None


def onglet_de(objet: ce.Objet) -> Onglet:
    return _ONGLETS[objet]


def saisie(formulaire: Mapping[str, str]) -> ce.FicheSaisie:
    """From a posted form.

    Raises:
        Refus: 422, it is not one of our forms.
    """
    champs: dict[str, str | None] = {
        nom.removeprefix(_HORS_CHAMPS): valeur
        for nom, valeur in formulaire.items()
        if nom.startswith(_HORS_CHAMPS)
    }
    if retire := formulaire.get("retirer"):
        champs = dict.fromkeys([retire])
    if formulaire.get("action") == "supprimer":
        champs = dict.fromkeys(champs)
    try:
        return ce.FicheSaisie(
            objet=ce.Objet(formulaire.get("objet", "")),
            classe=formulaire.get("classe", ""),
            detail=formulaire.get("detail", ""),
            champs=champs,
            motif=formulaire.get("motif") or None,
        )
    except ValueError as erreur:
        raise Refus(422, "saisie_invalide", "La saisie n’est pas valide.") from erreur


def essaye(saisie: ce.FicheSaisie, refus: Refus) -> Essaye:
    """What to show beside the form that was refused."""
    champs = refus.details.get("champs")
    actuel = refus.details.get("actuel")
    return Essaye(
        saisie,
        refus.status,
        refus.phrase,
        champs if isinstance(champs, dict) else {},
        ce.Fiche.model_validate(actuel) if isinstance(actuel, dict) else None,
    )


def ancre(fiche: ce.Fiche | ce.FicheSaisie) -> str:
    """Id of the fiche in its page: a classe may hold any character."""
    if fiche.objet is ce.Objet.COORDONNEES:
        return "fiche-coordonnees"
    cle = f"{fiche.classe}\x1f{fiche.detail}".encode()
    return f"fiche-{fiche.objet.value.lower()}-{blake2b(cle, digest_size=5).hexdigest()}"


def principaux(fiche: ce.Fiche) -> str:
    """« Emmy Noether, Évariste Galois »."""
    valeurs = {champ.champ: champ.valeur for champ in fiche.champs}
    qui = (
        f"{valeurs.get(f'principal_{rang}_prenom', '')} {valeurs.get(f'principal_{rang}_nom', '')}".strip()
        for rang in (1, 2)
    )
    return ", ".join(filter(None, qui))


def locaux(fiche: ce.Fiche) -> list[ce.ChampFiche]:
    """Fields typed here that somebody else says too: both values are shown."""
    return [champ for champ in fiche.champs if champ.local is not None and champ.siecle is not None]


def montrer(champ: str, valeur: str | None) -> str:
    """A value as it is read."""
    if not valeur:
        return "rien"
    return dict(CHOIX.get(champ, ())).get(valeur, valeur)


def nom_objet(acte: ce.ActeFiche) -> str:
    precision = acte.classe or ""
    return f"{_OBJETS[acte.objet]} {precision}".strip()

"""What the page of a pupil shows, prepared for its templates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from services.gateway import contrats as c
from services.gateway.contrats_dossier import Bulletin, Dossier, Moment, Voeu
from services.gateway.domain import PARIS

COURTE = 12
"""Lines of the timeline shown at first."""
GENRES = {
    "scolarite": "Scolarité",
    "inscription": "Inscription",
    "voeux": "Vœux",
    "admission": "Admission",
    "bulletins": "Bulletins",
    "fiche": "Fiche Avenir",
    "bourse": "Bourse",
    "cordees": "Cordées",
    "accompagnement": "Accompagnement",
}
ORIGINES = {
    "siecle": "SIECLE",
    "plateforme": "Plateforme",
    "lycee": "Lycée",
    "calendrier": "Calendrier",
    "eleve": "Élève",
    "pilotage": "Pilotage",
}
_SOIR = 18
_JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MOIS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


@dataclass(frozen=True, slots=True)
class VoeuEtAvis:
    """``echeance``: until when a proposition may be answered, in words; ``urgent``: today or tomorrow."""

    voeu: Voeu
    avis: c.Avis | None
    modifiable: bool
    echeance: str | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class GroupeVoeux:
    """A vœu alone, or the sous-vœux of a vœu multiple together. ``retire``: nothing of it is left."""

    voeu_id: str
    multiple: bool
    lignes: tuple[VoeuEtAvis, ...]

    @property
    def retire(self) -> bool:
        return all(ligne.voeu.etat == "SUPPRIME" for ligne in self.lignes)


@dataclass(frozen=True, slots=True)
class Conflit:
    """Two people wrote the same avis: what is recorded and what this one chose."""

    cible: str
    actuel: c.Avis | None
    propose: str | None


@dataclass(frozen=True, slots=True)
class Filtre:
    """A kind of facts, as a link of the timeline."""

    code: str
    libelle: str
    compte: int
    actif: bool


@dataclass(frozen=True, slots=True)
class Frise:
    """The timeline as shown: by day, newest first. ``reste``: lines that are not shown."""

    jours: tuple[tuple[str, tuple[Moment, ...]], ...]
    filtres: tuple[Filtre, ...]
    reste: int


def voeux_et_avis(
    dossier: Dossier, avis: Iterable[c.Avis], maintenant: datetime, *, ecrire: bool = True
) -> list[GroupeVoeux]:
    """Every vœu with its avis, sous-vœux together; what was withdrawn last. ``ecrire``: avis may be written."""
    par_cible = {un.cible: un for un in avis}
    ouvert = ecrire and dossier.sorti_le is None
    lignes = [
        VoeuEtAvis(
            voeu,
            par_cible.get(voeu.cle),
            modifiable=ouvert and voeu.etat != "SUPPRIME",
            echeance=echeance(voeu.date_limite, maintenant) if voeu.a_repondre and voeu.date_limite else None,
            urgent=voeu.a_repondre and _bientot(voeu.date_limite, maintenant),
        )
        for voeu in sorted(dossier.voeux, key=lambda v: (v.voeu_id, v.etat == "SUPPRIME", v.cle))
    ]
    groupes = [
        _groupe(voeu_id, tuple(siennes)) for voeu_id, siennes in groupby(lignes, key=lambda x: x.voeu.voeu_id)
    ]
    return sorted(groupes, key=lambda groupe: (groupe.retire, groupe.voeu_id))


def _groupe(voeu_id: str, lignes: tuple[VoeuEtAvis, ...]) -> GroupeVoeux:
    return GroupeVoeux(voeu_id, any(ligne.voeu.sous_voeu_id for ligne in lignes), lignes)


def _bientot(limite: datetime | None, maintenant: datetime) -> bool:
    return limite is not None and _jours_avant(limite, maintenant) <= 1


def _jours_avant(limite: datetime, maintenant: datetime) -> int:
    return (limite.astimezone(PARIS).date() - maintenant.astimezone(PARIS).date()).days


def echeance(limite: datetime, maintenant: datetime) -> str:
    """« expire ce soir à 23 h 59 », legal time in Paris."""
    locale = limite.astimezone(PARIS)
    heure = f"{locale.hour} h {locale.minute:02d}"
    jours = _jours_avant(limite, maintenant)
    if limite < maintenant:
        return f"délai dépassé depuis le {en_lettres(locale.date())} à {heure}"
    if jours == 0:
        return f"expire {'ce soir' if locale.hour >= _SOIR else 'aujourd’hui'} à {heure}"
    if jours == 1:
        return f"expire demain à {heure}"
    return f"expire {_JOURS[locale.weekday()]} {_date(locale.date())} à {heure}, dans {jours} jours"


def en_lettres(jour: date) -> str:
    """« vendredi 5 juin 2026 »."""
    return f"{_JOURS[jour.weekday()]} {_date(jour)} {jour.year}"


def _date(jour: date) -> str:
    return f"{'1er' if jour.day == 1 else jour.day} {_MOIS[jour.month - 1]}"


def frise(dossier: Dossier, avis: Iterable[c.Avis], genre: str, *, entiere: bool) -> Frise:
    """The timeline with the avis that the caller may read, of one ``genre`` or of all ("")."""
    tous = sorted([*dossier.chronologie, *_avis(dossier, avis)], key=lambda m: m.survenu, reverse=True)
    choisis = [moment for moment in tous if not genre or moment.genre == genre]
    montres = choisis if entiere else choisis[:COURTE]
    return Frise(
        tuple((en_lettres(jour), tuple(m)) for jour, m in groupby(montres, key=_jour)),
        _filtres(tous, genre),
        len(choisis) - len(montres),
    )


def _filtres(moments: Sequence[Moment], genre: str) -> tuple[Filtre, ...]:
    presents = [moment.genre for moment in moments]
    connus = [
        Filtre(code, libelle, presents.count(code), code == genre)
        for code, libelle in GENRES.items()
        if code in presents
    ]
    return (Filtre("", "Tout", len(moments), not genre), *connus)


def _jour(moment: Moment) -> date:
    return moment.survenu.astimezone(PARIS).date()


def _avis(dossier: Dossier, avis: Iterable[c.Avis]) -> list[Moment]:
    formations = {voeu.cle: voeu.formation for voeu in dossier.voeux}
    return [
        Moment(
            survenu=un.modifie_le,
            enregistre=un.modifie_le,
            genre="fiche",
            origine="lycee",
            phrase=f"Avis sur la capacité à réussir {'saisi' if un.capacite else 'effacé'} :"
            f" {formations.get(un.cible, f'vœu {un.cible}')}.",
        )
        for un in avis
    ]


def annees(bulletins: Sequence[Bulletin]) -> list[tuple[str, list[Bulletin]]]:
    """« 2025-2026 » and its périodes, in the order received."""
    return [
        (f"{annee - 1}-{annee}", list(siens)) for annee, siens in groupby(bulletins, key=lambda b: b.annee)
    ]

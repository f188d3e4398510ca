"""What the pages of indicators show, prepared for templates: pairs said, curves drawn, days matched. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.gateway import contrats_indicateurs as ci
from services.gateway import contrats_session as cs
from services.gateway import domain
from shared.domaine.calendrier import jour_de
from shared.domaine.calendriers_connus import par_defaut
from shared.domaine.etapes import Etape

ENSEMBLE = "ENSEMBLE"
MOMENTS = {"avant": "Avant l’admission", "apres": "Après l’admission"}
DIMENSIONS = {
    "classe": "Classe",
    "specialites": "Spécialités",
    "sexe": "Filles et garçons",
    "boursier": "Boursiers",
    "cordees": "Cordées de la réussite",
}
LISTES: Mapping[str, str] = {
    "sans_voeu": "inscrits_sans_voeu",
    "que_l1_pass": "que_l1_pass",
    "sans_voeu_confirme": "aucun_voeu_confirme",
    "acceptes": "admis",
    "acceptes_en_maintenant": "acceptee_en_maintenant",
    "a_repondre": "a_repondre",
    "expirees": "propositions_expirees",
    "sans_proposition": "sans_proposition",
    "que_attente": "tous_en_attente",
    "que_refus": "que_des_non",
    "demissions": "demissionnaires",
    "complementaire": "phase_complementaire",
    "caes": "caes",
}
"""The nominative list that names who is counted."""
CONTINUUM = {
    -3: "−3 : à faire baisser nettement",
    -2: "−2 : à faire baisser",
    -1: "−1 : à contenir",
    0: "0 : à maintenir",
    1: "+1 : à soutenir",
    2: "+2 : à faire monter",
    3: "+3 : à faire monter nettement",
}
_DITS = {
    ("sexe", "F"): "Filles",
    ("sexe", "M"): "Garçons",
    ("boursier", "OUI"): "Boursiers",
    ("boursier", "NON"): "Non-boursiers",
    ("cordees", "OUI"): "En Cordées",
    ("cordees", "NON"): "Hors Cordées",
}
_LARGEUR, _HAUTEUR, _MARGE = 640, 220, 40


PERIODES = {1: "premier trimestre ou semestre", 2: "deuxième trimestre ou semestre", 3: "troisième trimestre"}


def intentions(lu: ci.Intentions, serie: str) -> list[tuple[str, list[ci.LigneIntention]]]:
    """By période; of one série, or all of them added up; the famille ENSEMBLE last."""
    sommes: dict[tuple[int, str], ci.LigneIntention] = {}
    comptes = set(ci.LigneIntention.model_fields) - {"serie", "periode", "famille"}
    for ligne in lu.lignes:
        if serie in {"", ENSEMBLE, ligne.serie}:
            cle = (ligne.periode, ligne.famille)
            deja = sommes.get(cle)
            ajout = {nom: getattr(ligne, nom) + (getattr(deja, nom) if deja else 0) for nom in comptes}
            sommes[cle] = ligne.model_copy(update=ajout)
    return [
        (
            PERIODES.get(periode, f"période {periode}"),
            sorted(
                (ligne for (une, _), ligne in sommes.items() if une == periode),
                key=lambda ligne: (ligne.famille == ENSEMBLE, -ligne.intention, ligne.famille),
            ),
        )
        for periode in sorted({periode for periode, _ in sommes})
    ]


def modalite(dimension: str, code: str, specialite: Any = str) -> str:
    """In French; ``specialite`` says one code of spécialité."""
    if (dimension, code) in _DITS:
        return _DITS[dimension, code]
    if not code:
        return "Non renseigné"
    if dimension == "specialites":
        return " · ".join(specialite(un) for un in code.replace("+", ",").replace("|", ",").split(","))
    return code


def pourcent(valeur: float | None) -> str:
    """A rate from 0 to 1."""
    return domain.TIRET if valeur is None else domain.pourcentage(round(valeur * 10_000), 10_000)


def bloc(blocs: Sequence[ci.Bloc], ensemble: ci.Bloc | None, serie: str) -> ci.Bloc | None:
    return next((un for un in blocs if un.serie == serie), ensemble if serie == ENSEMBLE else None)


def du_moment(definitions: Sequence[ci.Definition], moment: str) -> list[ci.Definition]:
    return [un for un in definitions if un.moment == moment.upper()]


def par_code(un: ci.Bloc) -> dict[str, ci.Indicateur]:
    return {indicateur.code: indicateur for indicateur in un.indicateurs}


def jour_precedent(
    session: int, jour: date, calendrier: cs.Calendrier | None, avant: cs.Calendrier | None
) -> date | None:
    """Last session's day as far from the same step: the deadline of vœux, then the opening of admission."""
    ici, la = _jours(session, calendrier), _jours(session - 1, avant)
    ouverture = ici.get(Etape.ADMISSION_OUVERTURE.value)
    etape = Etape.ADMISSION_OUVERTURE if ouverture and jour >= ouverture else Etape.VOEUX_LIMITE
    repere, autre = ici.get(etape.value), la.get(etape.value)
    return autre + (jour - repere) if repere and autre else None


def _jours(session: int, calendrier: cs.Calendrier | None) -> dict[str, date]:
    if calendrier and calendrier.etapes:
        return {code: jour_de(instant) for code, instant in calendrier.etapes.items()}
    connu = par_defaut(session)
    return {etape.value: jour_de(i) for etape, i in connu.calendrier.dates.items()} if connu else {}


@dataclass(frozen=True, slots=True)
class Trace:
    """A curve as SVG: ``points`` of a polyline, graduations, and the same as a table."""

    titre: str
    points: str
    abscisses: tuple[tuple[float, str], ...]
    ordonnees: tuple[tuple[float, str], ...]
    lignes: tuple[tuple[date, int, int], ...]
    largeur: int = _LARGEUR
    hauteur: int = _HAUTEUR
    marge: int = _MARGE


def tracer(courbe: ci.Courbe, serie: str, code: str, titre: str) -> Trace | None:
    """None before two days; a day without base has no point."""
    vues = {un.jour: un.figures[code] for un in _points(courbe, serie) if code in un.figures}
    lignes = tuple((jour, n, base) for jour, (n, base) in sorted(vues.items()) if n is not None and base)
    if len(lignes) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    debut, fin = lignes[0][0], lignes[-1][0]
    haut = max(n / base for _, n, base in lignes) or 1
    plafond = next(p for p in (0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 1.0) if p >= min(haut, 1.0))

    def x(jour: date) -> float:
        return round(_MARGE + (_LARGEUR - 2 * _MARGE) * (jour - debut).days / max((fin - debut).days, 1), 1)

    def y(taux: float) -> float:
        return round(_HAUTEUR - _MARGE - (_HAUTEUR - 2 * _MARGE) * min(taux / plafond, 1), 1)

    return Trace(
        titre,
        " ".join(f"{x(jour)},{y(n / base)}" for jour, n, base in lignes),
        tuple((x(jour), f"{jour:%d/%m}") for jour in (debut, debut + (fin - debut) / 2, fin)),
        tuple((y(plafond * part), pourcent(plafond * part)) for part in (0, 0.5, 1)),
        lignes,
    )


def _points(courbe: ci.Courbe, serie: str) -> list[ci.Point]:
    """Of one série; of all, summed day by day."""
    if serie != ENSEMBLE:
        return [point for un in courbe.series if un.serie == serie for point in un.points]
    jours = sorted({point.jour for un in courbe.series for point in un.points})
    sommes: list[ci.Point] = []
    for jour in jours:
        derniers = [
            max((p for p in un.points if p.jour <= jour), key=lambda p: p.jour, default=None)
            for un in courbe.series
        ]
        connus = [point for point in derniers if point]
        figures = {
            code: (
                sum(p.figures[code][0] or 0 for p in connus),
                sum(p.figures[code][1] or 0 for p in connus),
            )
            for code in connus[0].figures
        }
        sommes.append(ci.Point(jour=jour, figures=figures))
    return sommes

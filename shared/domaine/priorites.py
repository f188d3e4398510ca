"""« À accompagner aujourd’hui »: who needs somebody now, and why, in the pupil's own figures.

The weights are in one table, :data:`RAISONS`, printed in docs/guide-principal.md. A pupil's place in the queue
is the sum of the weights of his reasons; those alike follow by classe then name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.domaine.admission import SansProposition
from shared.domaine.calendrier import PARIS, jour_de
from shared.domaine.catalogue_avant import INSCRIT
from shared.domaine.catalogue_pendant import A_REPONDRE_CE_SOIR, EN_PROCEDURE, SANS_PROPOSITION
from shared.domaine.etapes import Etape
from shared.domaine.ligne import LigneEleve
from shared.domaine.predicats import (
    ALaDate,
    Champ,
    Compare,
    Contexte,
    EstNul,
    Et,
    Jalon,
    Non,
    NonVide,
    Op,
    Ou,
    Predicat,
    au_moins,
    egal,
    et,
    evaluer,
    vrai,
)
from shared.domaine.predicats_sql import Sql, compiler

E = Etape
_AVANT_ADMISSION = Non(Jalon(E.ADMISSION_OUVERTURE, de=0))


class Raison(NamedTuple):
    """Why a pupil is in the queue: ``phrase`` is written out, without his name."""

    code: str
    poids: int
    phrase: str


@dataclass(frozen=True, slots=True)
class Motif:
    """One line of the table. ``regle``: when it holds, in words, for the guide."""

    code: str
    poids: int
    regle: str
    predicat: Predicat
    phrase: Callable[[LigneEleve, Contexte], str]


def _reste(contexte: Contexte, etape: Etape) -> str:
    """« aujourd’hui », « demain », « dans 3 jours (J−3) »."""
    assert contexte.calendrier is not None  # noqa: S101 - the predicate holds only with the step
    jours = (jour_de(contexte.calendrier.dates[etape]) - contexte.jour).days
    return {0: "aujourd’hui", 1: "demain (J−1)"}.get(jours, f"dans {jours} jours (J−{jours})")


def _n(nombre: int | None, singulier: str, pluriel: str | None = None) -> str:
    compte = nombre or 0
    return f"{compte} {singulier if compte < 2 else pluriel or singulier + 's'}"  # noqa: PLR2004 - French plural


def _heure(instant: datetime | None) -> str:
    return f"{instant.astimezone(PARIS):%H h %M}" if instant else "minuit"


def _jour(instant: datetime | None) -> str:
    return f"{instant.astimezone(PARIS):%d/%m/%Y}" if instant else "une date inconnue"


def _depuis(instant: datetime | None, contexte: Contexte) -> str:
    jours = (contexte.jour - jour_de(instant)).days if instant else 0
    return f"depuis {_n(jours, 'jour')}" if jours > 0 else "depuis aujourd’hui"


def _perdue(ligne: LigneEleve) -> str:
    dit = f"{_n(ligne.expirees, 'proposition expirée', 'propositions expirées')} (la dernière le {_jour(ligne.expiree_le)})"
    return (
        f"{dit}, et {_n(ligne.en_attente, 'vœu', 'vœux')} en attente à maintenir."
        if ligne.en_attente
        else f"{dit}."
    )


def _sans_proposition(ligne: LigneEleve, _: Contexte) -> str:
    if ligne.sans_proposition == SansProposition.TOUS_EN_ATTENTE:
        return f"Boursier sans proposition : {_n(ligne.en_attente, 'vœu', 'vœux')} en attente."
    return (
        f"Boursier sans proposition : {_n(ligne.refus, 'refus', 'refus')}"
        f" et {_n(ligne.en_attente, 'vœu', 'vœux')} en attente."
    )


MOTIFS: tuple[Motif, ...] = (
    Motif(
        "expire_ce_soir",
        100,
        "Une proposition sans réponse expire aujourd’hui",
        et(EN_PROCEDURE, A_REPONDRE_CE_SOIR),
        lambda e, _: (
            f"{_n(e.a_repondre, 'proposition')} sans réponse : la première expire ce soir"
            f" à {_heure(e.a_repondre_avant)}."
        ),
    ),
    Motif(
        "non_inscrit",
        90,
        "Non inscrit, à sept jours ou moins de la date limite des vœux",
        et(Non(vrai("inscrit")), Jalon(E.VOEUX_LIMITE, de=-7, a=0)),
        lambda _, c: (
            f"Pas de dossier sur la plateforme : la date limite des vœux est {_reste(c, E.VOEUX_LIMITE)}."
        ),
    ),
    Motif(
        "sans_voeu_j3",
        85,
        "Inscrit sans vœu, à trois jours ou moins de la date limite des vœux",
        et(INSCRIT, egal("voeux", 0), Jalon(E.VOEUX_LIMITE, de=-3, a=0)),
        lambda _, c: f"Aucun vœu : la date limite est {_reste(c, E.VOEUX_LIMITE)}.",
    ),
    Motif(
        "aucun_confirme",
        85,
        "Aucun vœu confirmé, à sept jours ou moins de la date limite de confirmation",
        et(
            INSCRIT,
            au_moins("voeux_a_confirmer", 1),
            egal("voeux_confirmes", 0),
            Jalon(E.CONFIRMATION_LIMITE, de=-7, a=0),
        ),
        lambda e, c: (
            f"{_n(e.voeux_a_confirmer, 'vœu', 'vœux')} et aucun confirmé :"
            f" la date limite est {_reste(c, E.CONFIRMATION_LIMITE)}."
        ),
    ),
    Motif(
        "que_des_non",
        80,
        "Que des refus",
        et(EN_PROCEDURE, egal("sans_proposition", SansProposition.QUE_DES_NON.value), EstNul("caes")),
        lambda e, _: f"Que des refus ({e.refus}) : phase complémentaire ou CAES à préparer avec l’élève.",
    ),
    Motif(
        "boursier_sans_proposition",
        60,
        "Boursier sans proposition",
        et(vrai("boursier"), SANS_PROPOSITION),
        _sans_proposition,
    ),
    Motif(
        "proposition_perdue",
        55,
        "Une proposition a expiré depuis moins de trois jours, sans rien d’autre d’accepté",
        et(
            EN_PROCEDURE,
            au_moins("expirees", 1),
            EstNul("acceptation"),
            Compare("expiree_le", Op.PLUS, ALaDate(-3)),
        ),
        lambda e, _: _perdue(e),
    ),
    Motif(
        "voeux_a_confirmer",
        50,
        "Des vœux restent à confirmer, à sept jours ou moins de la date limite de confirmation",
        et(
            INSCRIT,
            au_moins("voeux_a_confirmer", 1),
            au_moins("voeux_confirmes", 1),
            Jalon(E.CONFIRMATION_LIMITE, de=-7, a=0),
        ),
        lambda e, c: (
            f"{_n(e.voeux_a_confirmer, 'vœu', 'vœux')} à confirmer sur {e.voeux} :"
            f" la date limite est {_reste(c, E.CONFIRMATION_LIMITE)}."
        ),
    ),
    Motif(
        "sans_voeu",
        45,
        "Inscrit sans vœu, de vingt et un à quatre jours avant la date limite des vœux",
        et(INSCRIT, egal("voeux", 0), Jalon(E.VOEUX_LIMITE, de=-21, a=-4)),
        lambda _, c: f"Inscrit, et aucun vœu : la date limite est {_reste(c, E.VOEUX_LIMITE)}.",
    ),
    Motif(
        "non_classe",
        45,
        "Vœux en attente à classer, à trois jours ou moins de la fin du classement",
        et(EN_PROCEDURE, au_moins("attente_non_classee", 1), Jalon(E.CLASSEMENT_LIMITE, de=-3, a=0)),
        lambda e, c: (
            f"{_n(e.attente_non_classee, 'vœu', 'vœux')} en attente à classer :"
            f" la date limite est {_reste(c, E.CLASSEMENT_LIMITE)}."
        ),
    ),
    Motif(
        "suivi_en_retard",
        40,
        "Une action d’accompagnement a dépassé son échéance",
        et(au_moins("suivi_actions", 1), Compare("suivi_echeance", Op.MOINS, ALaDate())),
        lambda e, _: (
            f"Action d’accompagnement en retard : elle était prévue pour le {_jour(e.suivi_echeance)}."
        ),
    ),
    Motif(
        "sans_proposition",
        35,
        "Sans proposition, et pas que des refus",
        et(SANS_PROPOSITION, Non(egal("sans_proposition", SansProposition.QUE_DES_NON.value))),
        lambda e, _: (
            f"Aucune proposition : {_n(e.en_attente, 'vœu', 'vœux')} en attente,"
            f" {_n(e.refus, 'refus', 'refus')}."
        ),
    ),
    Motif(
        "bourse_a_traiter",
        30,
        "Bourse signalée par l’élève et non traitée",
        et(vrai("bourse_a_traiter"), _AVANT_ADMISSION),
        lambda e, c: f"S’est signalé boursier {_depuis(e.bourse_depuis, c)} : à certifier ou à refuser.",
    ),
    Motif(
        "bulletin_manquant",
        25,
        "Un bulletin attendu manque, une fois passée la date limite des vœux",
        et(INSCRIT, NonVide("bulletins_manquants"), Jalon(E.VOEUX_LIMITE, de=0), _AVANT_ADMISSION),
        lambda e, _: f"Bulletin manquant : {', '.join(e.bulletins_manquants or ())}.",
    ),
    Motif(
        "avis_manquant",
        20,
        "Des avis du chef d’établissement manquent, à sept jours ou moins de la date limite de confirmation",
        et(
            Compare("avis_rendus", Op.MOINS, Champ("avis_cibles")),
            Jalon(E.CONFIRMATION_LIMITE, de=-7, a=0),
        ),
        lambda e, _: f"Fiche Avenir : {e.avis_rendus} avis rendus sur {e.avis_cibles}.",
    ),
    Motif(
        "non_inscrit_bientot",
        15,
        "Non inscrit, de vingt et un à huit jours avant la date limite des vœux",
        et(Non(vrai("inscrit")), Jalon(E.VOEUX_LIMITE, de=-21, a=-8)),
        lambda _, c: (
            f"Pas de dossier sur la plateforme : la date limite des vœux est {_reste(c, E.VOEUX_LIMITE)}."
        ),
    ),
    Motif(
        "projet_fragile",
        10,
        "Un seul vœu, que des vœux sélectifs ou que des vœux en apprentissage, à vingt et un jours ou moins de la "
        "date limite des vœux",
        et(
            INSCRIT,
            Ou((egal("voeux", 1), vrai("que_selectifs"), vrai("que_apprentissage"))),
            Jalon(E.VOEUX_LIMITE, de=-21, a=0),
        ),
        lambda e, c: f"{_fragile(e)} : la date limite des vœux est {_reste(c, E.VOEUX_LIMITE)}.",
    ),
)
"""The one table of weights, heaviest first."""


def _fragile(ligne: LigneEleve) -> str:
    dits = (
        (ligne.voeux == 1, "un seul vœu"),
        (ligne.que_selectifs, "que des vœux sélectifs"),
        (ligne.que_apprentissage, "que des vœux en apprentissage"),
    )
    texte = ", ".join(dit for vrai_, dit in dits if vrai_)
    return texte[:1].upper() + texte[1:]


def condition(motif: Motif) -> Et:
    """Only pupils present are in the queue."""
    return Et((vrai("present"), motif.predicat))


A_ACCOMPAGNER = Ou(tuple(map(condition, MOTIFS)))
"""Who is in the queue: as a predicate, so that it narrows like any list."""


def raisons(ligne: LigneEleve, contexte: Contexte) -> list[Raison]:
    """Why this pupil is in the queue, heaviest first; empty when he is not."""
    return [
        Raison(motif.code, motif.poids, motif.phrase(ligne, contexte))
        for motif in MOTIFS
        if evaluer(condition(motif), ligne, contexte)
    ]


def poids(trouvees: Sequence[Raison]) -> int:
    """His place in the queue."""
    return sum(raison.poids for raison in trouvees)


def poids_sql(contexte: Contexte, prefixe: str = "w") -> Sql:
    """The same sum over the columns of the row: to sort and cut the queue in the database."""
    termes, parametres = [], {}
    for i, motif in enumerate(MOTIFS):
        dit = compiler(condition(motif), contexte, f"{prefixe}{i}_")
        termes.append(f"CASE WHEN {dit.texte} THEN {motif.poids} ELSE 0 END")
        parametres.update(dit.parametres)
    return Sql(f"({' + '.join(termes)})", parametres)

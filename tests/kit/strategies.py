"""Hypothesis strategies of the facts of one pupil, in any order, with repetitions and gaps."""

from datetime import UTC, date
from typing import Any

from hypothesis import strategies as st

from shared.events import rapide as r
from shared.events.modeles import (
    Decision,
    EtatCaes,
    EtatDossier,
    EtatVoeu,
    ObjetAccuse,
    OrigineBulletin,
    Phase,
    Profil,
    Reponse,
    Voie,
)
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie

ELEVE = "3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f"
CODES = st.sampled_from(["A", "B-2", "c_3"])
LYCEES = ("0750001A", "0690002B")
JOURS = st.dates(date(2025, 9, 1), date(2026, 7, 14))
VOEUX = ["v1", "v2", "v2/s1", "v2/s2"]


def _commun(version: int) -> dict[str, Any]:
    return {"session": st.just(2026), "eleve_id": st.just(ELEVE), "version": st.just(version)}


def _voeu(cle: str) -> dict[str, Any]:
    voeu, _, sous_voeu = cle.partition("/")
    return {"voeu_id": st.just(voeu), "sous_voeu_id": st.just(sous_voeu or None)}


SUJETS: dict[tuple[str, str], tuple[type[r.Fait], dict[str, Any]]] = {
    ("identite", ""): (
        r.Identite,
        {
            "nom": st.text(max_size=5),
            "prenom": st.text(max_size=5),
            "naissance": JOURS,
            "sexe": st.sampled_from("MF"),
            "ine": st.none() | CODES,
        },
    ),
    ("scolarite", ""): (
        r.Eleve,
        {
            "uai": st.sampled_from(LYCEES),
            "academie": CODES,
            "departement": CODES,
            "serie": st.sampled_from(Serie),
            "mef": CODES,
            "classe": st.none() | CODES,
            "specialites": st.lists(CODES, max_size=2).map(tuple),
            "codes_bourse": st.lists(CODES, max_size=1).map(tuple),
            "cordees": st.booleans(),
            "regime": st.none() | CODES,
            "date_entree": st.none() | JOURS,
            "echelon_bourse": st.none() | st.integers(1, 6),
            "date_sortie": st.none() | JOURS,
            "vivier_initial": st.none()
            | st.builds(
                r.VivierInitial, uai=st.sampled_from(LYCEES), serie=st.sampled_from(Serie), date=JOURS
            ),
        },
    ),
    ("inscription", ""): (
        r.Dossier,
        {
            "profil": st.just(Profil.TERMINALE),
            "etat": st.sampled_from(EtatDossier),
            "pieces_manquantes": st.lists(CODES, max_size=2).map(tuple),
        },
    ),
    ("bourse_signalee", ""): (r.Bourse, {"signalee_le": st.datetimes(timezones=st.just(UTC))}),
    ("caes", ""): (r.Caes, {"etat": st.sampled_from(EtatCaes)}),
    ("fiche", ""): (
        r.Fiche,
        {
            "avis_rendus": st.integers(0, 9),
            "cibles": st.integers(0, 9),
            "transmise_le": st.none() | st.datetimes(timezones=st.just(UTC)),
        },
    ),
    **{
        ("accuses", objet.value): (
            r.Accuse,
            {"objet": st.just(objet), "version_objet": st.integers(0, 9), "resultat": CODES},
        )
        for objet in (ObjetAccuse.BOURSE, ObjetAccuse.CORDEES)
    },
    **{
        ("bulletins", f"2026-{periode}"): (
            r.Bulletin,
            {
                "annee": st.just(2026),
                "periode": st.just(periode),
                "decoupage": st.sampled_from([2, 3]),
                "origine": st.sampled_from(OrigineBulletin),
                "notes": st.lists(
                    st.builds(r.Note, matiere=CODES, etat=st.sampled_from("SADN")), max_size=3
                ).map(tuple),
            },
        )
        for periode in (1, 2)
    },
    **{
        ("voeux", cle): (
            r.Voeu,
            {
                **_voeu(cle),
                "formation_id": CODES,
                "famille": st.sampled_from(Famille),
                "selective": st.booleans(),
                "academie_formation": CODES,
                "voie": st.sampled_from(Voie),
                "phase": st.sampled_from(Phase),
                "etat": st.sampled_from(EtatVoeu),
                "internat": st.booleans(),
                "rang": st.none() | st.integers(1, 5),
            },
        )
        for cle in VOEUX
    },
    **{
        ("propositions", cle): (
            r.Proposition,
            {
                **_voeu(cle),
                "decision": st.sampled_from(Decision),
                "date_limite": st.none() | st.datetimes(timezones=st.just(UTC)),
            },
        )
        for cle in VOEUX[:2]
    },
    **{
        (champ, cle): (
            type_,
            {**_voeu(cle), "date_limite": st.datetimes(timezones=st.just(UTC)), "annule": st.booleans()},
        )
        for cle in VOEUX[:2]
        for champ, type_ in (("expirations", r.PropositionExpiree), ("non_confirmes", r.VoeuNonConfirme))
    },
    **{
        ("reponses", cle): (
            r.ReponseDonnee,
            {
                **_voeu(cle),
                "reponse": st.sampled_from(Reponse),
                "voeux_maintenus": st.lists(CODES, max_size=2).map(tuple),
            },
        )
        for cle in VOEUX[:2]
    },
}


REVISES = ("voeux", "expirations", "non_confirmes")
"""Subjects that have a second order below the version."""


def _fait(sujet: tuple[str, str], version: int, revision: int) -> st.SearchStrategy[r.Fait]:
    type_, champs = SUJETS[sujet]
    ordre = {"revision": st.just(revision)} if sujet[0] in REVISES else {}
    return st.builds(type_, **_commun(version), **ordre, **champs)


@st.composite
def journaux(draw: st.DrawFn) -> list[r.Fait]:
    """Facts of one pupil in any order, with repetitions; a subject's version (and revision) has one content."""
    noms = draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(SUJETS)), st.integers(0, 4), st.integers(0, 2)),
            unique_by=lambda nom: (nom[0], nom[1], nom[2] if nom[0][0] in REVISES else 0),
            min_size=1,
            max_size=14,
        )
    )
    faits = [draw(_fait(*nom)) for nom in noms]
    repetes = draw(st.lists(st.sampled_from(faits), max_size=6))
    return draw(st.permutations(faits + repetes))

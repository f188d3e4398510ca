"""The candidate feed, fast: one tagged msgspec Struct per type (facts_and_effects §4).

Tested equal to the Pydantic models of ``feed_modeles``, from which the published JSON Schema comes.
"""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from shared.events.modeles import (
    Decision,
    EtatCaes,
    EtatDossier,
    EtatVoeu,
    ObjetAccuse,
    Phase,
    Profil,
    Reponse,
    Voie,
)
from shared.events.rapide import Code, Entier, Millesime, Texte, Uai, Version

Instant = Annotated[datetime, Meta(tz=True)]
Ine = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z]{11}\Z")]
Commentaire = Annotated[str, Meta(max_length=2000)]
Codes = Annotated[tuple[Code, ...], Meta(max_length=200)]


class Fait(Struct, frozen=True, gc=False, kw_only=True, tag_field="type"):
    session: Millesime
    sequence: Version
    time: Instant
    numero_dossier: Code


class Dossier(Fait, frozen=True, gc=False, kw_only=True, tag="dossier"):
    ine: Ine | None = None
    nom: Texte
    prenom: Texte
    naissance: date
    uai: Uai | None = None
    profil: Profil
    etat: EtatDossier
    bulletins_saisis: Codes = ()
    pieces_manquantes: Codes = ()


class Bourse(Fait, frozen=True, gc=False, kw_only=True, tag="bourse_signalee"):
    commentaire: Commentaire | None = None


class Voeu(Fait, frozen=True, gc=False, kw_only=True, tag="voeu"):
    voeu_id: Code
    sous_voeu_id: Code | None = None
    formation_id: Code
    voie: Voie
    phase: Phase
    etat: EtatVoeu
    internat: bool = False
    projet_motive: bool = False
    rang: Entier | None = None


class Proposition(Fait, frozen=True, gc=False, kw_only=True, tag="proposition"):
    voeu_id: Code
    sous_voeu_id: Code | None = None
    decision: Decision
    rang_attente: Entier | None = None
    date_limite: Instant | None = None


class ReponseDonnee(Fait, frozen=True, gc=False, kw_only=True, tag="reponse"):
    voeu_id: Code
    sous_voeu_id: Code | None = None
    reponse: Reponse
    voeux_maintenus: Codes = ()


class Caes(Fait, frozen=True, gc=False, kw_only=True, tag="caes"):
    etat: EtatCaes


class Accuse(Fait, frozen=True, gc=False, kw_only=True, tag="accuse"):
    objet: ObjetAccuse
    version: Version
    resultat: Code


Recu = Dossier | Bourse | Voeu | Proposition | ReponseDonnee | Caes | Accuse
decodeur = msgspec.json.Decoder(Recu)

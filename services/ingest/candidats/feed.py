"""The candidate feed, fast: one tagged msgspec Struct per type (facts_and_effects §4).

Tested equal to the Pydantic models of ``feed_modeles``, from which the published JSON Schema comes.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Any, Union, get_args

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

_CODES = ("numero_dossier", "voeu_id", "formation_id", "sous_voeu_id")
_HORS_CODE = re.compile(r"[^A-Za-z0-9_.:\-]")
_CodeNu = Annotated[str, Meta(min_length=1, max_length=40)]


def _nue(classe: type[Fait]) -> type[Fait]:
    """The same, but for the letters of its codes, which are judged for many facts at once."""
    champs: list[Any] = [(nom, _CodeNu) for nom in _CODES[:3] if nom in classe.__struct_fields__]
    if _CODES[3] in classe.__struct_fields__:
        champs.append((_CODES[3], _CodeNu | None, None))
    nue: type[Any] = msgspec.defstruct(
        classe.__name__,
        champs,
        bases=(classe,),
        frozen=True,
        gc=False,
        kw_only=True,
        tag=classe.__struct_config__.tag,
    )
    return nue


NUES: Mapping[type[Fait], type[Fait]] = {classe: _nue(classe) for classe in get_args(Recu)}
decodeur_nu: msgspec.json.Decoder[Recu] = msgspec.json.Decoder(Union[tuple(NUES.values())])  # noqa: UP007 - a tuple
"""Twice as fast; what it gives is a fact only when :func:`codes_lisibles` says so."""
_lire_codes = {  # one of them twice, so that it is always a tuple
    nue: attrgetter(*(nom for nom in _CODES if nom in nue.__struct_fields__), "numero_dossier")
    for nue in NUES.values()
}


def codes_lisibles(faits: Iterable[Recu]) -> bool:
    """Whether the codes of all these facts, given by ``decodeur_nu``, are made of the letters of codes."""
    codes: list[str | None] = []
    for fait in faits:
        codes += _lire_codes[type(fait)](fait)
    return _HORS_CODE.search("".join(filter(None, codes))) is None

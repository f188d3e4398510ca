"""Vœux, propositions and answers as far as measures need them: a third of the time that their twins take to read.

What is not read is not judged: a record refused elsewhere for a formation or a date counts here all the same.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta, Struct

from shared.events import rapide as r
from shared.events.modeles import Decision, EtatVoeu, Phase, Reponse, Voie
from shared.nomenclatures.familles import Famille

_Cle = Annotated[str, Meta(max_length=40)]


class VoeuLeger(Struct, frozen=True, gc=False, kw_only=True):
    session: r.Millesime
    eleve_id: str
    version: r.Version
    voeu_id: _Cle
    sous_voeu_id: _Cle | None = None
    famille: Famille
    selective: bool
    voie: Voie
    phase: Phase
    etat: EtatVoeu
    revision: r.Entier = 0


class PropositionLegere(Struct, frozen=True, gc=False, kw_only=True):
    session: r.Millesime
    eleve_id: str
    version: r.Version
    voeu_id: _Cle
    sous_voeu_id: _Cle | None = None
    decision: Decision


class ReponseLegere(Struct, frozen=True, gc=False, kw_only=True):
    session: r.Millesime
    eleve_id: str
    version: r.Version
    voeu_id: _Cle
    sous_voeu_id: _Cle | None = None
    reponse: Reponse


LEGERS: Mapping[type, type] = MappingProxyType(
    {r.Voeu: VoeuLeger, r.Proposition: PropositionLegere, r.ReponseDonnee: ReponseLegere}
)
"""Read instead of the twins."""

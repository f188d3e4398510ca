"""Commands on a lycée's settings: one fiche, or the calendar of conseils from a pasted table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.etablissement import presentation, store
from services.eleves.etablissement.conseils import LigneLue, lire_tableau
from services.eleves.etablissement.domain import (
    Cle,
    Locale,
    appliquer,
    effectifs,
    incoherences,
    refus_de_cle,
    valider,
)
from services.eleves.etablissement.sources import Fiche, Lycee
from services.eleves.etablissement.store import Changement, Signature
from shared.http.errors import Refus
from shared.http.etag import exiger_version
from shared.http.idempotency import deja_repondu, retenir

FICHES_MAX = 2_000
"""Of one lycée: contacts are made at will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexte:
    """``cle``: idempotency key."""

    session: int
    uai: str
    qui: Signature
    cle: str | None = None
    if_match: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saisie:
    """``champs``: what is typed, by field; None asks SIECLE's value back."""

    fiche: Cle
    champs: Mapping[str, str | None]
    motif: str | None = None

    def demande(self, contexte: Contexte) -> dict[str, object]:
        fiche = self.fiche
        return {
            "commande": "etablissement",
            "session": contexte.session,
            "uai": contexte.uai,
            "fiche": [fiche.objet, fiche.classe, fiche.detail],
            "champs": dict(self.champs),
            "motif": self.motif,
        }


async def enregistrer(tx: AsyncConnection, contexte: Contexte, saisie: Saisie) -> dict[str, Any]:
    """Write the fiche and its history; returns it as it stands.

    Raises:
        Refus: 422 with ``champs`` (a sentence by field), 412 and 428 with ``actuel`` and ``propose``.
    """
    acteur = contexte.qui.acteur
    deja = await deja_repondu(tx, acteur, contexte.cle, saisie.demande(contexte))
    if deja is not None:
        return deja
    await store.verrouiller(tx, contexte.session, contexte.uai)
    lycee = await store.charger(tx, contexte.session, contexte.uai)
    gardes = _exiger_valide(lycee, saisie)
    avant = lycee.fiche(saisie.fiche)
    exiger_version(
        contexte.if_match,
        avant.version,
        quoi="cette fiche",
        actuel=presentation.fiche(lycee, saisie.fiche),
        propose=dict(saisie.champs),
    )
    changement = _changer(lycee, saisie.fiche, gardes, contexte.qui, saisie.motif)
    _exiger_coherente(lycee, changement)
    if changement.apres != dict(avant.locales):
        if avant.version == 0 and len(lycee.fiches) >= FICHES_MAX:
            raise Refus(409, "trop_de_fiches", "Ce lycée a trop de fiches : retirez-en.")
        await store.ecrire(tx, contexte.session, contexte.uai, [changement], contexte.qui)
        lycee = _avec(lycee, changement)
    reponse = presentation.fiche(lycee, saisie.fiche)
    await retenir(tx, acteur, contexte.cle, reponse)
    return reponse


def _exiger_valide(lycee: Lycee, saisie: Saisie) -> dict[str, str | None]:
    cadre = lycee.cadre
    if phrase := refus_de_cle(saisie.fiche, cadre):
        raise Refus(422, "fiche_inconnue", phrase, champs={})
    gardes, erreurs = valider(saisie.fiche.objet, saisie.champs, cadre)
    if erreurs:
        raise _refus_de_champs(erreurs)
    return gardes


def _exiger_coherente(lycee: Lycee, changement: Changement) -> None:
    siecle = {champ: dit.valeur for champ, dit in lycee.dits(changement.cle).items()}
    if erreurs := incoherences(changement.cle, effectifs(siecle, changement.apres)):
        raise _refus_de_champs(erreurs)


def _refus_de_champs(erreurs: Mapping[str, str]) -> Refus:
    return Refus(422, "saisie_invalide", "La saisie n’est pas valide.", champs=dict(erreurs))


def _changer(
    lycee: Lycee, cle: Cle, gardes: Mapping[str, str | None], qui: Signature, motif: str | None
) -> Changement:
    avant = lycee.fiche(cle)
    siecle = {champ: dit.valeur for champ, dit in lycee.dits(cle).items()}
    apres = appliquer(avant.locales, siecle, gardes, Locale("", qui.par, qui.le, motif))
    return Changement(cle, avant.version + 1, dict(avant.locales), apres)


def _avec(lycee: Lycee, *changements: Changement) -> Lycee:
    fiches = dict(lycee.fiches)
    fiches |= {c.cle: Fiche(c.version, c.apres) for c in changements}
    return replace(lycee, fiches=fiches)


async def importer_conseils(
    tx: AsyncConnection, contexte: Contexte, texte: str, *, essai: bool
) -> dict[str, Any]:
    """The calendar of conseils from a pasted table. ``essai``: what it would do, line by line.

    Lines that are right are taken, the others are said; a conseil that is not in the table is left alone.
    """
    demande = {"commande": "conseils", "session": contexte.session, "uai": contexte.uai, "texte": texte}
    if not essai:
        deja = await deja_repondu(tx, contexte.qui.acteur, contexte.cle, demande)
        if deja is not None:
            return deja
        await store.verrouiller(tx, contexte.session, contexte.uai)
    lycee = await store.charger(tx, contexte.session, contexte.uai)
    lignes = lire_tableau(texte, lycee.cadre)
    changements = _conseils(lycee, lignes, contexte.qui)
    if changements and not essai:
        await store.ecrire(tx, contexte.session, contexte.uai, changements, contexte.qui)
    reponse = presentation.tableau(lignes, {c.cle for c in changements}, essai=essai)
    if not essai:
        await retenir(tx, contexte.qui.acteur, contexte.cle, reponse)
    return reponse


def _conseils(lycee: Lycee, lignes: list[LigneLue], qui: Signature) -> list[Changement]:
    possibles = [_changer(lycee, ligne.cle, ligne.valeurs, qui, None) for ligne in lignes if ligne.cle]
    return [changement for changement in possibles if changement.apres != changement.avant]

"""Commands of the service avenir: pure rules between a lock and the writes, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.avenir import store
from services.avenir.domain import Avis, Precondition, avancer, cibles, precondition, refus
from services.avenir.evenements import avis_rendu, fiche_avancee
from services.avenir.presentation import presenter_avis
from shared.db import outbox
from shared.domaine.etat import EtatEleve
from shared.events.enveloppe import Evenement
from shared.events.modeles import Capacite
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir
from shared.http.perimetre import Perimetre


@dataclass(frozen=True, slots=True, kw_only=True)
class RendreAvis:
    """The chef's word on one cible. ``if_match``: the version he saw; ``cle``: idempotency key."""

    perimetre: Perimetre
    session: int
    eleve_id: str
    cible: str
    capacite: Capacite | None
    if_match: str | None
    cle: str | None
    le: datetime

    @property
    def demande(self) -> dict[str, object]:
        """What two sendings of one command have in common."""
        return {
            "commande": "rendre_avis",
            "session": self.session,
            "eleve": self.eleve_id,
            "cible": self.cible,
            "capacite": self.capacite,
        }


async def rendre_avis(tx: AsyncConnection, commande: RendreAvis, *, prefixe: str) -> dict[str, Any]:
    """Write the avis, its history, its events and the answer; returns the avis as it stands.

    Raises:
        Refus: 404 foreign pupil, 409 not asked for, 412 stale, 428 version not said.
    """
    acteur = commande.perimetre.acteur
    deja = await deja_repondu(tx, acteur, commande.cle, commande.demande)
    if deja is not None:
        return deja
    etat = await store.eleve(tx, commande.perimetre, commande.session, commande.eleve_id, verrou=True)
    if etat is None:
        raise introuvable()
    actuel = (await store.avis(tx, commande.session, commande.eleve_id)).get(commande.cible)
    apres = _decider(commande, etat, actuel)
    if apres is not actuel:
        await store.enregistrer(tx, commande.session, [store.AvisSaisi(commande.eleve_id, actuel, apres)])
        await store.comparer(tx, commande.session, commande.eleve_id, commande.cible)
        rendu = avis_rendu(commande.session, commande.eleve_id, apres, prefixe=prefixe)
        await outbox.append(tx, [rendu, *await _avancer(tx, commande, etat, prefixe)])
    reponse = presenter_avis(apres, orphelin=False)
    await retenir(tx, acteur, commande.cle, reponse)
    return reponse


def _decider(commande: RendreAvis, etat: EtatEleve, actuel: Avis | None) -> Avis:
    """The avis after the command: ``actuel`` itself when it says the same already."""
    motif = refus(etat, commande.cible)
    if motif is not None:
        raise Refus(409, motif.value, motif.phrase)
    if actuel is not None and actuel.capacite is commande.capacite:
        return actuel
    _exiger_version(commande, actuel)
    nouveau = Avis(
        cible=commande.cible,
        formation_id=etat.voeux[commande.cible].formation_id,
        capacite=commande.capacite,
        version=1,
        auteur=commande.perimetre.acteur,
        modifie_le=commande.le,
    )
    return replace(nouveau, version=actuel.version + 1) if actuel else nouveau


def _exiger_version(commande: RendreAvis, actuel: Avis | None) -> None:
    etat = precondition(commande.if_match, actuel.version if actuel else 0)
    if etat is Precondition.REMPLIE:
        return
    details = {
        "actuel": presenter_avis(actuel, orphelin=False) if actuel else None,
        "propose": {"cible": commande.cible, "capacite": commande.capacite},
    }
    if etat is Precondition.ABSENTE:
        raise Refus(
            428, "version_attendue", "Cet avis existe déjà : relisez-le avant de le modifier.", **details
        )
    raise Refus(
        412,
        "avis_modifie_entre_temps",
        "Cet avis a été modifié entre-temps : comparez les deux saisies et choisissez.",
        **details,
    )


async def _avancer(
    tx: AsyncConnection, commande: RendreAvis, etat: EtatEleve, prefixe: str
) -> list[Evenement]:
    lue = (await store.fiches(tx, {commande.eleve_id: commande.session}))[commande.eleve_id]
    fiche = avancer(lue.fiche, cibles(etat), lue.rendus)
    if fiche == lue.fiche:
        return []
    await store.ecrire_fiches(tx, {commande.eleve_id: fiche})
    return [fiche_avancee(commande.session, commande.eleve_id, fiche, time=commande.le, prefixe=prefixe)]

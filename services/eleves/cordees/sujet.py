"""What ``eleves.cordees.v1`` says of a pupil."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.domaine.complements import Complements
from shared.domaine.cordees import cordees
from shared.domaine.etat import EtatEleve
from shared.events.modeles import CordeesSaisies, Dispositif, EtatCordees, SourceCordees


class CordeesDites(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    etat: EtatCordees
    dispositif: Dispositif | None = None
    source: SourceCordees
    depuis: datetime | None = None


SILENCE = CordeesDites(etat=EtatCordees.NE_PARTICIPE_PAS, source=SourceCordees.SIECLE)


def dire(etat: EtatEleve, complements: Complements) -> CordeesDites | None:
    """None for a pupil without scolarité."""
    if etat.scolarite is None:
        return None
    dites = cordees(etat, complements.cordees)
    return CordeesDites(
        etat=dites.etat,
        dispositif=dites.dispositif,
        source=dites.source,
        depuis=complements.cordees.le if complements.cordees else None,
    )


def contrat(eleve_id: UUID, session: int, dites: CordeesDites, version: int) -> CordeesSaisies:
    return CordeesSaisies(
        session=session,
        eleve_id=eleve_id,
        version=version,
        etat=dites.etat,
        dispositif=dites.dispositif,
        source=dites.source,
        depuis=dites.depuis,
    )

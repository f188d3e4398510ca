"""What ``eleves.bourse.v1`` says of a pupil."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.domaine.bourse import bourse
from shared.domaine.complements import Complements
from shared.domaine.etat import EtatEleve
from shared.events.modeles import BourseCertifiee, EtatBourse


class BourseDite(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    etat: EtatBourse
    echelon: int | None = None
    motif: str | None = None
    depuis: datetime | None = None


SILENCE = BourseDite(etat=EtatBourse.AUCUNE)


def dire(etat: EtatEleve, complements: Complements) -> BourseDite | None:
    """None for a pupil without scolarité: nothing is said of an orphan, nor of one who was merged."""
    if etat.scolarite is None:
        return None
    dite = bourse(etat, complements.bourse)
    return BourseDite(etat=dite.etat, echelon=dite.echelon, motif=dite.motif, depuis=dite.depuis)


def contrat(eleve_id: UUID, session: int, dite: BourseDite, version: int) -> BourseCertifiee:
    return BourseCertifiee(
        session=session,
        eleve_id=eleve_id,
        version=version,
        etat=dite.etat,
        echelon=dite.echelon,
        motif=dite.motif,
        depuis=dite.depuis,
    )

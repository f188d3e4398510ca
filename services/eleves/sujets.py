"""What eleves publishes of a pupil: each subject a pure function of his facts and of what people typed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct

from services.eleves.bourses import sujet as bourses
from services.eleves.cordees import sujet as cordees
from services.eleves.domain import Situation, situation
from shared.domaine.complements import Complements, Suivi
from shared.domaine.etat import EtatEleve
from shared.domaine.ligne import LigneEleve
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import Contrat, StatutModifie, SuiviModifie
from shared.events.topics import BOURSE, CORDEES, STATUT, SUIVI, Topic

_ENCODEUR = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sujet:
    """A derived subject, kept in the columns ``<code>_dit`` and ``<code>_version`` of the pupil's row.

    ``dire``: its content, of the facts, what people typed and the row that both make, or None when there is
    nothing to say of him (yet). It goes out when it differs from the last one said. ``silence``: a content that is not worth saying of somebody of whom nothing
    was ever said, but takes back what was. ``contrat``: the event of (eleve_id, session, content, version).
    """

    code: str
    topic: Topic
    type: type[Struct]
    dire: Callable[[EtatEleve, Complements, LigneEleve], Any]
    contrat: Callable[[UUID, int, Any, int], Contrat]
    silence: Struct | None = None

    def ecrire(self, dit: Struct | None) -> str | None:
        """The content as one text: equal texts are equal contents."""
        return None if dit is None else _ENCODEUR.encode(dit).decode()

    def lire(self, texte: str) -> Struct:
        return msgspec.json.decode(texte, type=self.type)


class Dit(NamedTuple):
    """A new content of a subject, to be published at that version."""

    sujet: Sujet
    eleve_id: str
    session: int
    contenu: Struct
    version: int

    def evenement(self, time: datetime, prefixe: str) -> Evenement:
        donnees = self.sujet.contrat(UUID(self.eleve_id), self.session, self.contenu, self.version)
        return evenement(
            self.sujet.topic, donnees, cle=self.eleve_id, version=self.version, time=time, prefixe=prefixe
        )


def _statut(eleve_id: UUID, session: int, dite: Situation, version: int) -> StatutModifie:
    return StatutModifie(
        session=session,
        eleve_id=eleve_id,
        version=version,
        statut=dite.statut,
        voeux=dite.voeux,
        voeux_confirmes=dite.voeux_confirmes,
        propositions=dite.propositions,
    )


def _suivi(eleve_id: UUID, session: int, dit: Suivi, version: int) -> SuiviModifie:
    return SuiviModifie(
        session=session,
        eleve_id=eleve_id,
        version=version,
        actions=dit.actions,
        assigne=dit.assigne,
        echeance=dit.echeance,
        lycee=dit.lycee,
    )


_SANS_SUIVI = Suivi(actions=0)
SUJETS: tuple[Sujet, ...] = (
    Sujet(
        code="statut",
        topic=STATUT,
        type=Situation,
        dire=lambda _etat, _complements, rang: situation(rang),
        contrat=_statut,
    ),
    Sujet(
        code="bourse",
        topic=BOURSE,
        type=bourses.BourseDite,
        dire=lambda etat, complements, _: bourses.dire(etat, complements),
        contrat=bourses.contrat,
        silence=bourses.SILENCE,
    ),
    Sujet(
        code="cordees",
        topic=CORDEES,
        type=cordees.CordeesDites,
        dire=lambda etat, complements, _: cordees.dire(etat, complements),
        contrat=cordees.contrat,
        silence=cordees.SILENCE,
    ),
    Sujet(
        code="suivi",
        topic=SUIVI,
        type=Suivi,
        dire=lambda _etat, complements, _rang: complements.suivi or _SANS_SUIVI,
        contrat=_suivi,
        silence=_SANS_SUIVI,
    ),
)
"""In the order of publication. The columns of a subject are declared in ``models.eleve``."""

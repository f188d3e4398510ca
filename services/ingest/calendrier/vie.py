"""The life of a session: who may change its state and when, and what is refused when it is not open."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.calendrier import store
from services.ingest.calendrier.domain import REFUS, EtatSession, permise
from services.ingest.calendrier.store import Vie
from services.ingest.settings import IngestSettings
from shared.db import outbox
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import SessionModifiee
from shared.http.errors import Refus


class TransitionRefuseeError(Exception):
    """The session cannot go from its state to the one asked for; says why."""


async def exiger_ouverte(tx: AsyncConnection, session: int) -> None:
    """For whoever writes: the session stays open until the end of ``tx``.

    Raises:
        Refus: 409, frozen, closed, archived or purged, in the user's words.
    """
    vie = await store.lire_vie(tx, session, verrou="FOR SHARE")
    refuser_si_fermee(vie, session)


def refuser_si_fermee(vie: Vie, session: int) -> None:
    if vie.ouverte or vie.etat is None:
        return
    phrase = REFUS[vie.etat].format(session=session)
    raise Refus(409, f"session_{vie.etat.value.lower()}", phrase, etat=vie.etat.value)


async def changer(
    tx: AsyncConnection, settings: IngestSettings, apres: EtatSession, *, par: str, motif: str | None
) -> Vie:
    """Bring the session of ``settings`` into ``apres``; nothing when it is there already.

    Raises:
        TransitionRefuseeError: not a legal step, or imports are still under way.
    """
    session = settings.session
    avant = await store.lire_vie(tx, session, verrou="FOR UPDATE")
    if avant.etat is apres:
        return avant
    if not permise(avant.etat, apres):
        dit = avant.etat.value if avant.etat else "opened before its life was kept"
        raise TransitionRefuseeError(f"session {session} is {dit}: it cannot become {apres.value}")
    if apres in (EtatSession.CLOSE, EtatSession.ARCHIVEE):
        en_cours = await store.imports_en_cours(tx, session)
        if en_cours:
            raise TransitionRefuseeError(f"{en_cours} import(s) of session {session} are not finished")
    vie = await store.ecrire_vie(tx, session, apres, par, motif)
    if apres is not EtatSession.PURGEE:
        await outbox.append(tx, [_evenement(settings, vie)])
    return vie


def _evenement(settings: IngestSettings, vie: Vie) -> Evenement:
    assert vie.etat is not None  # noqa: S101 - a state that was just written
    assert vie.le is not None  # noqa: S101 - idem
    donnees = SessionModifiee(
        session=settings.session, version=vie.version, etat=vie.etat.value, motif=vie.motif
    )
    return evenement(
        t.CALENDRIER,
        donnees,
        cle="session",
        version=vie.version,
        time=vie.le,
        prefixe=settings.topic_prefix,
    )

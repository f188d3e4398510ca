"""Deadlines become facts, once, at their time, and the platform's own word still wins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.ingest.calendrier import store
from services.ingest.calendrier.commandes import poser
from services.ingest.calendrier.domain import EtatSession, lire_document
from services.ingest.calendrier.echeances import attentes, declarations
from services.ingest.calendrier.temps import Temps
from services.ingest.calendrier.vie import changer
from shared.db.engine import writing
from shared.domaine.calendrier import Calendrier, a_paris
from shared.domaine.calendriers_connus import par_defaut
from shared.domaine.etapes import Etape
from shared.domaine.etat import EtatEleve, etat_du_voeu, replier, reponse_de
from shared.events import rapide as r
from shared.events.modeles import EtatVoeu, Reponse
from tests.ingest._fichiers import eleve, fait, ine, ndjson, siecle
from tests.ingest.conftest import Atelier
from tests.ingest.test_referentiels_depot import plier, sortis
from tests.kit.strategies import journaux

NON, EXPIRE = "VoeuNonConfirme", "PropositionExpiree"


def le(texte: str) -> datetime:
    return a_paris(datetime.fromisoformat(texte))


def connu(version: int = 1) -> Calendrier:
    propose = par_defaut(2026)
    assert propose is not None
    return Calendrier(2026, propose.calendrier.dates, propose.calendrier.valeurs, version)


async def regler(atelier: Atelier, **dates: str) -> int:
    """Set the calendar of 2026, some steps moved."""
    etapes = {etape.value: date.isoformat() for etape, date in connu().dates.items()} | dates
    document = {"etapes": etapes, "valeurs": {e.value: v for e, v in connu().valeurs.items()}}
    async with atelier.imports.engine.begin() as tx:
        version, _ = await poser(
            tx, atelier.imports.settings, lire_document(document, 2026), par="test", motif=None,
            maintenant=le("2026-01-05T08:00"),
        )  # fmt: skip
    return version


async def passer(atelier: Atelier, moment: str) -> list[dict[str, Any]]:
    """One turn at ``moment``: what it published of pupils, folded back as the consumer would."""
    avant = len(await sortis(atelier))
    await Temps(atelier.imports.settings, atelier.imports.engine).tourner(le(moment))
    dits = [s for s in (await sortis(atelier))[avant:] if s["type"] in (NON, EXPIRE)]
    await relire(atelier)
    return dits


async def relire(atelier: Atelier) -> None:
    from services.ingest.consumers import IngestProjection  # noqa: PLC0415 - here only
    from shared.events.enveloppe import Evenement  # noqa: PLC0415 - here only

    async with atelier.imports.engine.connect() as tx:
        lignes = (await tx.execute(text("SELECT * FROM mechanism.outbox ORDER BY id"))).all()
    evenements = [
        Evenement(
            topic=ligne.aggregatetype, cle=ligne.aggregateid, type=ligne.type, id=ligne.event_id,
            time=ligne.time, source=ligne.source, donnees=ligne.payload,
        )
        for ligne in lignes
        if any(ligne.aggregatetype.endswith(topic.nom) for topic in IngestProjection.topics)
    ]  # fmt: skip
    await plier(atelier, evenements)


async def recevoir(atelier: Atelier, *faits: dict[str, Any]) -> None:
    await plier(atelier, (await atelier.faits(ndjson(faits))).evenements)


@pytest.fixture
async def dossier(atelier: Atelier, formation_id: str) -> dict[str, Any]:
    """A pupil with a dossier; the fields that make a vœu."""
    await atelier.siecle(siecle(eleve(1)))
    await recevoir(atelier, fait("dossier", ine=ine(1)))
    return {"formation_id": formation_id}


async def test_a_voeu_not_confirmed_is_said_so_after_the_last_minute_and_once(
    atelier: Atelier, dossier: dict[str, Any]
) -> None:
    await regler(atelier)
    await recevoir(
        atelier,
        fait("voeu", voeu_id="V1", **dossier),
        fait("voeu", voeu_id="V2", etat="CONFIRME", **dossier),
        fait("voeu", voeu_id="V3", phase="COMPLEMENTAIRE", **dossier),
        fait("voeu", voeu_id="V4", sous_voeu_id="S1", etat="COMPLET", **dossier),
    )
    assert await passer(atelier, "2026-04-01T23:59:59") == []
    dits = await passer(atelier, "2026-04-02T00:00:00")
    assert [(d["type"], d["voeu_id"], d.get("sous_voeu_id")) for d in dits] == [
        (NON, "V1", None),
        (NON, "V4", "S1"),
    ]
    assert {d["date_limite"] for d in dits} == {"2026-04-01T21:59:00Z"}
    assert await passer(atelier, "2026-04-02T00:01") == []
    async with atelier.imports.engine.connect() as tx:
        temps = (
            await tx.execute(text("SELECT time FROM mechanism.outbox WHERE type = :t"), {"t": NON})
        ).scalars()
        assert set(temps) == {"2026-04-01T21:59:00.000000Z"}


async def test_a_crash_between_publication_and_reading_repeats_nothing(
    atelier: Atelier, dossier: dict[str, Any]
) -> None:
    await regler(atelier)
    await recevoir(atelier, fait("voeu", **dossier))
    temps = Temps(atelier.imports.settings, atelier.imports.engine)
    for _ in range(3):  # its own facts are not read back yet
        await temps.tourner(le("2026-04-02T00:00"))
    assert [s["type"] for s in await sortis(atelier)].count(NON) == 1


async def test_a_confirmation_that_comes_late_wins_and_a_later_change_is_judged_anew(
    atelier: Atelier, dossier: dict[str, Any]
) -> None:
    await regler(atelier)
    await recevoir(atelier, fait("voeu", **dossier))
    await passer(atelier, "2026-04-02T00:00")
    await recevoir(atelier, fait("voeu", sequence=2, etat="CONFIRME", **dossier))
    assert await passer(atelier, "2026-04-02T01:00") == []
    assert etat_du_voeu(await _etat(atelier), "V1") is EtatVoeu.CONFIRME
    await recevoir(atelier, fait("voeu", sequence=3, etat="COMPLET", **dossier))
    assert [d["version"] for d in await passer(atelier, "2026-04-02T02:00")] == [3]


async def test_a_deadline_put_off_takes_back_what_was_said_and_says_it_again_at_its_time(
    atelier: Atelier, dossier: dict[str, Any]
) -> None:
    await regler(atelier)
    await recevoir(atelier, fait("voeu", **dossier))
    await passer(atelier, "2026-04-02T00:00")
    await regler(atelier, CONFIRMATION_LIMITE="2026-04-04T22:00")
    repris = await passer(atelier, "2026-04-02T09:00")
    assert [(d["type"], d["annule"], d["revision"]) for d in repris] == [(NON, True, 4)]
    assert etat_du_voeu(await _etat(atelier), "V1") is EtatVoeu.FORMULE
    assert await passer(atelier, "2026-04-04T22:00:59") == []
    redits = await passer(atelier, "2026-04-04T22:01")
    assert [(d["annule"], d["revision"]) for d in redits] == [(False, 5)]
    assert etat_du_voeu(await _etat(atelier), "V1") is EtatVoeu.NON_CONFIRME


@pytest.mark.parametrize("limite", ["2026-06-05T23:59:59+02:00", None])
async def test_a_proposition_without_answer_expires_by_its_own_deadline_or_by_the_calendar(
    atelier: Atelier, dossier: dict[str, Any], limite: str | None
) -> None:
    await regler(atelier)
    commun = {"time": "2026-06-02T19:00:00+02:00", "date_limite": limite}
    await recevoir(
        atelier,
        fait("voeu", etat="CONFIRME", **dossier),
        fait("proposition", voeu_id="V1", **commun),
        fait("proposition", voeu_id="V2", **{**commun, "decision": "EN_ATTENTE"}),
        fait("proposition", voeu_id="V3", **commun),
        fait("reponse", voeu_id="V3", reponse="ACCEPTEE_EN_MAINTENANT"),
    )
    assert await passer(atelier, "2026-06-05T23:59:00") == []
    dits = await passer(atelier, "2026-06-06T00:01:00")
    assert [(d["type"], d["voeu_id"], d["revision"]) for d in dits] == [(EXPIRE, "V1", 0 if limite else 3)]
    assert reponse_de(await _etat(atelier), "V1") is Reponse.EXPIREE
    await recevoir(atelier, fait("reponse", voeu_id="V1", reponse="ACCEPTEE", sequence=1))
    assert reponse_de(await _etat(atelier), "V1") is Reponse.ACCEPTEE
    assert await passer(atelier, "2026-06-07T00:01:00") == []


async def test_who_left_the_procedure_is_told_nothing(atelier: Atelier, dossier: dict[str, Any]) -> None:
    await regler(atelier)
    await recevoir(
        atelier,
        fait("voeu", **dossier),
        fait("proposition", date_limite="2026-06-05T23:59:00+02:00"),
        fait("dossier", ine=ine(1), etat="DEMISSION", sequence=2),
    )
    assert await passer(atelier, "2026-07-01T00:00") == []


async def test_steps_are_said_to_be_reached_once_and_again_when_they_move(atelier: Atelier) -> None:
    await regler(atelier)
    temps = Temps(atelier.imports.settings, atelier.imports.engine)
    assert (await temps.tourner(le("2026-01-20T00:00")))["etapes"] == 2
    assert (await temps.tourner(le("2026-01-20T00:01")))["etapes"] == 0
    await regler(atelier, INSCRIPTION_OUVERTURE="2026-01-21T14:00")
    assert (await temps.tourner(le("2026-01-20T00:02")))["etapes"] == 0
    assert (await temps.tourner(le("2026-01-21T14:00")))["etapes"] == 1
    dits = [s for s in await sortis(atelier) if s["type"] == "EtapeAtteinte"]
    assert [d["etape"] for d in dits] == ["SITE_OUVERTURE", "INSCRIPTION_OUVERTURE", "INSCRIPTION_OUVERTURE"]


async def test_without_a_calendar_time_says_nothing(atelier: Atelier, dossier: dict[str, Any]) -> None:
    await recevoir(
        atelier, fait("voeu", **dossier), fait("proposition", date_limite="2026-06-05T23:59:00+02:00")
    )
    assert await passer(atelier, "2026-12-01T00:00") == []


async def test_a_frozen_session_waits_and_catches_up_when_it_is_opened(
    atelier: Atelier, dossier: dict[str, Any]
) -> None:
    await regler(atelier)
    await recevoir(atelier, fait("voeu", **dossier))
    reglages = atelier.imports.settings
    async with atelier.imports.engine.begin() as tx:
        await changer(tx, reglages, EtatSession.GELEE, par="test", motif=None)
    assert await passer(atelier, "2026-04-02T00:00") == []
    async with atelier.imports.engine.begin() as tx:
        await changer(tx, reglages, EtatSession.OUVERTE, par="test", motif=None)
    assert [d["type"] for d in await passer(atelier, "2026-04-03T00:00")] == [NON]


async def test_the_calendar_keeps_its_history_and_publishes_what_changed(atelier: Atelier) -> None:
    assert await regler(atelier) == 1
    assert await regler(atelier) == 1
    assert await regler(atelier, VOEUX_LIMITE="2026-03-13T23:59") == 2
    async with atelier.imports.engine.connect() as tx:
        histoire = await store.histoire(tx, 2026, "etape", "VOEUX_LIMITE")
        relu = await store.lire_calendrier(tx, 2026)
    assert [ligne["contenu"]["date"][:10] for ligne in histoire] == ["2026-03-13", "2026-03-12"]
    assert relu is not None
    assert (relu.version, relu.dates[Etape.VOEUX_LIMITE]) == (2, le("2026-03-13T23:59"))
    publies = [s for s in await sortis(atelier) if s["type"] == "CalendrierModifie"]
    assert [(p["etape"], p["version"]) for p in publies[-1:]] == [("VOEUX_LIMITE", 2)]
    assert len(publies) == len(relu.dates) + 1


async def _etat(atelier: Atelier) -> EtatEleve:
    from services.ingest.calendrier.suivi import decoder  # noqa: PLC0415 - here only

    async with writing(atelier.imports.engine) as tx:
        brut = (await tx.execute(text("SELECT etat FROM suivi"))).scalar_one()
    etat: EtatEleve = decoder(brut).etat
    return etat


MOMENTS = st.datetimes(datetime(2026, 3, 25), datetime(2026, 7, 20), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=400, deadline=None)
@given(journaux(), MOMENTS)
def test_what_is_declared_is_declared_once_and_no_declaration_touches_the_platform_s_word(
    faits: list[r.Fait], maintenant: datetime
) -> None:
    """After its own facts are read back, nothing more is to be said; an answer is never changed."""
    avant = replier(None, faits)
    assert avant is not None
    recues = dict.fromkeys(avant.propositions, datetime(2026, 6, 3, tzinfo=UTC))
    calendrier = connu(version=4)
    dites = declarations(avant, recues, calendrier, maintenant)
    assert len({(d.sujet, d.version, d.revision) for d in dites}) == len(dites)
    apres = replier(avant, [_fait_de(dite) for dite in dites])
    assert apres is not None
    assert {c: reponse.reponse for c, reponse in apres.reponses.items()} == {
        c: reponse_de(apres, c) for c in avant.reponses
    }
    assert declarations(apres, recues, calendrier, maintenant) == []
    assert not attentes(apres, recues).a_confirmer or maintenant < le("2026-04-02T00:00")


def _fait_de(dite: Any) -> r.Fait:
    voeu_id, _, sous_voeu_id = dite.cle.partition("/")
    type_ = r.PropositionExpiree if dite.genre == "expiration" else r.VoeuNonConfirme
    return type_(
        session=2026, eleve_id="e", version=dite.version, voeu_id=voeu_id, sous_voeu_id=sous_voeu_id or None,
        date_limite=dite.limite, annule=dite.annule, revision=dite.revision,
    )  # fmt: skip


@given(st.sampled_from(["2026-03-29T23:59", "2026-10-25T23:59", "2026-03-28T23:59"]), st.integers(-120, 120))
def test_a_deadline_on_the_day_that_the_clocks_change_falls_at_its_own_minute(
    limite: str, minutes: int
) -> None:
    calendrier = Calendrier(
        2026, {**connu().dates, Etape.CONFIRMATION_LIMITE: le(limite)}, connu().valeurs, 1
    )
    etat = replier(None, [VOEU])
    assert etat is not None
    maintenant = le(limite) + timedelta(minutes=minutes)
    assert bool(declarations(etat, {}, calendrier, maintenant)) is (minutes >= 1)


VOEU = msgspec.convert(
    {
        "session": 2026, "eleve_id": "e", "version": 1, "voeu_id": "v1", "formation_id": "F1", "famille": "BTS",
        "selective": True, "academie_formation": "01", "voie": "ETUDIANT", "phase": "PRINCIPALE", "etat": "COMPLET",
    },
    r.Voeu,
)  # fmt: skip

"""What a principal waits for: every list, the counts, a search, the queue, of the largest lycée of the country.

831 terminales with 12,200 vœux (parcoursup_reference §1.2), in the middle of the admission, among other
lycées. The real service in a process of its own, its port, PostgreSQL beside it. Requests leave on time, 100 per
second, whatever the answers before them: a wait is counted from when the request was due.
``BENCH_LISTS_S``: seconds per list; ``BENCH_LISTS_PER_S``: requests per second.
"""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.local.ports import free_port
from services.eleves import lignes
from services.eleves.referentiels import ReferentielsProjection
from shared.db import pupils
from shared.db.engine import writing
from shared.domaine.catalogue import LISTES
from shared.domaine.etapes import Etape
from shared.domaine.etat import EtatEleve, replier
from shared.events import modeles as m
from shared.events import rapide as r
from shared.events.topics import CALENDRIER
from shared.http.perimetre import Perimetre, Role, signer
from shared.kafka.records import Lu
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.bench.mesure import service
from tests.kit.services import SERVICE_TOKEN_KEY, World

UAI, ELEVES, VOEUX = "0750001A", 831, 12_200
AUTRES, PAR_LYCEE = 20, 190
SECONDES = float(os.environ.get("BENCH_LISTS_S", "2"))
DEMANDE_MS = 30
PAR_SECONDE = int(os.environ.get("BENCH_LISTS_PER_S", "100"))
MAINTENANT = datetime(2026, 6, 3, 18, tzinfo=UTC)
DATES = {
    Etape.INSCRIPTION_OUVERTURE: datetime(2026, 1, 19, tzinfo=UTC),
    Etape.VOEUX_LIMITE: datetime(2026, 3, 12, 22, 59, tzinfo=UTC),
    Etape.CONFIRMATION_LIMITE: datetime(2026, 4, 1, 21, 59, tzinfo=UTC),
    Etape.ADMISSION_OUVERTURE: datetime(2026, 6, 2, 17, tzinfo=UTC),
    Etape.ADMISSION_FIN: datetime(2026, 7, 11, 21, 59, tzinfo=UTC),
}
NOMS = ("MARTIN", "BERNARD", "ŒUVRARD", "DE L’HERMITTE", "ÇELIK", "DA COSTA", "NGUYỄN", "LEFÈVRE")
pytestmark = pytest.mark.bench


@dataclass(frozen=True, slots=True)
class Duree:
    """Milliseconds, of requests that all succeeded."""

    p50: float
    p99: float
    octets: int


async def test_lists_of_the_largest_lycee(opened: World) -> None:
    await _peupler(opened)
    port = free_port()
    async with service(opened, "eleves", port) as notre:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            await _pret(client)
            await notre.connection.execute("VACUUM ANALYZE projection_1.eleve")
            await _mesurer(client)


async def _mesurer(client: httpx.AsyncClient) -> None:
    lycee = f"/interne/v1/sessions/2026/lycees/{UAI}"
    a_la_date = MAINTENANT.isoformat()

    def poster(suite: str, **corps: Any) -> Callable[[], Awaitable[httpx.Response]]:
        dit = {"a_la_date": a_la_date, **corps}
        return lambda: client.post(f"{lycee}/{suite}", json=dit, headers=_jeton())

    for code in list(LISTES)[:12]:
        assert (await poster(f"listes/{code}/visites")()).status_code == 200
    tailles = {code: (await poster("eleves/recherche", liste=code)()).json()["total"] for code in LISTES}
    lues = {code: await _debit(poster("eleves/recherche", liste=code)) for code in LISTES}
    _dire_listes(lues, tailles)
    comptes = await _debit(
        lambda: client.get(f"{lycee}/listes", params={"a_la_date": a_la_date}, headers=_jeton()), par_s=20
    )
    recherche = await _debit(poster("eleves/recherche", q="oeuvrard elo"))
    filtree = await _debit(
        poster("eleves/recherche", liste="tous", filtres={"famille": ["BTS"]}, tri="voeux", descendant=True)
    )
    file = await _debit(poster("file"), par_s=20)
    for quoi, duree in (
        ("counts of all lists, 20/s", comptes),
        (f"search by name, {PAR_SECONDE}/s", recherche),
        (f"everybody filtered by filière, {PAR_SECONDE}/s", filtree),
        ("queue of the day, 20/s", file),
    ):
        print(f"{quoi:<40} p50 {duree.p50:>6.1f} ms   p99 {duree.p99:>6.1f} ms   {duree.octets:,} bytes")


def _dire_listes(lues: dict[str, Duree], tailles: dict[str, int]) -> None:
    par_p99 = sorted(lues, key=lambda code: lues[code].p99)
    milieu, pire = par_p99[len(par_p99) // 2], par_p99[-1]
    print(
        f"\n{len(lues)} lists ({sum(map(bool, tailles.values()))} of them hold somebody), pages of 50,"
        f" {PAR_SECONDE} requests/s: p99 {lues[par_p99[0]].p99:.1f} ms for the fastest, {lues[milieu].p99:.1f} ms"
        f" for the middle one, {lues[pire].p99:.1f} ms for the slowest ({pire}, {tailles[pire]} pupils)"
    )
    lentes = [f"{code} {lues[code].p99:.0f}" for code in par_p99 if lues[code].p99 > DEMANDE_MS]
    print(f"over {DEMANDE_MS} ms: {', '.join(lentes) or 'none'}")


async def _debit(appel: Callable[[], Awaitable[httpx.Response]], par_s: int = PAR_SECONDE) -> Duree:
    """Open loop: each request is due at its time."""
    await asyncio.gather(*(appel() for _ in range(4)))
    nombre = max(20, int(SECONDES * par_s))
    debut = time.perf_counter() + 0.05

    async def un(rang: int) -> tuple[float, httpx.Response]:
        du = debut + rang / par_s
        await asyncio.sleep(max(0.0, du - time.perf_counter()))
        reponse = await appel()
        return (time.perf_counter() - du) * 1_000, reponse

    faits = await asyncio.gather(*(un(rang) for rang in range(nombre)))
    assert {reponse.status_code for _, reponse in faits} == {200}
    durees = sorted(duree for duree, _ in faits)
    return Duree(durees[nombre // 2], durees[min(nombre - 1, int(nombre * 0.99))], len(faits[0][1].content))


_JETON: dict[str, Any] = {"le": 0.0}


def _jeton() -> dict[str, str]:
    """Signed again every half minute: what the gateway pays is not the service's."""
    if time.monotonic() - _JETON["le"] > 30:
        chef = Perimetre(acteur="chef", role=Role.CHEF, lycees=(UAI,))
        _JETON.update(
            le=time.monotonic(),
            entetes={"Authorization": f"Bearer {signer(chef, SERVICE_TOKEN_KEY, 'eleves')}"},
        )
    entetes: dict[str, str] = _JETON["entetes"]
    return entetes


async def _pret(client: httpx.AsyncClient) -> None:
    for _ in range(300):
        try:
            if (await client.get("/health/ready")).is_success:
                return
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.2)
    raise AssertionError("the service does not get ready")


async def _peupler(world: World) -> None:
    """Rows as the consumer writes them, without the log."""
    alea = random.Random(5)
    lieux = [UAI] * ELEVES + [f"{750_0100 + n:07d}B" for n in range(AUTRES) for _ in range(PAR_LYCEE)]
    etats = dict(_eleve(alea, rang, uai) for rang, uai in enumerate(lieux))
    engine = await world.engine("eleves")
    try:
        async with writing(engine) as tx:
            await pupils.charger(tx, sorted(etats))
            await lignes.ecrire(tx, etats)
            await ReferentielsProjection(await world.settings("eleves")).appliquer(tx, list(_calendrier()))
    finally:
        await engine.dispose()


def _calendrier() -> list[Lu]:
    return [
        Lu(
            CALENDRIER,
            "",
            None,
            "",
            None,
            None,
            r.DateDuCalendrier(session=2026, version=1, etape=etape.value, date=quand),
        )
        for etape, quand in DATES.items()
    ]


def _eleve(alea: random.Random, rang: int, uai: str) -> tuple[str, EtatEleve]:
    eleve_id = str(UUID(int=alea.getrandbits(128)))
    commun: dict[str, Any] = {"session": 2026, "eleve_id": eleve_id, "version": 1}
    serie = alea.choice((Serie.GENERALE, Serie.GENERALE, Serie.STMG, Serie.PROFESSIONNELLE))
    lieu: dict[str, Any] = {"academie": "01", "departement": "075", "uai": uai, "mef": "M"}
    nom: dict[str, Any] = {
        "nom": NOMS[rang % 8] + f" {rang % 97}",
        "prenom": alea.choice(("Éloïse", "Noé", "Anaïs", "Zoë")),
    }
    faits: list[r.Fait] = [
        r.Identite(**commun, **nom, naissance=date(2008, 5, 1), sexe=alea.choice("MF")),
        r.Eleve(
            **commun,
            **lieu,
            serie=serie,
            classe=f"T{serie.value[0]}{rang % 24}",
            codes_bourse=("BL",) if rang % 4 == 0 else (),
            cordees=rang % 9 == 0,
            specialites=("MATHS", "SES"),
        ),
    ]
    if rang % 33:
        etat = m.EtatDossier.DEMISSION if rang % 41 == 0 else m.EtatDossier.COMPLET
        faits.append(r.Dossier(**commun, profil=m.Profil.TERMINALE, etat=etat))
        nombre = 0 if rang % 29 == 0 else max(1, round(alea.gauss(VOEUX / ELEVES * 1.07, 5)))
        faits.extend(f for n in range(nombre) for f in _voeu(alea, commun, n))
    etat_plie = replier(None, faits)
    assert etat_plie is not None
    return eleve_id, etat_plie


def _voeu(alea: random.Random, commun: dict[str, Any], n: int) -> list[r.Fait]:
    confirme = alea.random() < 0.92
    faits: list[r.Fait] = [
        r.Voeu(
            **commun,
            voeu_id=f"v{n}",
            formation_id=f"F{alea.randrange(900)}",
            famille=alea.choice((Famille.LICENCE, Famille.BTS, Famille.BUT, Famille.CPGE, Famille.PASS)),
            selective=alea.random() < 0.5,
            academie_formation=alea.choice(("01", "02")),
            voie=m.Voie.APPRENTISSAGE if alea.random() < 0.1 else m.Voie.ETUDIANT,
            phase=m.Phase.PRINCIPALE,
            etat=m.EtatVoeu.CONFIRME if confirme else m.EtatVoeu.NON_CONFIRME,
        )
    ]
    if confirme:
        decision = alea.choices(
            (m.Decision.OUI, m.Decision.OUI_SI, m.Decision.EN_ATTENTE, m.Decision.NON), (2, 1, 8, 5)
        )[0]
        oui = decision in {m.Decision.OUI, m.Decision.OUI_SI}
        limite = MAINTENANT + timedelta(hours=alea.choice((4, 28, 52))) if oui else None
        faits.append(r.Proposition(**commun, voeu_id=f"v{n}", decision=decision, date_limite=limite))
        if oui and alea.random() < 0.4:
            reponse = alea.choice((m.Reponse.ACCEPTEE_EN_MAINTENANT, m.Reponse.REFUSEE))
            faits.append(r.ReponseDonnee(**commun, voeu_id=f"v{n}", reponse=reponse))
    return faits

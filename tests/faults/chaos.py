"""What is done to the processes while facts flow: kills, freezes, members that come and go, avis, rebuilds."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx

from shared.events.enveloppe import Evenement
from shared.http.perimetre import Perimetre, Role, signer
from shared.kafka.spool import SpoolWriter
from tests.kit.faults import Fleet, Process
from tests.kit.journal import LYCEE_A, LYCEE_B
from tests.kit.services import SERVICE_TOKEN_KEY

CAPACITES = ("TRES_SATISFAISANTE", "SATISFAISANTE", "ASSEZ_SATISFAISANTE", "PEU_DEMONTREE", None)


def spool(path: Path, evenements: Sequence[Evenement]) -> Path:
    with SpoolWriter(path) as writer:
        for fait in evenements:
            writer.add(fait)
    return path


@dataclass
class Chaos:
    """The members that must always come back, and what was done so far."""

    fleet: Fleet
    rng: random.Random
    spool: Path | None = None
    chunk: int = 500
    pause: float = 0.05
    members: dict[str, Process] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    async def start(self, *names: str) -> None:
        for name in names:
            await self.bring(name)

    async def bring(self, name: str) -> None:
        """Start ``name`` (or ``name#2``, another member of it; or the import) in its place."""
        if name == "import":
            words = (str(self.spool), str(self.chunk), str(self.pause))
            self.members[name] = await self.fleet.python("indicators", "tests.faults.publisher", *words)
            return
        service, _, number = name.partition("#")
        fixed = {} if number else {"GROUP_INSTANCE_ID": f"{service}-main"}
        self.members[name] = await self.fleet.service(service, **fixed)

    async def kill(self, name: str) -> None:
        """SIGKILL and bring back at once."""
        if self.members[name].kill():
            self.done[f"SIGKILL {name.partition('#')[0]}"] += 1
        if name != "import" or self.members[name].popen.returncode != 0:  # type: ignore[union-attr]
            await self.bring(name)

    async def freeze(self, name: str, seconds: float) -> None:
        self.members[name].freeze()
        await asyncio.sleep(seconds)
        self.members[name].wake()
        self.done[f"SIGSTOP {name.partition('#')[0]} for {seconds:.0f} s"] += 1

    async def visit(self, name: str, seconds: float) -> None:
        """Another member joins, stays a while and leaves politely."""
        await self.bring(name)
        await asyncio.sleep(seconds)
        await self.members.pop(name).leave(25)
        self.done[f"a member of {name.partition('#')[0]} joined and left"] += 1

    async def rebuild(self, name: str, kill_after: float | None = None) -> None:
        """``pilotage rebuild name``, killed once when asked, then run to its end."""
        if kill_after is not None:
            doomed = await self.fleet.command(name, "rebuild", name)
            await asyncio.sleep(kill_after)
            self.done[f"SIGKILL rebuild {name}"] += doomed.kill()
        for _ in range(12):
            process = await self.fleet.command(name, "rebuild", name)
            if await process.finished(120) == 0:
                self.done[f"rebuild {name}"] += 1
                return
            self.done[f"rebuild {name} failed, run again"] += 1
            await asyncio.sleep(1)
        raise AssertionError(f"rebuild {name}: {process.log.read_text()[-3000:]}")

    async def imported(self, seconds: float) -> None:
        """Run the import until it ends by itself."""
        async with asyncio.timeout(seconds):
            while await self.members["import"].finished(seconds) != 0:
                await asyncio.sleep(0.5)
                await self.bring("import")
                self.done["import run again"] += 1

    async def all_ready(self, seconds: float) -> None:
        for name, member in self.members.items():
            if name != "import":
                await member.until_ready(seconds)


@dataclass
class Chefs:
    """Principals who write avis all the while; every 2xx is kept and must never be lost.

    ``targets``: the (pupil, cible) they write about.
    """

    chaos: Chaos
    targets: Sequence[tuple[str, str]]
    rng: random.Random
    lycees: tuple[str, ...] = (LYCEE_A, LYCEE_B)
    accepted: defaultdict[tuple[str, str], dict[int, str | None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    answers: Counter[int] = field(default_factory=Counter)

    async def write_for_ever(self) -> None:
        async with httpx.AsyncClient(timeout=10) as client:
            while True:
                if self.targets:
                    await self._one(client)
                await asyncio.sleep(0.02)

    async def _one(self, client: httpx.AsyncClient) -> None:
        eleve_id, cible = self.rng.choice(self.targets)
        capacite, known = self.rng.choice(CAPACITES), self.accepted.get((eleve_id, cible), {})
        headers = {"Idempotency-Key": uuid4().hex}
        if known:
            headers["If-Match"] = f'"{max(known)}"'
        answer = await self._insist(client, f"{eleve_id}/avis/{cible}", {"capacite": capacite}, headers)
        self.answers[answer.status_code] += 1
        if answer.is_success:
            version = answer.json()["version"]
            assert known.get(version, capacite) == capacite, "one version, two avis"
            self.accepted[eleve_id, cible][version] = capacite

    async def _insist(
        self, client: httpx.AsyncClient, path: str, json: dict[str, str | None], headers: dict[str, str]
    ) -> httpx.Response:
        """The same command under the same key until somebody answers, as a browser's form does."""
        while True:
            scope = Perimetre(acteur="chef", role=Role.CHEF, lycees=self.lycees)
            token = {"Authorization": f"Bearer {signer(scope, SERVICE_TOKEN_KEY, 'avenir')}"}
            with suppress(httpx.HTTPError):
                url = f"{self.chaos.members['avenir'].url}/interne/v1/sessions/2026/eleves/{path}"
                answer = await client.put(url, json=json, headers={**headers, **token})
                if answer.status_code < 500:
                    return answer
            await asyncio.sleep(0.2)

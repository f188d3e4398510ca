"""The contracts as last released, and what a change of the catalogue would do to those who follow them.

``docs/contracts/baseline.json`` is committed, so that the comparison needs no history: a shallow clone has it.
It is rewritten by ``python -m shared.events.generate --release X.Y.Z`` and by nothing else. What is not in it is
not promised to anybody yet and may still change.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from shared.events.cles import CLES
from shared.events.compat import ruptures
from shared.events.schemas import schema
from shared.events.topics import CATALOGUE, Topic
from shared.kafka.topics import configuration

Promesse = Mapping[str, Any]
"""``owner``, ``class``, ``retention``, ``settings``, ``partitions`` of one topic and its ``events``: key and schema by name."""
FICHIER = "baseline.json"


class RegleTopic(NamedTuple):
    """``change(avant, apres)``: what changed, None when nothing did."""

    champ: str
    tort: str

    def change(self, avant: Promesse, apres: Promesse) -> str | None:
        if avant[self.champ] == apres[self.champ]:
            return None
        return f"{self.champ} changed from {avant[self.champ]} to {apres[self.champ]}: {self.tort}"


REGLES_TOPIC: tuple[RegleTopic, ...] = (
    RegleTopic("owner", "subscribers know the source by its name, and order its events by its clock"),
    RegleTopic(
        "class", "rights are granted by class: subscribers lose what they read, or get what they must not"
    ),
    RegleTopic("retention", "subscribers that start from zero no longer find the same log"),
    RegleTopic("settings", "subscribers that were away no longer find what they may count on"),
    RegleTopic("partitions", "subscribers that join topics by partition no longer meet a pupil in one place"),
)
REGLE_CLE = RegleTopic("key", "subscribers keep the state of a subject by its key and would hold it twice")


def promesse(topic: Topic) -> dict[str, Any]:
    """What a topic promises to those who follow it."""
    return {
        "owner": topic.proprietaire,
        "class": topic.classe.value,
        "retention": topic.retention.value,
        "settings": configuration(topic),
        "partitions": "by pupil" if topic.par_eleve else "one",
        "events": {
            nom: {"key": CLES[nom], "schema": schema(topic, nom, modele)}
            for nom, modele in topic.contrats.items()
        },
    }


def courantes() -> dict[str, Promesse]:
    """Today's promises, of the topics that have a contract."""
    return {topic.nom: promesse(topic) for topic in CATALOGUE if topic.contrats}


def lire(dossier: Path) -> tuple[str, dict[str, Promesse]]:
    """Version and promises last released; ``0.0.0`` and none before the first release."""
    chemin = dossier / FICHIER
    if not chemin.is_file():
        return "0.0.0", {}
    lu = json.loads(chemin.read_text(encoding="utf-8"))
    return lu["release"], lu["topics"]


def texte(version: str, promesses: Mapping[str, Promesse]) -> str:
    return json.dumps({"release": version, "topics": promesses}, ensure_ascii=False, indent=1) + "\n"


def ruptures_du_catalogue(avant: Mapping[str, Promesse], apres: Mapping[str, Promesse]) -> list[str]:
    """A sentence for each promise that would be broken, naming the harm; additions break none."""
    trouvees: list[str] = []
    for nom, promis in avant.items():
        if nom in apres:
            trouvees += _ruptures_d_un_topic(nom, promis, apres)
        elif not _remplace(nom, avant):
            trouvees.append(f"{nom}: topic removed: its subscribers hear nothing any more")
    return trouvees


def _remplace(nom: str, promesses: Mapping[str, Promesse]) -> bool:
    """Whether the next version of a topic was already released: the older one may then go."""
    base, _, version = nom.rpartition(".v")
    return f"{base}.v{int(version) + 1}" in promesses


def _ruptures_d_un_topic(nom: str, avant: Promesse, apres: Mapping[str, Promesse]) -> Iterator[str]:
    for regle in REGLES_TOPIC:
        if change := regle.change(avant, apres[nom]):
            yield f"{nom}: {change}"
    for evenement, promis in avant["events"].items():
        devenu = apres[nom]["events"].get(evenement)
        phrases = _comparer(promis, devenu) if devenu else [_disparu(nom, evenement, avant, apres)]
        yield from (f"{nom}/{evenement} {phrase}" for phrase in phrases)


def _comparer(promis: Promesse, devenu: Promesse) -> list[str]:
    cle = REGLE_CLE.change(promis, devenu)
    return [*([cle] if cle else []), *ruptures(promis["schema"], devenu["schema"])]


def _disparu(nom: str, evenement: str, avant: Promesse, apres: Mapping[str, Promesse]) -> str:
    """Removed, renamed or moved: the one that it became is named when it has the same shape or name."""
    forme = avant["events"][evenement]["schema"]
    nouveaux = {n: e for n, e in apres[nom]["events"].items() if n not in avant["events"]}
    memes = (f"renamed to {autre}" for autre, e in nouveaux.items() if not ruptures(forme, e["schema"]))
    ailleurs = next((f"moved to {t}" for t, promis in apres.items() if evenement in promis["events"]), None)
    return f"{next(memes, None) or ailleurs or 'removed'}: subscribers that wait for it hear nothing any more"

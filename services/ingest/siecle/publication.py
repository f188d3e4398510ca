"""The one way from what is said of pupils to events: read every source, compute, tell what differs.

Imports hand the events to their spool, commands to the outbox. Set-based: five queries for any
number of pupils; their ``eleve_connu`` rows are locked, so that files and commands take turns.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.identity import Cles, Nature, Nom
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import (
    Effective,
    decoder_contenu,
    effective,
    empreinte,
    version_suivante,
)
from services.ingest.siecle.scolarites import Connu
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import EleveRemonte, IdentiteRemontee

DERIVEE = 0
"""Version of a source that has none of its own: strictly above the last one, whatever it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origine:
    """Who speaks. ``version``: HORODATAGE of a file, µs, or DERIVEE; ``uai``: the lycée that speaks.

    ``import_id`` None: a command.
    """

    session: int
    cles: Cles
    prefixe: str
    uai: str | None
    version: int = DERIVEE
    instant: datetime = field(default_factory=lambda: datetime.now(UTC))
    import_id: str | None = None


@dataclass(slots=True)
class Publiee:
    """Events to send, in order, and what the caller has to tell.

    ``egalites``: pupil → UAI that tie. ``inchanges``: pupils of whom nothing new is said.
    ``identifies``: pupils whose name, first name or birth date is new, with its HMAC under every key.
    """

    evenements: list[Evenement] = field(default_factory=list)
    inchanges: set[str] = field(default_factory=set)
    egalites: dict[str, tuple[str, ...]] = field(default_factory=dict)
    identifies: dict[str, list[bytes]] = field(default_factory=dict)
    effectives: dict[str, Effective] = field(default_factory=dict)


async def publier(
    tx: AsyncConnection,
    origine: Origine,
    ids: Collection[str],
    identites: Mapping[str, IdentiteRemontee] | None = None,
) -> Publiee:
    """Events of what differs, for ``ids``; ``identites``: as ``origine.uai`` tells them now.

    An identity counts when it comes from the lycée of the effective scolarité, or when none is known.
    """
    publiee = Publiee()
    connus = await scolarites.connus(tx, origine.session, ids)
    dites = await scolarites.dites(tx, origine.session, ids)
    viviers = await scolarites.viviers(tx, origine.session, ids)
    changes: dict[str, Connu] = {}
    for eleve_id in ids:
        if eleve_id not in dites:
            continue
        avant = connus.get(eleve_id, Connu())
        dite = effective(dites[eleve_id], viviers.get(eleve_id), avant.uai)
        publiee.effectives[eleve_id] = dite
        apres = _scolarite(publiee, origine, eleve_id, dite, avant)
        identite = (identites or {}).get(eleve_id)
        if identite is not None and (dite.uai == origine.uai or avant.identite is None):
            apres = _identite(publiee, origine, eleve_id, identite, apres)
        if apres != avant:
            changes[eleve_id] = apres
        if apres._replace(uai=avant.uai, homonyme=avant.homonyme) == avant:
            publiee.inchanges.add(eleve_id)
    await scolarites.retenir(tx, origine.session, origine.import_id, changes)
    return publiee


def _scolarite(publiee: Publiee, origine: Origine, eleve_id: str, dite: Effective, avant: Connu) -> Connu:
    if dite.egalite:
        publiee.egalites[eleve_id] = dite.egalite
    marque = empreinte(dite.contenu, eleve_id)
    if marque == avant.scolarite:
        return avant._replace(uai=dite.uai)
    version = version_suivante(origine.version, avant.scolarite_version)
    modele = EleveRemonte.model_validate(
        {**decoder_contenu(dite.contenu), "eleve_id": eleve_id, "version": version}
    )
    publiee.evenements.append(
        evenement(
            t.ELEVE,
            modele,
            cle=eleve_id,
            version=version,
            time=origine.instant,
            prefixe=origine.prefixe,
            type_="EleveSorti" if modele.date_sortie else "EleveRemonte",
        )
    )
    return avant._replace(uai=dite.uai, scolarite=marque, scolarite_version=version)


def _identite(
    publiee: Publiee, origine: Origine, eleve_id: str, identite: IdentiteRemontee, avant: Connu
) -> Connu:
    marque = empreinte(identite.model_dump_json(exclude={"eleve_id", "version"}).encode(), eleve_id)
    homonymes = origine.cles.empreintes(nom_de(identite.nom, identite.prenom, identite.naissance))
    if homonymes[0] != avant.homonyme:
        publiee.identifies[eleve_id] = homonymes
    avant = avant._replace(homonyme=homonymes[0])
    if marque == avant.identite:
        return avant
    version = version_suivante(origine.version, avant.identite_version)
    modele = identite.model_copy(update={"eleve_id": UUID(eleve_id), "version": version})
    publiee.evenements.append(
        evenement(
            t.IDENTITE,
            modele,
            cle=eleve_id,
            version=version,
            time=origine.instant,
            prefixe=origine.prefixe,
            type_="IdentiteRemontee",
        )
    )
    return avant._replace(identite=marque, identite_version=version)


def nom_de(nom: str, prenom: str, naissance: date) -> Nom:
    """By what two pupils are thought to be one: it proposes, it never merges."""
    return Nom(Nature.PERSONNE, f"{_plat(nom)}|{_plat(prenom)}|{naissance.isoformat()}")


def _plat(texte: str) -> str:
    """Without accents, case, spaces or punctuation."""
    decompose = unicodedata.normalize("NFKD", texte.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(lettre for lettre in decompose if lettre.isalnum())

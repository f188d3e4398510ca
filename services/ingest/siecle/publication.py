"""The one way from what is said of pupils to events: read every source, compute, tell what differs.

Imports hand the events to their spool, commands to the outbox. Set-based: five queries for any
number of pupils; their ``eleve_connu`` rows are locked, so that files and commands take turns.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.identity import Cles, Nature, Nom
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import (
    Effective,
    effective,
    empreinte,
    version_suivante,
)
from services.ingest.siecle.lu import IdentiteLue
from services.ingest.siecle.scolarites import Connu
from shared.events import rapide
from shared.events import topics as t
from shared.events.enveloppe import Evenement, horodatage, identifiant

_ELEVE = msgspec.json.Decoder(rapide.Eleve)
"""The twin of the contract: what does not fit it is not published."""
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
    identites: Mapping[str, IdentiteLue] | None = None,
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
    donnees = _porter(dite.contenu, eleve_id, version)
    sorti = _ELEVE.decode(donnees).date_sortie is not None
    publiee.evenements.append(
        _evenement(origine, t.ELEVE, "EleveSorti" if sorti else "EleveRemonte", (eleve_id, version), donnees)
    )
    return avant._replace(uai=dite.uai, scolarite=marque, scolarite_version=version)


def _identite(
    publiee: Publiee, origine: Origine, eleve_id: str, identite: IdentiteLue, avant: Connu
) -> Connu:
    contenu = identite.contenu
    marque = empreinte(contenu, eleve_id)
    homonymes = origine.cles.empreintes(nom_de(identite.nom, identite.prenom, identite.naissance))
    if homonymes[0] != avant.homonyme:
        publiee.identifies[eleve_id] = homonymes
    avant = avant._replace(homonyme=homonymes[0])
    if marque == avant.identite:
        return avant
    version = version_suivante(origine.version, avant.identite_version)
    donnees = _porter(contenu, eleve_id, version)
    publiee.evenements.append(
        _evenement(origine, t.IDENTITE, "IdentiteRemontee", (eleve_id, version), donnees)
    )
    return avant._replace(identite=marque, identite_version=version)


def _porter(contenu: bytes, eleve_id: str, version: int) -> bytes:
    """The value of the event: the content, which is a JSON object with members, given its subject."""
    return b'{"eleve_id":"%b","version":%d,' % (eleve_id.encode(), version) + contenu[1:]


def _evenement(
    origine: Origine, topic: t.Topic, type_: str, sujet: tuple[str, int], donnees: bytes
) -> Evenement:
    """``sujet``: pupil and version."""
    complet = topic.complet(origine.prefixe, origine.session)
    return Evenement(
        topic=complet,
        cle=sujet[0],
        type=type_,
        id=identifiant(complet, *sujet),
        time=horodatage(origine.instant),
        source=f"/pilotage/{topic.proprietaire}",
        donnees=donnees,
    )


def nom_de(nom: str, prenom: str, naissance: date) -> Nom:
    """By what two pupils are thought to be one: it proposes, it never merges."""
    return Nom(Nature.PERSONNE, f"{_plat(nom)}|{_plat(prenom)}|{naissance.isoformat()}")


def _plat(texte: str) -> str:
    """Without accents, case, spaces or punctuation."""
    if texte.isascii() and texte.isalnum():
        return texte.casefold()
    decompose = unicodedata.normalize("NFKD", texte.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(lettre for lettre in decompose if lettre.isalnum())

"""The one way from what is said of pupils to events: read every source, compute, tell what differs.

Imports hand the events to their spool, commands to the outbox. Set-based: five queries for any
number of pupils; their ``eleve_connu`` rows are locked, so that files and commands take turns.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.dispositifs import store as dispositifs
from services.ingest.identity import Cles
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import (
    Effective,
    Inscrite,
    effective,
    empreinte,
    empreinte_salee,
    sel_de,
    version_suivante,
)
from services.ingest.siecle.homonymes import nom_de
from services.ingest.siecle.lu import IdentiteLue
from services.ingest.siecle.scolarites import Connu
from shared.events import rapide
from shared.events import topics as t
from shared.events.enveloppe import Evenement, horodatage, identifiant
from shared.events.modeles import OrigineScolarite
from shared.kafka.framing import Frame, Framer
from shared.kafka.partition import hash_de

_ELEVE = msgspec.json.Decoder(rapide.Eleve)
"""The twin of the contract: what does not fit it is not published."""
_TOPICS = (t.ELEVE, t.IDENTITE)
_SOURCE = f"/pilotage/{t.ELEVE.proprietaire}"
_INCONNU = Connu()
_AUCUNE: Mapping[str, Inscrite] = {}
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

    ``cadres``: events too, of pupils just minted, framed already.

    ``egalites``: pupil → UAI that tie. ``inchanges``: pupils of whom nothing new is said.
    ``identifies``: pupils whose name, first name or birth date is new, with its HMAC under every key.
    """

    evenements: list[Evenement] = field(default_factory=list)
    cadres: list[Frame] = field(default_factory=list)
    inchanges: set[str] = field(default_factory=set)
    egalites: dict[str, tuple[str, ...]] = field(default_factory=dict)
    identifies: dict[str, list[bytes]] = field(default_factory=dict)


class Parole(NamedTuple):
    """What one lycée, or we, say of ``ids``; ``identites``: as that lycée tells them now.

    ``nouvelles``: scolarités just written of those among them who were minted in this transaction.
    """

    origine: Origine
    ids: Collection[str]
    identites: Mapping[str, IdentiteLue]
    nouvelles: Mapping[str, Inscrite] = _AUCUNE


async def publier(
    tx: AsyncConnection,
    origine: Origine,
    ids: Collection[str],
    identites: Mapping[str, IdentiteLue] | None = None,
) -> Publiee:
    """Events of what differs, for ``ids``; ``identites``: as ``origine.uai`` tells them now."""
    [publiee] = await publier_ensemble(tx, [Parole(origine, ids, identites or {})])
    return publiee


async def publier_ensemble(tx: AsyncConnection, paroles: Sequence[Parole]) -> list[Publiee]:
    """Same, of several that speak of different pupils."""
    session = paroles[0].origine.session
    ids = [eleve_id for parole in paroles for eleve_id in parole.ids]
    nouvelles = {eleve_id: dite for parole in paroles for eleve_id, dite in parole.nouvelles.items()}
    anciens = [eleve_id for eleve_id in ids if eleve_id not in nouvelles]
    complements = await dispositifs.complements(tx, session, ids)
    seules = {un: dite for un, dite in nouvelles.items() if un not in complements}
    connus = await scolarites.connus(tx, session, anciens)
    autres = [eleve_id for eleve_id in ids if eleve_id not in seules] if len(seules) < len(ids) else []
    dites = await scolarites.dites(tx, session, autres, nouvelles, complements)
    viviers = await scolarites.viviers(tx, session, anciens)
    retenus: list[scolarites.Retenu] = []
    publiees: list[Publiee] = []
    for parole in paroles:
        redacteur = _Redacteur(parole)
        for eleve_id in parole.ids:
            if (seule := seules.get(eleve_id)) is not None:
                apres = redacteur.ecrire_neuf(eleve_id, seule)
                retenus.append(scolarites.Retenu(eleve_id, parole.origine.import_id, apres))
            elif eleve_id in dites:
                avant = connus.get(eleve_id, _INCONNU)
                dite = effective(dites[eleve_id], viviers.get(eleve_id), avant.uai)
                apres = redacteur.ecrire(eleve_id, dite, avant)
                if apres != avant:
                    retenus.append(scolarites.Retenu(eleve_id, parole.origine.import_id, apres))
        publiees.append(redacteur.publiee)
    await scolarites.retenir(tx, session, retenus)
    return publiees


class _Redacteur:
    """Writes the events of one :class:`Parole`.

    An identity counts when it comes from the lycée of the effective scolarité, or when none is known.
    """

    def __init__(self, parole: Parole) -> None:
        self.publiee = Publiee()
        self._origine, self._identites = parole.origine, parole.identites
        self._time = horodatage(self._origine.instant)
        self._topics = {
            topic.nom: topic.complet(self._origine.prefixe, self._origine.session) for topic in _TOPICS
        }
        self._cadreurs: dict[str, Framer] = {}

    def ecrire(self, eleve_id: str, dite: Effective, avant: Connu) -> Connu:
        """What is known of the pupil from now on."""
        if dite.egalite:
            self.publiee.egalites[eleve_id] = dite.egalite
        scolarite, scolarite_version = self._scolarite(eleve_id, dite.contenu, avant)
        identite, identite_version, homonyme = avant.identite, avant.identite_version, avant.homonyme
        lue = self._identites.get(eleve_id)
        if lue is not None and (dite.uai == self._origine.uai or identite is None):
            homonyme = self._homonyme(eleve_id, lue, avant)
            identite, identite_version = self._identite(eleve_id, lue.contenu, avant)
        if scolarite == avant.scolarite and identite == avant.identite:
            self.publiee.inchanges.add(eleve_id)
        return Connu(dite.uai, identite, identite_version, scolarite, scolarite_version, homonyme)

    def ecrire_neuf(self, eleve_id: str, inscrite: Inscrite) -> Connu:
        """Same, of a pupil whom his file has just made known: it is all that is said of him, and nothing is frozen.

        The hot path of a first import.
        """
        lue, sel = self._identites[eleve_id], sel_de(eleve_id)
        version, scolarite = (
            version_suivante(self._origine.version, _INCONNU.scolarite_version),
            inscrite.contenu,
        )
        donnees = _porter(scolarite, eleve_id, version)
        sorti = _ELEVE.decode(donnees).date_sortie is not None
        self._cadrer(t.ELEVE, "EleveSorti" if sorti else "EleveRemonte", (eleve_id, version), donnees)
        identite = lue.contenu
        self._cadrer(
            t.IDENTITE, "IdentiteRemontee", (eleve_id, version), _porter(identite, eleve_id, version)
        )
        return Connu(
            inscrite.uai,
            empreinte_salee(identite, sel),
            version,
            empreinte_salee(scolarite, sel),
            version,
            self._homonyme(eleve_id, lue, _INCONNU),
        )

    def _cadrer(self, topic: t.Topic, type_: str, sujet: tuple[str, int], donnees: bytes) -> None:
        """``sujet``: pupil and version."""
        complet, eleve_id = self._topics[topic.nom], sujet[0]
        cadreur = self._cadreurs.get(type_)
        if cadreur is None:
            cadreur = self._cadreurs[type_] = Framer(complet, type_, self._time, _SOURCE)
        id_ = identifiant(complet, *sujet)
        self.publiee.cadres.append(cadreur.frame(eleve_id.encode(), hash_de(eleve_id), id_, donnees))

    def _scolarite(self, eleve_id: str, contenu: bytes, avant: Connu) -> tuple[bytes | None, int]:
        marque = empreinte(contenu, eleve_id)
        if marque == avant.scolarite:
            return marque, avant.scolarite_version
        version = version_suivante(self._origine.version, avant.scolarite_version)
        donnees = _porter(self._signe(contenu), eleve_id, version)
        sorti = _ELEVE.decode(donnees).date_sortie is not None
        self._emettre(t.ELEVE, "EleveSorti" if sorti else "EleveRemonte", (eleve_id, version), donnees)
        return marque, version

    def _signe(self, contenu: bytes) -> bytes:
        """With who made this version, when it is no file; that is not part of what makes it differ."""
        if self._origine.import_id is not None:
            return contenu
        qui = OrigineScolarite.LYCEE if self._origine.uai else OrigineScolarite.PILOTAGE
        return b'{"origine":"%b",' % qui.value.encode() + contenu[1:]

    def _homonyme(self, eleve_id: str, identite: IdentiteLue, avant: Connu) -> bytes:
        empreintes = self._origine.cles.empreintes(nom_de(identite.nom, identite.prenom, identite.naissance))
        if empreintes[0] != avant.homonyme:
            self.publiee.identifies[eleve_id] = empreintes
        return empreintes[0]

    def _identite(self, eleve_id: str, contenu: bytes, avant: Connu) -> tuple[bytes | None, int]:
        marque = empreinte(contenu, eleve_id)
        if marque == avant.identite:
            return marque, avant.identite_version
        version = version_suivante(self._origine.version, avant.identite_version)
        donnees = _porter(contenu, eleve_id, version)
        self._emettre(t.IDENTITE, "IdentiteRemontee", (eleve_id, version), donnees)
        return marque, version

    def _emettre(self, topic: t.Topic, type_: str, sujet: tuple[str, int], donnees: bytes) -> None:
        """``sujet``: pupil and version."""
        complet = self._topics[topic.nom]
        self.publiee.evenements.append(
            Evenement(
                topic=complet,
                cle=sujet[0],
                type=type_,
                id=identifiant(complet, *sujet),
                time=self._time,
                source=_SOURCE,
                donnees=donnees,
            )
        )


def _porter(contenu: bytes, eleve_id: str, version: int) -> bytes:
    """The value of the event: the content, which is a JSON object with members, given its subject."""
    return b'{"eleve_id":"%b","version":%d,' % (eleve_id.encode(), version) + contenu[1:]

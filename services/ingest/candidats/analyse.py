"""From a deposited feed to events in the spool: each fact finds its pupil, waits for him, or is out of scope."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import cast

import msgspec

from services.ingest.candidats import feed, parking
from services.ingest.candidats.parking import AParquer
from services.ingest.candidats.sortants import (
    SANS_ELEVE,
    FormationInconnueError,
    ligne_formation_inconnue,
    preparer,
)
from services.ingest.compte_rendu import Ligne, masquer
from services.ingest.contexte import Analyse, Conclusion
from services.ingest.identity import Connus, Nature, Nom, ajouter, chercher
from services.ingest.readers.faits import Lot, lire_lots
from services.ingest.referentiels import attente
from services.ingest.referentiels.attente import AAttendre
from services.ingest.retour import numeros as numeros_dossier
from services.ingest.retour.numeros import Coffre
from services.ingest.scolarite.domain import Genre
from services.ingest.scolarite.taches import Question, ouvrir, paire
from shared.events.modeles import Profil

_CACHE_MAX = 400_000
_LOTS_PAR_SIGNAL = 10
_HORS = "-"
"""In place of an id: the dossier is out of scope."""
Faits = Sequence[tuple[int, feed.Recu]]


async def analyser(analyse: Analyse) -> Conclusion:
    """Read, resolve and spool the whole file. Raises FichierRefuse when it is not whole."""
    reglages = analyse.settings
    travail = _Travail(analyse, await parking.compter(analyse.tx, analyse.session))
    lots = lire_lots(
        analyse.depot,
        analyse.session,
        reglages.fact_batch,
        reglages.faits_max_bytes,
        exiger_un_fait=analyse.recu.rejeu_de is None,
    )
    rang = 0
    async with aclosing(_en_avance(lots)) as lus:
        async for lot in lus:
            await travail.lot(lot)
            rang += 1
            if rang % _LOTS_PAR_SIGNAL == 0:
                await analyse.signaler()
    return Conclusion()


async def _en_avance(lots: Iterator[Lot]) -> AsyncGenerator[Lot, None]:
    """The next lot is read while the database answers for this one."""
    suivant = asyncio.create_task(asyncio.to_thread(next, lots, None))
    try:
        while (lot := await suivant) is not None:
            suivant = asyncio.create_task(asyncio.to_thread(next, lots, None))
            yield lot
    finally:
        await asyncio.gather(suivant, return_exceptions=True)


class _Travail:
    """The feed under way. ``_dossiers``: numéro → eleve_id, _HORS, or None when nobody is known."""

    def __init__(self, analyse: Analyse, parques: int) -> None:
        self._analyse = analyse
        self._tx = analyse.tx
        self._cles = analyse.cles
        self._session = analyse.session
        self._compte_rendu = analyse.compte_rendu
        self._parques = parques
        self._dossiers: dict[str, str | None] = {}
        self._coffre = Coffre(analyse.settings.hmac_keys.get_secret_value(), analyse.session)
        self._numerotes: set[str] = set()
        self._questions: list[Question] = []

    async def lot(self, lot: Lot) -> None:
        self._compte_rendu.compter("lus", lot.lus)
        self._compte_rendu.etendre(lot.lignes)
        await self._connaitre(lot.faits)
        lies, en_conflit = await self._lier(lot.faits)
        await self._numeroter(lot.faits)
        await self._liberer(lies)
        await self._emettre(lot.faits, en_conflit)

    async def _connaitre(self, faits: Faits) -> None:
        """Learn what the tables say of the dossiers of this lot that are not in the cache."""
        if len(self._dossiers) > _CACHE_MAX:
            self._dossiers.clear()
        inconnus = {fait.numero_dossier for _, fait in faits if fait.numero_dossier not in self._dossiers}
        if not inconnus:
            return
        connus = await chercher(
            self._tx, self._cles, self._session, {Nom(Nature.DOSSIER, numero) for numero in inconnus}
        )
        await ajouter(self._tx, self._cles, self._session, connus.a_signer)
        ids: dict[str, str | None] = {nom.valeur: eleve_id for nom, eleve_id in connus.ids.items()}
        ids.update((nom.valeur, _HORS) for nom in connus.effaces)
        reste = inconnus - ids.keys()
        hors = await parking.hors_perimetre(self._tx, self._cles, self._session, reste)
        self._dossiers.update({numero: _HORS if numero in hors else None for numero in reste} | ids)

    async def _lier(self, faits: Faits) -> tuple[dict[str, str], set[int]]:
        """Link dossiers by INE. Returns the new links, and the lines whose INE says somebody else."""
        dossiers = [(numero, fait) for numero, fait in faits if isinstance(fait, feed.Dossier)]
        await self._ecarter([fait for _, fait in dossiers])
        candidats = [(n, f) for n, f in dossiers if f.profil is Profil.TERMINALE and f.ine]
        noms = {Nom(Nature.INE, fait.ine.upper()) for _, fait in candidats if fait.ine}
        connus = await chercher(self._tx, self._cles, self._session, noms)
        lies, en_conflit = self._decider(candidats, connus)
        self._compte_rendu.compter("taches", await ouvrir(self._tx, self._session, self._questions))
        self._questions.clear()
        alias = {Nom(Nature.DOSSIER, numero): eleve_id for numero, eleve_id in lies.items()}
        await ajouter(self._tx, self._cles, self._session, alias)
        self._compte_rendu.compter("lies", len(lies))
        return lies, en_conflit

    async def _numeroter(self, faits: Faits) -> None:
        """Keep, encrypted, the numbers by which the platform must be answered."""
        if len(self._numerotes) > _CACHE_MAX:
            self._numerotes.clear()
        numeros = {
            fait.numero_dossier
            for _, fait in faits
            if isinstance(fait, feed.Dossier) and fait.profil is Profil.TERMINALE
        } - self._numerotes
        await numeros_dossier.retenir(self._tx, self._cles, self._coffre, self._session, numeros)
        self._numerotes |= numeros

    def _decider(
        self, candidats: Sequence[tuple[int, feed.Dossier]], connus: Connus
    ) -> tuple[dict[str, str], set[int]]:
        lies: dict[str, str] = {}
        en_conflit: set[int] = set()
        for ligne, fait in candidats:
            trouve = connus.ids.get(Nom(Nature.INE, (fait.ine or "").upper()))
            deja = self._dossiers[fait.numero_dossier]
            if trouve is None or trouve == deja:
                continue
            if deja is None:
                self._dossiers[fait.numero_dossier] = lies[fait.numero_dossier] = trouve
            elif deja != _HORS:
                en_conflit.add(ligne)
                detail = {"motif": "DOSSIER", "ine": masquer(fait.ine), "import": self._analyse.import_id}
                self._questions.append(Question(Genre.MEME_ELEVE, paire(trouve, deja), detail))
        return lies, en_conflit

    async def _ecarter(self, dossiers: Sequence[feed.Dossier]) -> None:
        """Remember the dossiers of other profiles; a dossier that has become a terminale's comes back."""
        hors, rentres = set[str](), set[str]()
        for fait in dossiers:
            etat = self._dossiers[fait.numero_dossier]
            if fait.profil is not Profil.TERMINALE and etat is None:
                hors.add(fait.numero_dossier)
                self._dossiers[fait.numero_dossier] = _HORS
            elif fait.profil is Profil.TERMINALE and etat == _HORS:
                rentres.add(fait.numero_dossier)
                self._dossiers[fait.numero_dossier] = None
        perdus = await parking.sortir_du_perimetre(self._tx, self._cles, self._session, hors)
        await parking.rentrer_dans_le_perimetre(self._tx, self._cles, self._session, rentres)
        self._parques -= perdus
        self._compte_rendu.compter("hors_perimetre", perdus)

    async def _liberer(self, lies: dict[str, str]) -> None:
        if not lies or self._parques <= 0:
            return
        dossiers = {
            empreinte: eleve_id
            for numero, eleve_id in lies.items()
            for empreinte in self._cles.empreintes(Nom(Nature.DOSSIER, numero))
        }
        liberes = await parking.liberer(self._tx, self._session, self._analyse.import_id, dossiers)
        for eleve_id, fait in liberes:
            self._analyse.emettre(eleve_id, fait)
        self._parques -= len(liberes)
        self._compte_rendu.compter("liberes", len(liberes))

    async def _emettre(self, faits: Faits, en_conflit: set[int]) -> None:
        a_parquer: list[AParquer] = []
        a_attendre: list[AAttendre] = []
        traites = hors = 0
        for ligne, fait in faits:
            eleve_id = self._dossiers[fait.numero_dossier]
            if eleve_id == _HORS or (isinstance(fait, feed.Dossier) and fait.profil is not Profil.TERMINALE):
                hors += 1
                continue
            if ligne in en_conflit:
                self._compte_rendu.ajouter(_conflit(ligne, fait))
                continue
            try:
                sortant = preparer(fait, eleve_id or SANS_ELEVE)
            except FormationInconnueError:
                a_attendre.append(AAttendre(fait.numero_dossier, cast("feed.Voeu", fait)))
                self._compte_rendu.ajouter(ligne_formation_inconnue(ligne))
                continue
            if eleve_id is None:
                ine = fait.ine.upper() if isinstance(fait, feed.Dossier) and fait.ine else None
                a_parquer.append(AParquer(fait.numero_dossier, ine, sortant))
            else:
                self._analyse.emettre(eleve_id, sortant)
                traites += 1
        await parking.parquer(self._tx, self._cles, self._session, a_parquer)
        await attente.retenir(self._tx, self._cles, self._session, a_attendre)
        self._compte_rendu.compter("formations_attendues", len(a_attendre))
        self._parques += len(a_parquer)
        self._compte_rendu.compter("hors_perimetre", hors)
        self._compte_rendu.compter("traites", traites)
        self._compte_rendu.compter("parques", len(a_parquer))


def _brut(fait: feed.Recu) -> bytes:
    """The line of a fact, without what the feed does not know."""
    return msgspec.json.encode(fait)


def _conflit(ligne: int, fait: feed.Recu) -> Ligne:
    return Ligne(
        ligne,
        "IDENTITE",
        "L’INE et le numéro de dossier désignent deux élèves différents : rien n’est fusionné. Vérifiez l’INE.",
        ine=fait.ine if isinstance(fait, feed.Dossier) else None,
        brut=_brut(fait),
    )

"""Commands on several pupils at once: each is judged for himself, those accepted are written together.

One transaction holds the rows of all, in the order of their ids: the idempotency key, the registre, the
pupils' rows, the events and the history. A single pupil is a lot of one, whose refusal is raised.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lignes
from shared.domaine.etat import EtatEleve, decoder
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir
from shared.http.perimetre import SES_CLASSES, Perimetre, portee

LOT_MAX = 1_000


class Inscrite(Protocol):
    """A row of the registre: what an editable thing has in common."""

    @property
    def version(self) -> int:
        """From 1; kept by what is undone."""


R = TypeVar("R", bound=Inscrite)
_VERROUILLER = text(
    f"""
    SELECT eleve_id::text, uai, etat FROM eleve
     WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[])) AND etat IS NOT NULL
       AND (uai IS NULL OR (uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES}))
     ORDER BY eleve_id FOR UPDATE
    """
)
_SURVIVANTS = text(
    "SELECT eleve_id::text FROM eleve WHERE session = :session AND uai = :uai"
    " AND uai = ANY(CAST(:lycees AS text[])) AND eleve_id = ANY(CAST(:ids AS uuid[]))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexte:
    """Who asks, for which lycée, when. ``cle``: idempotency key; ``prefixe``: of the topics."""

    perimetre: Perimetre
    session: int
    uai: str
    le: datetime
    cle: str | None = None
    prefixe: str = ""


@dataclass(frozen=True, slots=True)
class Vise:
    """One pupil of a lot, and the version of the thing that the caller saw, None when he says none."""

    eleve_id: str
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot(Generic[R]):
    """One command.

    ``demande``: what two sendings have in common. ``propose``: what is asked for, to show beside what
    another wrote meanwhile. ``juger``: the row to write, or why not.
    """

    acte: str
    demande: Mapping[str, object]
    vises: Sequence[Vise]
    propose: Callable[[str], Mapping[str, Any]]
    lire: Callable[[AsyncConnection, int, Sequence[str]], Awaitable[Mapping[str, R]]]
    juger: Callable[[str, EtatEleve, R | None], "R | Refus"]
    ecrire: Callable[[AsyncConnection, int, Mapping[str, R]], Awaitable[None]]
    tracer: Callable[[AsyncConnection, int, Sequence[str], str], Awaitable[None]]
    presenter: Callable[[AsyncConnection, Contexte, Mapping[str, EtatEleve]], Awaitable[Mapping[str, Any]]]


async def executer(tx: AsyncConnection, contexte: Contexte, lot: Lot[R]) -> dict[str, Any]:
    """``resultats``: per pupil, in the order asked for, ``fait``, or ``code`` and ``phrase``; then what stands.

    Raises:
        Refus: 409, the idempotency key came with another request.
    """
    acteur = contexte.perimetre.acteur
    deja = await deja_repondu(tx, acteur, contexte.cle, lot.demande)
    if deja is not None:
        return deja
    reponse = await _executer(tx, contexte, lot)
    await retenir(tx, acteur, contexte.cle, reponse)
    return reponse


async def executer_un(tx: AsyncConnection, contexte: Contexte, lot: Lot[R]) -> dict[str, Any]:
    """The same for one pupil: what stands after it.

    Raises:
        Refus: 404 foreign pupil, 412 and 428 by the version, 409 and 422 by the rules.
    """
    resultat: dict[str, Any] = (await executer(tx, contexte, lot))["resultats"][0]
    if not resultat["fait"]:
        raise Refus(resultat["statut"], resultat["code"], resultat["phrase"], **resultat["details"])
    montre: dict[str, Any] = resultat["actuel"]
    return montre


async def _executer(tx: AsyncConnection, contexte: Contexte, lot: Lot[R]) -> dict[str, Any]:
    ids = list(dict.fromkeys(vise.eleve_id for vise in lot.vises))
    etats = await verrouiller(tx, contexte, ids)
    connues = await lot.lire(tx, contexte.session, list(etats))
    avant = await lot.presenter(tx, contexte, etats)
    verdicts = {vise.eleve_id: _juger(lot, vise, etats, connues, avant) for vise in lot.vises}
    nouvelles = {i: verdict for i, verdict in verdicts.items() if not isinstance(verdict, Refus)}
    if nouvelles:
        await lot.ecrire(tx, contexte.session, nouvelles)
        concernes = {i: etats[i] for i in nouvelles}
        await lignes.rafraichir(tx, concernes, le=contexte.le, prefixe=contexte.prefixe)
        await lot.tracer(tx, contexte.session, list(nouvelles), lot.acte)
    apres = await lot.presenter(tx, contexte, etats)
    resultats = [_resultat(i, verdict, apres.get(i)) for i, verdict in verdicts.items()]
    return {"faits": len(nouvelles), "refuses": len(verdicts) - len(nouvelles), "resultats": resultats}


def _juger(
    lot: Lot[R],
    vise: Vise,
    etats: Mapping[str, EtatEleve],
    connues: Mapping[str, R],
    avant: Mapping[str, Any],
) -> "R | Refus":
    etat = etats.get(vise.eleve_id)
    if etat is None:
        return introuvable()
    connue = connues.get(vise.eleve_id)
    perime = _perime(vise, connue.version if connue else 0, avant.get(vise.eleve_id), lot.propose)
    return perime or lot.juger(vise.eleve_id, etat, connue)


def _perime(
    vise: Vise, version: int, actuel: Any, propose: Callable[[str], Mapping[str, Any]]
) -> Refus | None:
    """428 when the version to change is not said, 412 when it is not the last, with theirs and mine."""
    if vise.version == version or (vise.version is None and version == 0):
        return None
    details = {"actuel": actuel, "propose": dict(propose(vise.eleve_id))}
    if vise.version is None:
        phrase = "Une décision ou une saisie existe déjà pour cet élève : relisez-la avant de la modifier."
        return Refus(428, "version_attendue", phrase, **details)
    phrase = "Quelqu’un a décidé ou saisi entre-temps pour cet élève : comparez les deux, puis recommencez."
    return Refus(412, "modifie_entre_temps", phrase, **details)


def _resultat(eleve_id: str, verdict: object, actuel: Any) -> dict[str, Any]:
    base = {"eleve_id": eleve_id, "actuel": actuel}
    if not isinstance(verdict, Refus):
        return {**base, "fait": True, "code": None, "phrase": None}
    return {
        **base,
        "fait": False,
        "code": verdict.code,
        "phrase": verdict.phrase,
        "statut": verdict.status,
        "details": verdict.details,
    }


async def verrouiller(tx: AsyncConnection, contexte: Contexte, ids: Sequence[str]) -> dict[str, EtatEleve]:
    """Pupils of the lycée within the caller's scope, locked; and those merged with one of them."""
    valeurs = {"session": contexte.session, "uai": contexte.uai, **portee(contexte.perimetre)}
    rows = (await tx.execute(_VERROUILLER, {**valeurs, "ids": list(ids)})).all()
    lus = {row.eleve_id: decoder(row.etat) for row in rows}
    fusionnes = {i: etat.fusionne for i, etat in lus.items() if etat.fusionne}
    siens: set[str] = set()
    if fusionnes:
        requete = {**valeurs, "ids": list(fusionnes.values())}
        requete.pop("classes")
        siens = set((await tx.execute(_SURVIVANTS, requete)).scalars())
    return {i: etat for i, etat in lus.items() if etat.scolarite is not None or fusionnes.get(i) in siens}


def version_de(if_match: str | None) -> int | None:
    """The version of an ``If-Match`` header; one that is not ours matches nothing."""
    if if_match is None:
        return None
    lue = if_match.strip().removeprefix("W/").strip('"')
    return int(lue) if lue.isdecimal() else -1

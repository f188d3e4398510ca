"""Bulletins by période: sent by the lycée, typed by the pupil, or lacking and why.

The procedure takes those of terminale that exist when vœux are confirmed: two trimestres or the first
semestre, and those of the year before, which nothing obliges a lycée to send again
(parcoursup_reference §1.1, seed I.1).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from shared.domaine.etat import Bulletin, EtatEleve
from shared.events.modeles import OrigineBulletin

SEMESTRES, TRIMESTRES = 2, 3
_LETTRES: Mapping[int, str] = {SEMESTRES: "S", TRIMESTRES: "T"}
_ATTENDUS: Mapping[int, tuple[str, ...]] = {SEMESTRES: ("S1",), TRIMESTRES: ("T1", "T2")}


class EtatBulletin(StrEnum):
    """VIDE: the lycée sent it without a single mark."""

    REMONTE = "REMONTE"
    VIDE = "VIDE"
    SAISI = "SAISI"
    MANQUANT = "MANQUANT"


class Periode(NamedTuple):
    """One période. ``code``: T1, T2, T3, S1, S2; ``annee``: end of the school year; ``bulletin``: if received."""

    annee: int
    code: str
    etat: EtatBulletin
    bulletin: Bulletin | None = None


class BilanBulletins(Struct, frozen=True, gc=False, kw_only=True):
    """Codes of the périodes of terminale: sent with marks, typed by the pupil, expected and lacking."""

    remontes: tuple[str, ...] = ()
    saisis: tuple[str, ...] = ()
    manquants: tuple[str, ...] = ()


def code_periode(decoupage: int, periode: int) -> str:
    return f"{_LETTRES.get(decoupage, 'P')}{periode}"


def decoupage(etat: EtatEleve) -> int:
    """Of terminale: as the bulletins say, then as the pupil typed; trimestres when nothing tells."""
    dits = [un.decoupage for cle, un in etat.bulletins.items() if _annee(cle) == etat.session]
    if dits:
        return max(dits)
    saisis = etat.inscription.bulletins_saisis if etat.inscription else ()
    return SEMESTRES if saisis and all(code.startswith("S") for code in saisis) else TRIMESTRES


def bilan_bulletins(etat: EtatEleve) -> BilanBulletins:
    """What lists say of the bulletins of terminale."""
    attendus = _ATTENDUS[decoupage(etat)] if etat.present else ()
    saisis = etat.inscription.bulletins_saisis if etat.inscription else ()
    if not etat.bulletins and not saisis:
        return BilanBulletins(manquants=attendus) if attendus else _RIEN
    siens = {c: un for c, un in _terminale(etat).items() if un.notees}
    remontes = tuple(sorted(c for c, un in siens.items() if un.origine is OrigineBulletin.REMONTE))
    tapes = {c for c, un in siens.items() if un.origine is OrigineBulletin.SAISI} | set(saisis)
    return BilanBulletins(
        remontes=remontes,
        saisis=tuple(sorted(tapes - set(remontes))),
        manquants=tuple(c for c in attendus if c not in remontes and c not in tapes),
    )


_RIEN = BilanBulletins()


def periodes(etat: EtatEleve) -> list[Periode]:
    """Every période received, typed or expected: the year before first, then terminale."""
    bilan = bilan_bulletins(etat)
    anciennes = [
        Periode(_annee(cle), code_periode(un.decoupage, _rang(cle)), _etat(un), un)
        for cle, un in etat.bulletins.items()
        if _annee(cle) != etat.session
    ]
    recues = {
        code: Periode(etat.session, code, EtatBulletin.SAISI if code in bilan.saisis else _etat(un), un)
        for code, un in _terminale(etat).items()
    }
    saisies = {code: Periode(etat.session, code, EtatBulletin.SAISI) for code in bilan.saisis}
    manquantes = {code: Periode(etat.session, code, EtatBulletin.MANQUANT) for code in bilan.manquants}
    siennes = {**manquantes, **saisies, **recues}
    return sorted([*anciennes, *siennes.values()], key=lambda p: (p.annee, p.code))


def _terminale(etat: EtatEleve) -> dict[str, Bulletin]:
    return {
        code_periode(un.decoupage, _rang(cle)): un
        for cle, un in etat.bulletins.items()
        if _annee(cle) == etat.session
    }


def _etat(bulletin: Bulletin) -> EtatBulletin:
    if not bulletin.notees:
        return EtatBulletin.VIDE
    return EtatBulletin.SAISI if bulletin.origine is OrigineBulletin.SAISI else EtatBulletin.REMONTE


def _annee(cle: str) -> int:
    return int(cle.partition("-")[0])


def _rang(cle: str) -> int:
    return int(cle.partition("-")[2])

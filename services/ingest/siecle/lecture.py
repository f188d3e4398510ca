"""A lycée's pupils out of whatever format they came in: BEE_ELEVES, Excel, Fregata, SYGNE."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from services.ingest.contexte import Analyse
from services.ingest.identity import Nature, Nom
from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.readers.eleves_tableau import lire_classeur, lire_fregata
from services.ingest.readers.genre import Genre, reconnaitre
from services.ingest.readers.siecle import Lecture, lire
from services.ingest.readers.sygne import lire_sygne
from services.ingest.readers.xml import Controle, Flux
from services.ingest.refus import FichierRefuse
from services.ingest.settings import IngestSettings
from services.ingest.siecle.domain import mef_a_garder
from services.ingest.siecle.entete import PARIS, Entete, lire_entete

FORMATS = frozenset({Genre.ELEVES, Genre.CLASSEUR, Genre.FREGATA, Genre.SYGNE})


class ElevesLus(NamedTuple):
    """A deposit read: its pupils and its header."""

    analyse: Analyse
    lecture: Lecture
    entete: Entete


def lire_eleves(analyse: Analyse) -> ElevesLus:
    """Read the deposit: terminales, and those who must be told.

    Raises:
        FichierRefuse: no such file, or nothing of it may be taken.
    """
    lecture = _lire(analyse)
    return ElevesLus(analyse, lecture, lire_entete(lecture.parametres, analyse.session, analyse.recu.uai))


def lire_plusieurs(analyses: Sequence[Analyse], eleves_max: int) -> list[ElevesLus]:
    """Those that can be read, one of each lycée; no more of them once there are ``eleves_max`` pupils."""
    tous: dict[str, ElevesLus] = {}
    eleves = 0
    for analyse in analyses:
        with suppress(FichierRefuse):
            lus = lire_eleves(analyse)
            if lus.entete.uai not in tous:
                tous[lus.entete.uai] = lus
                eleves += len(lus.lecture.eleves)
        if eleves >= eleves_max:
            break
    return list(tous.values())


def limites(reglages: IngestSettings) -> Limites:
    return Limites(reglages.siecle_xml_max_bytes, reglages.zip_max_ratio, reglages.zip_max_entries)


def _lire(analyse: Analyse) -> Lecture:
    def controler(parametres: Mapping[str, str]) -> None:
        lire_entete(parametres, analyse.session, analyse.recu.uai)

    with ouvrir(analyse.depot, limites(analyse.settings)) as flux:
        return lire_format(flux, controler, _parametres(analyse), limites(analyse.settings))


def lire_format(
    flux: Flux,
    controler: Controle,
    parametres: dict[str, str],
    mesure: Limites,
) -> Lecture:
    """``parametres``: what a file without PARAMETRES does not say of itself."""
    genre, relu = reconnaitre(flux)
    if genre is Genre.ELEVES:
        return lire(relu, controler, mef_a_garder)
    if genre is Genre.CLASSEUR:
        return lire_classeur(relu, parametres, mesure, mef_a_garder)
    if genre is Genre.FREGATA:
        return lire_fregata(relu, parametres, mef_a_garder)
    if genre is Genre.SYGNE:
        return lire_sygne(relu, parametres, mef_a_garder)
    raise FichierRefuse("RACINE", "Ce fichier ne contient pas les élèves du lycée : vérifiez le fichier.")


def _parametres(analyse: Analyse) -> dict[str, str]:
    """Of a file that does not say its lycée and instant: those of its deposit."""
    depose: datetime = analyse.recu.depose_le
    return {
        "UAJ": analyse.recu.uai or "",
        "ANNEE_SCOLAIRE": str(analyse.session - 1),
        "HORODATAGE": f"{depose.astimezone(PARIS):%d/%m/%Y %H:%M:%S}",
    }


def noms(eleve_id_siecle: str, ine: str | None, uai: str) -> list[Nom]:
    """Names under which a pupil of a file is known; a table gives no ELEVE_ID."""
    trouves = [Nom(Nature.SIECLE, f"{uai}/{eleve_id_siecle}")] if eleve_id_siecle else []
    return [*trouves, Nom(Nature.INE, ine)] if ine else trouves

"""One lycée of the nation, from its pupils to its facts: a pure function of (graine, session, rank)."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from random import Random

from services.simulateur.calendrier import Calendrier
from services.simulateur.eleves import Eleve
from services.simulateur.identifiants import PLACES_PAR_LYCEE, ine_d_autre, numero_de_dossier
from services.simulateur.nation.admission import Admissions, Issue
from services.simulateur.nation.candidats import Candidat, Candidatures
from services.simulateur.nation.comptage import Comptage
from services.simulateur.nation.etablissement import EtablissementNational
from services.simulateur.nation.plume import Plume
from services.simulateur.nation.population import autres_candidats
from services.simulateur.nation.reference import serie, valeur
from services.simulateur.nation.tables import lycees
from services.simulateur.noms import NOMS, PRENOMS_F, PRENOMS_M

_PREMIER_AUTRE = 50_000_000
_AUTRES_DE_LA_SESSION = 4_000_000


@dataclass(frozen=True, slots=True)
class Monde:
    """What all lycées have in common."""

    graine: int
    session: int
    admission: bool = True

    @property
    def calendrier(self) -> Calendrier:
        return _calendrier(self.session)

    @property
    def export(self) -> datetime:
        """Horodatage of the SIECLE files, before the opening of the platform."""
        return datetime(self.session, 1, 12, 8, 0, 0)  # noqa: DTZ001 - SIECLE writes wall clock

    def eleves(self, rang: int) -> list[Eleve]:
        return EtablissementNational(self.graine, self.session, lycees()[rang], rang).eleves()

    def alea(self, rang: int, quoi: str) -> Random:
        return Random(f"{self.graine}/{self.session}/{lycees()[rang].uai}/nation/{quoi}")


@lru_cache(maxsize=4)
def _calendrier(session: int) -> Calendrier:
    return Calendrier(session)


@lru_cache(maxsize=1)
def _cumul_des_terminales() -> list[int]:
    cumul = [0]
    for lycee in lycees():
        cumul.append(cumul[-1] + lycee.terminales)
    return cumul


def autres_du_lycee(rang: int) -> int:
    """Candidates of other profiles are shared out among the lycées, by their size."""
    cumul, ratio = _cumul_des_terminales(), autres_candidats() / valeur("terminales")
    return int(cumul[rang + 1] * ratio) - int(cumul[rang] * ratio)


def ecrire_faits(
    monde: Monde, rang: int, eleves: list[Eleve], plume: Plume | None, comptage: Comptage
) -> None:
    """All candidatures of the lycée, then those of the others; counted, and written unless there is no plume."""
    lycee = lycees()[rang]
    candidatures = Candidatures(monde.calendrier, monde.alea(rang, "candidatures"), lycee.academie)
    admissions = Admissions(monde.calendrier, monde.alea(rang, "admission")) if monde.admission else None
    for eleve in eleves:
        candidat = candidatures.de_l_eleve(eleve)
        if candidat is not None:
            candidat.identite = _identite(eleve)
            _finir(candidat, admissions, plume, comptage, "TERMINALE")
    alea = monde.alea(rang, "autres")
    ailleurs = Candidatures(monde.calendrier, alea, lycee.academie)
    for place in range(autres_du_lycee(rang)):
        indice = rang * PLACES_PAR_LYCEE + place
        candidat = ailleurs.d_un_autre(numero_de_dossier(monde.session, _PREMIER_AUTRE + indice))
        candidat.identite = _autre_identite(alea, monde.session, indice)
        _finir(candidat, admissions, plume, comptage, str(candidat.identite["profil"]))


def _finir(
    candidat: Candidat, admissions: Admissions | None, plume: Plume | None, comptage: Comptage, profil: str
) -> None:
    issue: Issue | None = admissions.tirer(candidat) if admissions else None
    comptage.candidat(candidat, issue, profil)
    if plume is not None:
        plume.candidat(candidat, issue)


def _identite(eleve: Eleve) -> dict[str, str | None]:
    return {
        "ine": eleve.ine,
        "nom": eleve.nom,
        "prenom": eleve.prenom,
        "naissance": eleve.naissance.isoformat(),
        "uai": eleve.uai,
        "profil": "TERMINALE",
    }


def _autre_identite(alea: Random, session: int, indice: int) -> dict[str, str | None]:
    profils = serie("profil")
    profil = alea.choices(list(profils), list(profils.values()))[0]
    ne = date(session - 19 - int(alea.random() * 6), 1 + int(alea.random() * 12), 1 + int(alea.random() * 28))
    numero = (session % 2) * _AUTRES_DE_LA_SESSION + indice
    return {
        "ine": None if profil == "ETRANGER" else ine_d_autre(numero),
        "nom": alea.choice(NOMS),
        "prenom": alea.choice(PRENOMS_F if alea.random() < 0.55 else PRENOMS_M),  # noqa: PLR2004
        "naissance": ne.isoformat(),
        "uai": None,
        "profil": profil,
    }

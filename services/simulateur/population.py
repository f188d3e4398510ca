"""A synthetic session: its pupils, its files, its facts and the figures they must give.

Everything is a function of (graine, session, lycées): the same arguments give the same bytes.
Lycées are drawn one after the other, so that memory is that of one lycée.
"""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import count, islice
from pathlib import Path
from random import Random

import orjson

from services.simulateur import bulletins
from services.simulateur.admission import Admissions, Issue
from services.simulateur.calendrier import Calendrier
from services.simulateur.candidatures import Candidature, Scolaires
from services.simulateur.eleves import Eleve
from services.simulateur.etablissement import Etablissement, premier_indice
from services.simulateur.faits import Date, Desordre, Ecrivain, Fait, Stade, ordonner
from services.simulateur.siecle import ENCODAGE, Export, ecrire_zip
from services.simulateur.structures import ecrire_fichiers
from services.simulateur.verite import Verite, verite_du_lycee
from shared.nomenclatures.lycees import Lycee, lycees

LYCEE_A = "0921166T"
LYCEE_B = "0781951X"
LYCEE_C = "0690085T"
LYCEES_DE_DEMONSTRATION = (LYCEE_A, LYCEE_B, LYCEE_C)
_UN_SUR = 40
"""One pupil in so many is not in the notes file, one in so many lacks its last period."""
_PREMIER_TRIMESTRE = 2
"""Until that month only the marks of one trimestre are known."""


class Population:
    """``lycees``: UAI of the table (all of them by default). ``echelle`` multiplies their classes.

    ``cas_limites`` adds odd terminales to each file: no INE, only groups, a planned leaving, an
    unknown MEF. ``autres_profils``: share of the dossiers that belong to no terminale. ``decalage``: days by which every
    date that is written is moved, as if the session were held earlier or later.
    """

    def __init__(
        self,
        graine: int = 1,
        lycees: Sequence[str] | None = None,
        session: int = 2026,
        *,
        echelle: float = 1.0,
        cas_limites: bool = False,
        autres_profils: float = 0.1,
        decalage: int = 0,
    ) -> None:
        self.graine = graine
        self.session = session
        self.echelle = echelle
        self.cas_limites = cas_limites
        self.autres_profils = autres_profils
        self.decalage = decalage
        self.calendrier = Calendrier(session, decalage)
        self.lycees: tuple[Lycee, ...] = tuple(_lycee(uai) for uai in (lycees or _tous()))
        self._ecrivain = Ecrivain(self.calendrier)

    @property
    def export_initial(self) -> datetime:
        """Default horodatage of the SIECLE files: before the opening of the platform."""
        return datetime(self.session, 1, 12, 8, 0, 0)  # noqa: DTZ001 - SIECLE writes wall clock

    def eleves(self, uai: str, tour: int = 0) -> list[Eleve]:
        """All records of the base élèves; ``tour`` > 0 gives other pupils to the same lycée."""
        lycee = _lycee(uai)
        tirage = Etablissement(
            self.graine, self.session, lycee, tour, echelle=self.echelle, cas_limites=self.cas_limites
        )
        return tirage.eleves()

    def candidatures(self, uai: str, tour: int = 0) -> list[Candidature]:
        """Of the terminales that open a dossier, in the order of :meth:`eleves`."""
        return self._candidatures(uai, tour, self.eleves(uai, tour))

    def _candidatures(self, uai: str, tour: int, eleves: Sequence[Eleve]) -> list[Candidature]:
        tirage = Scolaires(self.graine, self.calendrier, uai, tour)
        return [c for eleve in eleves if (c := tirage.tirer(eleve)) is not None]

    def _issues(self, uai: str, tour: int, candidatures: Sequence[Candidature]) -> list[Issue]:
        tirage = Admissions(self.graine, self.calendrier, uai, tour)
        return [tirage.tirer(candidature, _lycee(uai).academie) for candidature in candidatures]

    def faits(
        self,
        stade: Stade = Stade.AVANT,
        *,
        desordre: Desordre | None = None,
        jusqu_au: date | datetime | None = None,
        n_eleves: int | None = None,
        n_faits: int | None = None,
    ) -> Iterator[Fait]:
        """Facts as dictionaries, lycée after lycée, by time within each.

        With ``n_eleves`` or ``n_faits`` the lycées are gone round again, with other pupils, until
        so many dossiers of terminale or facts are drawn; without them each lycée is drawn once.
        """
        tous = self._faits(stade, desordre or Desordre(), jusqu_au, n_eleves, sans_fin=n_faits is not None)
        return islice(tous, n_faits)

    def _faits(
        self,
        stade: Stade,
        desordre: Desordre,
        jusqu_au: date | datetime | None,
        n_eleves: int | None,
        *,
        sans_fin: bool,
    ) -> Iterator[Fait]:
        limite = None if jusqu_au is None else self.calendrier.de_date(jusqu_au)
        reste = n_eleves
        for tour in count() if sans_fin or n_eleves is not None else (0,):
            for lycee in self.lycees:
                dates, dossiers = self._dates(lycee.uai, tour, stade, reste)
                alea = Random(f"{self.graine}/{self.session}/{lycee.uai}/{tour}/ordre")
                retenues = [d for d in dates if limite is None or d[0] <= limite]
                yield from ordonner(retenues, desordre, alea)
                if reste is not None:
                    reste -= dossiers
                    if reste <= 0:
                        return

    def _dates(self, uai: str, tour: int, stade: Stade, reste: int | None) -> tuple[list[Date], int]:
        candidatures = self.candidatures(uai, tour)[:reste]
        issues: list[Issue] | list[None] = [None] * len(candidatures)
        if stade is Stade.APRES:
            issues = self._issues(uai, tour, candidatures)
        dates = [
            dat
            for candidature, issue in zip(candidatures, issues, strict=True)
            for dat in self._ecrivain.candidature(candidature, issue)
        ]
        dates.extend(self._autres(uai, tour, len(candidatures)))
        return dates, len(candidatures)

    def _autres(self, uai: str, tour: int, dossiers: int) -> Iterator[Date]:
        alea = Random(f"{self.graine}/{self.session}/{uai}/{tour}/autres")
        base = premier_indice(uai, tour)
        for rang in range(round(dossiers * self.autres_profils / (1 - self.autres_profils))):
            yield from self._ecrivain.autre_profil(alea, base + rang)

    def lignes(
        self,
        stade: Stade = Stade.AVANT,
        *,
        desordre: Desordre | None = None,
        jusqu_au: date | datetime | None = None,
        n_eleves: int | None = None,
        n_faits: int | None = None,
    ) -> Iterator[bytes]:
        """The same facts as lines of NDJSON, each with its end of line."""
        faits = self.faits(stade, desordre=desordre, jusqu_au=jusqu_au, n_eleves=n_eleves, n_faits=n_faits)
        for fait in faits:
            yield orjson.dumps(fait, option=orjson.OPT_APPEND_NEWLINE)

    def ecrire_faits(
        self,
        dossier: Path,
        stade: Stade = Stade.AVANT,
        *,
        desordre: Desordre | None = None,
        jusqu_au: date | datetime | None = None,
        n_eleves: int | None = None,
        n_faits: int | None = None,
    ) -> Path:
        """``dossier/faits-<session>.ndjson.gz``."""
        dossier.mkdir(parents=True, exist_ok=True)
        chemin = dossier / f"faits-{self.session}.ndjson.gz"
        lignes = self.lignes(stade, desordre=desordre, jusqu_au=jusqu_au, n_eleves=n_eleves, n_faits=n_faits)
        with chemin.open("wb") as brut, gzip.GzipFile("", "wb", 6, brut, mtime=0) as sortie:
            for ligne in lignes:
                sortie.write(ligne)
        return chemin

    def ecrire_siecle(
        self,
        uai: str,
        dossier: Path,
        *,
        version: str = "2.1",
        encodage: str = ENCODAGE,
        horodatage: datetime | None = None,
        avec_adresses: bool = False,
        racine: Mapping[str, str] | None = None,
    ) -> Path:
        """``dossier/ExportXML_Eleves….zip``; a later ``horodatage`` shows later comings and goings."""
        quand = horodatage or self.export_initial
        export = Export(_lycee(uai), self.session, quand, version, encodage, avec_adresses, racine or {})
        export = replace(export, decalage=self.decalage)
        return ecrire_zip(export, self.eleves(uai), dossier)

    def ecrire_autour(self, uai: str, dossier: Path, *, notes_au: date) -> list[tuple[str, Path]]:
        """Nature and path of what a lycée sends besides its pupils: three files of SIECLE, and its marks until then."""
        eleves = self.eleves(uai)
        export = Export(_lycee(uai), self.session, self.export_initial, decalage=self.decalage)
        notes = bulletins.ExportNotes(
            graine=self.graine,
            lycee=_lycee(uai),
            session=self.session,
            creation=notes_au,
            periodes=2 if notes_au.month > _PREMIER_TRIMESTRE else 1,
            decalage=self.decalage,
            lacunes=_UN_SUR,
        )
        notes_de = [eleve for eleve in eleves if eleve.elenoet % _UN_SUR != 1]
        autour = [("siecle", chemin) for chemin in ecrire_fichiers(export, eleves, dossier)]
        return [*autour, ("bulletins", bulletins.ecrire(notes, notes_de, dossier, compresse=True))]

    def verite(
        self,
        uai: str,
        stade: Stade = Stade.AVANT,
        *,
        jusqu_au: date | datetime | None = None,
        export: date | None = None,
        tour: int = 0,
    ) -> Verite:
        """Expected figures, given the SIECLE file of the day ``export`` and the facts until ``jusqu_au``."""
        eleves = self.eleves(uai, tour)
        candidatures = self._candidatures(uai, tour, eleves)
        if stade is Stade.APRES:
            self._issues(uai, tour, candidatures)
        instant = self.calendrier.instant(12, 31) if jusqu_au is None else self.calendrier.de_date(jusqu_au)
        return verite_du_lycee(uai, eleves, candidatures, export or self.export_initial.date(), instant)


def _tous() -> tuple[str, ...]:
    """The three of the demonstration first, then the others."""
    autres = (uai for uai in lycees() if uai not in LYCEES_DE_DEMONSTRATION)
    return (*LYCEES_DE_DEMONSTRATION, *autres)


def _lycee(uai: str) -> Lycee:
    trouve = lycees().get(uai)
    if trouve is None:
        raise ValueError(f"{uai} is not in the table of lycées")
    return trouve


def premiers_lycees(nombre: int) -> tuple[str, ...]:
    """UAI of the first ones, those of the demonstration leading."""
    return _tous()[:nombre]

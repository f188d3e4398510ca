"""What others say of a lycée, field by field: SIECLE, the annuaire, the notes file, the pupils themselves. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from services.eleves.etablissement.champs import Cadre, Objet
from services.eleves.etablissement.domain import Cle, Locale, effectifs
from shared.domaine.calendrier import Calendrier
from shared.events import rapide as r
from shared.nomenclatures import Serie, est_terminale, lycee, serie_du_mef

SIECLE, ANNUAIRE, NOTES, ELEVES = "SIECLE", "annuaire", "logiciel de notes", "élèves de la classe"
PERIODES_CONNUES = (2, 3)


@dataclass(frozen=True, slots=True)
class ClasseVue:
    """A classe as its pupils make it. ``series``: theirs, each once."""

    effectif: int
    series: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fiche:
    """What was typed of one fiche; version 0 when nothing ever was."""

    version: int = 0
    locales: Mapping[str, Locale] = field(default_factory=dict)


AUCUNE = Fiche()


@dataclass(frozen=True, slots=True)
class Dit:
    """What is said from outside of one field, and by whom."""

    valeur: str
    origine: str


@dataclass(frozen=True, kw_only=True)
class Lycee:
    """All that is known of a lycée's settings; what is derived of it is computed once."""

    session: int
    uai: str
    calendrier: Calendrier
    reference: r.Lycee | None = None
    communs: r.LyceeDecrit | None = None
    structures: r.Structures | None = None
    enseignants: Sequence[r.Enseignant] = ()
    classes: Mapping[str, ClasseVue] = field(default_factory=dict)
    fiches: Mapping[Cle, Fiche] = field(default_factory=dict)

    def fiche(self, cle: Cle) -> Fiche:
        return self.fiches.get(cle, AUCUNE)

    def dits(self, cle: Cle) -> dict[str, Dit]:
        """Fields of the fiche that somebody else fills."""
        match cle.objet:
            case Objet.COORDONNEES:
                return self._coordonnees()
            case Objet.CLASSE:
                return self._classe(cle.classe)
            case Objet.ENSEIGNEMENT:
                return self._enseignement(cle.classe, cle.detail)
        return {}

    def valeurs(self, cle: Cle) -> dict[str, str]:
        """The values in force."""
        siecle = {champ: dit.valeur for champ, dit in self.dits(cle).items()}
        return effectifs(siecle, self.fiche(cle).locales)

    @cached_property
    def cadre(self) -> Cadre:
        periodes = self.valeurs(Cle(Objet.COORDONNEES)).get("periodes", "3")
        return Cadre(self.session, frozenset(self.divisions) | self.classes.keys(), int(periodes))

    @cached_property
    def divisions(self) -> dict[str, r.Division]:
        """Those of terminale; a division that says no MEF counts when pupils are in it."""
        connues = self.structures.divisions if self.structures else ()
        return {d.code: d for d in connues if any(est_terminale(mef) for mef in d.mefs)}

    @cached_property
    def enseignements(self) -> dict[Cle, tuple[str, tuple[str, ...]]]:
        """By classe and matière: its name, and the teachers of the notes file in their order."""
        trouves: dict[Cle, tuple[str, dict[str, None]]] = {}
        for enseignant in self.enseignants:
            for service in enseignant.services:
                for classe in service.classes:
                    cle = Cle(Objet.ENSEIGNEMENT, classe, service.matiere)
                    nom, qui = trouves.setdefault(cle, (service.libelle or service.matiere, {}))
                    qui[nom_complet(enseignant.nom, enseignant.prenom)] = None
                    trouves[cle] = (nom, qui)
        return {cle: (nom, tuple(qui)) for cle, (nom, qui) in trouves.items()}

    def _coordonnees(self) -> dict[str, Dit]:
        dits: dict[str, Dit] = {}
        connu = lycee(self.uai)
        if connu:
            dits |= _dits(ANNUAIRE, nom=connu.nom, commune=connu.commune)
        if self.reference:
            dits |= _dits(ANNUAIRE, nom=self.reference.nom, commune=self.reference.commune)
        if self.communs:
            champs = ("nom", "adresse", "code_postal", "commune", "telephone", "courriel")
            dits |= _dits(SIECLE, **{champ: getattr(self.communs, champ) for champ in champs})
            if len(self.communs.periodes) in PERIODES_CONNUES:
                dits |= _dits(SIECLE, periodes=str(len(self.communs.periodes)))
        return dits

    def _classe(self, classe: str) -> dict[str, Dit]:
        vue, division = self.classes.get(classe), self.divisions.get(classe)
        dits: dict[str, Dit] = {}
        if vue and len(vue.series) == 1:
            dits |= _dits(ELEVES, serie=vue.series[0])
        if division:
            series = {serie for mef in division.mefs if (serie := serie_du_mef(mef)) is not None}
            seule: Serie | None = next(iter(series)) if len(series) == 1 else None
            dits |= _dits(SIECLE, libelle=division.libelle, serie=seule and seule.value)
        return dits

    def _enseignement(self, classe: str, matiere: str) -> dict[str, Dit]:
        connu = self.enseignements.get(Cle(Objet.ENSEIGNEMENT, classe, matiere))
        return _dits(NOTES, libelle=connu[0], enseignants=" ; ".join(connu[1])) if connu else {}


def nom_complet(nom: str, prenom: str | None) -> str:
    return f"{prenom} {nom}" if prenom else nom


def _dits(origine: str, **valeurs: str | None) -> dict[str, Dit]:
    return {champ: Dit(valeur, origine) for champ, valeur in valeurs.items() if valeur}

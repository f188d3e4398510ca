"""Synthetic pupils of one lycée: options, régime, bourse, comings and goings."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

from services.simulateur.classes import Classe, classes
from services.simulateur.eleves import Eleve
from services.simulateur.identifiants import PLACES_PAR_LYCEE, ine_d_eleve
from services.simulateur.noms import NOMS, PRENOMS_F, PRENOMS_M
from shared.nomenclatures.calibration import repartition, taux
from shared.nomenclatures.lycees import Lycee, lycees
from shared.nomenclatures.matieres import specialites
from shared.nomenclatures.series import Serie

MOUVEMENTS_A_PARTIR_DE = 12
LVA, LVB = ("030201", "030601"), ("030602", "030102", "030902")
COMMUNES_DE_NAISSANCE = {
    "001": "01053",
    "042": "42218",
    "044": "44109",
    "049": "49007",
    "053": "53130",
    "059": "59350",
    "062": "62041",
    "069": "69383",
    "072": "72181",
    "075": "75113",
    "078": "78646",
    "085": "85191",
    "091": "91228",
    "092": "92050",
    "095": "95500",
}
NAISSANCES_A_L_ETRANGER = (
    ("350", "CASABLANCA"),
    ("352", "ALGER"),
    ("351", "TUNIS"),
    ("139", "PORTO"),
    ("134", "SÉVILLE"),
    ("132", "LONDRES"),
)


@lru_cache(maxsize=1)
def _rangs() -> dict[str, int]:
    return {uai: rang for rang, uai in enumerate(sorted(lycees()))}


def premier_indice(uai: str, tour: int) -> int:
    """Each lycée has a thousand places per round, over the whole table and not only those drawn."""
    return (tour * len(_rangs()) + _rangs()[uai]) * PLACES_PAR_LYCEE


def _prefecture(departement: str) -> str:
    """A commune of that département, on five characters: ``02A`` gives 2A001, ``971`` gives 97101."""
    return f"{departement[1:]}001" if departement.startswith("0") else f"{departement}01"


class _Doublettes:
    """Pairs of spécialités, drawn as the terminales générales of 2022 chose them."""

    def __init__(self) -> None:
        parts = repartition("doublette", "G")
        table = specialites()
        self.paires = [tuple(table[cle].code_matiere for cle in paire.split("+")) for paire in parts]
        self.cumuls = list(accumulate(parts.values()))

    def tirer(self, alea: Random) -> tuple[str, ...]:
        return alea.choices(self.paires, cum_weights=self.cumuls)[0]


class Etablissement:
    """Draws the pupils of one lycée, in the order of their classes. One instance, one draw."""

    def __init__(
        self,
        graine: int,
        session: int,
        lycee: Lycee,
        tour: int,
        *,
        echelle: float,
        cas_limites: bool,
        base: int | None = None,
    ) -> None:
        self.lycee = lycee
        self.session = session
        self.echelle = echelle
        self.cas_limites = cas_limites
        self.alea = Random(f"{graine}/{session}/{lycee.uai}/{tour}/eleves")
        self.base = premier_indice(lycee.uai, tour) if base is None else base
        self.decalage = graine % PLACES_PAR_LYCEE
        self.places = 0
        self.doublettes = _Doublettes()
        self.rentree = date(session - 1, 9, 1)

    def eleves(self) -> list[Eleve]:
        tous = [self._eleve(classe) for classe in self._classes() for _ in range(classe.taille)]
        self._mouvements(tous)
        self._groupes_seuls(tous)
        if self.cas_limites:
            self._cas_limites([eleve for eleve in tous if eleve.serie and not eleve.date_sortie])
        return tous

    def _classes(self) -> Iterable[Classe]:
        return classes(self.lycee, self.alea, self.echelle)

    def _indice(self) -> int:
        if self.places == PLACES_PAR_LYCEE:
            raise ValueError(f"{self.lycee.uai}: more than {PLACES_PAR_LYCEE} pupils; lower the scale")
        place = (self.places * 617 + self.decalage) % PLACES_PAR_LYCEE
        self.places += 1
        return self.base + place

    def _eleve(self, classe: Classe) -> Eleve:
        alea = self.alea
        voie = classe.serie.voie if classe.serie else "G"
        indice = self._indice()
        fille = alea.random() < taux("filles", voie)
        prenoms = PRENOMS_F if fille else PRENOMS_M
        boursier = alea.random() < self._part_de_boursiers(voie)
        connu = boursier and alea.random() < 0.85  # noqa: PLR2004 - the rest has to say so himself
        commune, pays, ville = self._naissance_ou()
        return Eleve(
            indice=indice,
            uai=self.lycee.uai,
            eleve_id=1_000_000 + indice,
            elenoet=1_000 + self.places,
            ine=ine_d_eleve(indice),
            nom=self._nom(),
            prenom=alea.choice(prenoms),
            prenom2=alea.choice(prenoms) if alea.random() < 0.4 else None,  # noqa: PLR2004 - an ordinary share
            naissance=self._naissance(classe, voie),
            sexe="2" if fille else "1",
            commune_naissance=commune,
            pays_naissance=pays,
            ville_naissance=ville,
            mef=classe.mef,
            serie=classe.serie,
            division=classe.division,
            groupes=(f"{classe.division[:5]}GR{alea.randint(1, 2)}",) if alea.random() < 0.7 else (),  # noqa: PLR2004
            options=self._options(classe),
            regime=alea.choices(("0", "2", "3"), (34, 58, 8))[0],
            statut="AP" if voie == "P" and alea.random() < 0.03 else "ST",  # noqa: PLR2004 - a few apprentices
            doublement=alea.random() < 0.03,  # noqa: PLR2004 - a few repeat the year
            boursier=boursier,
            code_bourse="1" if connu else None,
            signale=(boursier and not connu) or alea.random() < 0.02,  # noqa: PLR2004 - a few are mistaken
            cordees=alea.random() < taux("cordees", voie),
            date_entree=self.rentree,
        )

    def _nom(self) -> str:
        nom = self.alea.choice(NOMS)
        return f"{nom}-{self.alea.choice(NOMS)}" if self.alea.random() < 0.04 else nom  # noqa: PLR2004

    def _part_de_boursiers(self, voie: str) -> float:
        return min(0.8, max(0.03, taux("boursier", voie) + (103.5 - self.lycee.ips) * 0.006))

    def _naissance(self, classe: Classe, voie: str) -> date:
        ages = {"20110019110": 17, "20010018110": 16, "24730004320": 17}
        ecarts = (0, 1, 2, -1) if voie != "G" else (0, 1, -1)
        poids = (70, 24, 4, 2) if voie != "G" else (88, 9, 3)
        annee = self.session - ages.get(classe.mef, 18) - self.alea.choices(ecarts, poids)[0]
        return date(annee, 1, 1) + timedelta(days=self.alea.randrange(365))

    def _naissance_ou(self) -> tuple[str | None, str, str | None]:
        if self.alea.random() < 0.07:  # noqa: PLR2004 - born abroad
            pays, ville = self.alea.choice(NAISSANCES_A_L_ETRANGER)
            return None, pays, ville
        ici = self.lycee.departement if self.alea.random() < 0.75 else None  # noqa: PLR2004 - near the lycée
        departement = ici or self.alea.choice(tuple(COMMUNES_DE_NAISSANCE))
        return COMMUNES_DE_NAISSANCE.get(departement) or _prefecture(departement), "100", None

    def _options(self, classe: Classe) -> tuple[tuple[str, str], ...]:
        langues = [("O", self.alea.choice(LVA)), ("O", self.alea.choice(LVB))]
        if classe.serie is not Serie.GENERALE:
            return tuple(langues)
        return (*langues, *(("O", code) for code in self.doublettes.tirer(self.alea)))

    def _mouvements(self, tous: list[Eleve]) -> None:
        """Leavers of the autumn, and a few comings and goings after the first export of January."""
        for eleve in self.alea.sample(tous, max(1, len(tous) // 80)):
            eleve.date_sortie = self.rentree + timedelta(days=self.alea.randint(20, 110))
            eleve.motif_sortie = self.alea.choice(("10", "12", "24", "41", "44"))
        restants = [eleve for eleve in tous if eleve.date_sortie is None and eleve.serie]
        hiver = date(self.session, 1, 26)
        if len(restants) < MOUVEMENTS_A_PARTIR_DE:
            return
        arrivee, depart = self.alea.sample(restants, 2)
        arrivee.date_entree = hiver + timedelta(days=self.alea.randint(0, 25))
        depart.date_sortie = hiver + timedelta(days=self.alea.randint(0, 25))
        depart.motif_sortie = "10"

    def _groupes_seuls(self, tous: list[Eleve]) -> None:
        """One pupil outside terminale without a division, one whose leaving is planned for later."""
        hors_terminale = [eleve for eleve in tous if eleve.serie is None and eleve.date_sortie is None]
        if len(hors_terminale) < 2:  # noqa: PLR2004 - one of each
            return
        seul, partant = hors_terminale[0], hors_terminale[-1]
        seul.division, seul.groupes = None, ("1GR1",)
        partant.date_sortie, partant.motif_sortie = date(self.session, 6, 30), "12"
        partant.sortie_prevue = True

    def _cas_limites(self, terminales: list[Eleve]) -> None:
        """The odd terminales that real files hold. Who has no INE cannot open a dossier."""
        sans_ine, sans_division, partant, inconnu = self.alea.sample(terminales, 4)
        sans_ine.ine = None
        sans_division.division, sans_division.groupes = None, ("TG-GR1",)
        partant.date_sortie, partant.motif_sortie = date(self.session, 6, 30), "12"
        partant.sortie_prevue = True
        inconnu.mef, inconnu.serie = "20299999990", None

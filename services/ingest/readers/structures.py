"""Readers of the files that describe a lycée: Structures, Nomenclature, EtablissementsEleves, Communs.

No fixture of some of them is public: a code is taken from an attribute or from a child, whatever
stands around it (siecle_reference §1.4 and §1.6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from services.ingest.readers.genre import RACINES, Genre
from services.ingest.readers.xml import Controle, Flux, LecteurXml, Preneur, champs_de, textes_de
from services.ingest.refus import FichierRefuse
from services.ingest.structures.brut import Entree, Liste, StructureBrute

ENTREES_MAX = 20_000
_NOMS = {
    Genre.STRUCTURES: "l’export des structures de SIECLE",
    Genre.NOMENCLATURE: "l’export de la nomenclature de SIECLE",
    Genre.ETABLISSEMENTS: "l’export des établissements des élèves de SIECLE",
    Genre.COMMUNS: "l’export des données communes de SIECLE",
}


@dataclass(slots=True)
class LectureStructures:
    parametres: dict[str, str]
    structures: list[StructureBrute] = field(default_factory=list)


@dataclass(slots=True)
class LectureTables:
    parametres: dict[str, str]
    entrees: list[Entree] = field(default_factory=list)


def lire_structures(flux: Flux, controler: Controle) -> LectureStructures:
    """Divisions and groupes.

    Raises:
        FichierRefuse: not this file, truncated, or refused by ``controler``.
    """
    lecteur = _LecteurDeStructures(controler)
    lecteur.lire(flux)
    return LectureStructures(lecteur.parametres or {}, lecteur.structures)


def lire_tables(flux: Flux, genre: Genre, controler: Controle) -> LectureTables:
    """Rows of NOMENCLATURE, ETABLISSEMENTS or COMMUNS. Same refusals."""
    lecteur = _LecteurDeTables(genre, controler)
    lecteur.lire(flux)
    return LectureTables(lecteur.parametres or {}, lecteur.entrees)


class _LecteurDeStructures(LecteurXml):
    def __init__(self, controler: Controle) -> None:
        super().__init__(RACINES[Genre.STRUCTURES], controler, _NOMS[Genre.STRUCTURES])
        self.structures: list[StructureBrute] = []

    def preneurs(self) -> dict[str, Preneur]:
        return {"DIVISION": self._prendre_division, "GROUPE": self._prendre_groupe}

    def _prendre_division(self, element: "etree._Element") -> None:
        if not _est_dans(element, "GROUPE"):
            self._prendre("D", element)

    def _prendre_groupe(self, element: "etree._Element") -> None:
        self._prendre("G", element)

    def _prendre(self, genre: str, element: "etree._Element") -> None:
        if len(self.structures) >= ENTREES_MAX:
            raise _trop_long()
        champs = champs_de(element)
        divisions = [*_codes(element, "CODE_DIVISION"), *_divisions(element)] if genre == "G" else []
        self.structures.append(
            StructureBrute(
                len(self.structures) + 1,
                genre,
                _code(element, champs, ("CODE_STRUCTURE", "CODE")),
                champs.get("LIBELLE_LONG", ""),
                champs.get("CODE_CONTRAT", ""),
                tuple(_codes(element, "CODE_MEF")),
                tuple(dict.fromkeys(divisions)),
            )
        )


@dataclass(frozen=True, slots=True)
class _Modele:
    liste: Liste
    codes: tuple[str, ...]
    libelles: tuple[str, ...]
    rattachement: str = ""
    detail: tuple[str, ...] = ()


COORDONNEES = (
    "LIGNE1_ADRESSE",
    "LIGNE2_ADRESSE",
    "LIGNE3_ADRESSE",
    "LIGNE4_ADRESSE",
    "CODE_POSTAL",
    "LIBELLE_POSTAL",
    "LL_COMMUNE_INSEE",
    "TELEPHONE",
    "MEL_1",
    "MEL",
)
"""Of the UAJ (siecle_reference §1.4)."""
_NATURE = ("CODE_NATURE", "CODE_SECTEUR", "CODE_ACADEMIE", "CODE_TYPE_ETAB", "SIGLE", "CODE_COMMUNE_INSEE")
_MODELES: Mapping[Genre, Mapping[str, _Modele]] = {
    Genre.NOMENCLATURE: {
        "MEF": _Modele(
            Liste.MEF,
            ("CODE_MEF",),
            ("LIBELLE_LONG", "LIBELLE_EDITION"),
            "MEF_RATTACHEMENT",
            ("CODE_MEFSTAT", "FORMATION", "DATE_FERMETURE"),
        ),
        "MATIERE": _Modele(
            Liste.MATIERE,
            ("CODE_MATIERE",),
            ("LIBELLE_EDITION", "LIBELLE_LONG", "LIBELLE_COURT"),
            "CODE_MATIERE_NATIONALE",
            ("CODE_GESTION",),
        ),
        "BOURSE": _Modele(
            Liste.BOURSE, ("CODE_BOURSE",), ("LIBELLE_LONG", "LIBELLE_COURT"), detail=("BOURSE_NATIONALE",)
        ),
        "REGIME": _Modele(Liste.REGIME, ("CODE_REGIME",), ("LIBELLE_LONG", "LIBELLE_COURT")),
    },
    Genre.ETABLISSEMENTS: {
        "ETABLISSEMENT": _Modele(
            Liste.ETABLISSEMENT, ("CODE_RNE", "RNE"), ("DENOM_COMPL", "DENOM_PRINC"), detail=_NATURE
        )
    },
    Genre.COMMUNS: {
        "PERIODE": _Modele(
            Liste.PERIODE,
            ("CODE_PERIODE",),
            ("LL_PERIODE",),
            detail=("DATE_DEBUT", "DATE_FIN", "INDICE", "CODE_TYPE_PERIODE"),
        ),
        "UAJ": _Modele(
            Liste.LYCEE,
            ("CODE", "CODE_RNE", "CODE_UAJ"),
            ("DENOM_COMPL", "DENOM_PRINC"),
            detail=("CODE_TYPE_ETAB", "SECTEUR_CODE", *COORDONNEES),
        ),
    },
}


class _LecteurDeTables(LecteurXml):
    def __init__(self, genre: Genre, controler: Controle) -> None:
        super().__init__(RACINES[genre], controler, _NOMS[genre])
        self.entrees: list[Entree] = []
        self._modeles = _MODELES[genre]

    def preneurs(self) -> dict[str, Preneur]:
        return dict.fromkeys(self._modeles, self._prendre)

    def _prendre(self, element: "etree._Element") -> None:
        modele = self._modeles[str(element.tag)]
        champs = champs_de(element)
        if len(self.entrees) >= ENTREES_MAX:
            raise _trop_long()
        code = _code(element, champs, modele.codes)
        if _est_dans(element, "PARAMETRES") or not (code or champs):
            return
        self.entrees.append(
            Entree(
                len(self.entrees) + 1,
                modele.liste,
                code,
                next((champs[nom] for nom in modele.libelles if champs.get(nom)), ""),
                champs.get(modele.rattachement, ""),
                {nom: champs[nom] for nom in modele.detail if champs.get(nom)},
            )
        )


def _code(element: "etree._Element", champs: Mapping[str, str], noms: tuple[str, ...]) -> str:
    trouves = (element.get(nom) or champs.get(nom) for nom in noms)
    return next((str(code).strip() for code in trouves if code), "")


def _codes(element: "etree._Element", nom: str) -> list[str]:
    """From descendants of that tag, and from attributes of that name on descendants."""
    portes = (enfant.get(nom) for enfant in element.iterdescendants())
    return list(dict.fromkeys([*textes_de(element, nom), *(str(code).strip() for code in portes if code)]))


def _divisions(groupe: "etree._Element") -> list[str]:
    trouvees = (
        _code(division, champs_de(division), ("CODE_STRUCTURE", "CODE"))
        for division in groupe.iter("DIVISION")
    )
    return [code for code in trouvees if code]


def _est_dans(element: "etree._Element", tag: str) -> bool:
    return next(element.iterancestors(tag), None) is not None


def _trop_long() -> FichierRefuse:
    return FichierRefuse("TROP_GROS", "Le fichier contient trop de lignes pour un lycée : refaites l’export.")

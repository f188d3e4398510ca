"""Pupils out of tables: SIECLE's Excel export ``ElevesComplete`` and the agricultural CSV of Fregata.

Titles: siecle_reference §1.8 and §6 (fixtures of public readers). Each line becomes an ``EleveBrut``
with the tags of BEE_ELEVES, so that one analysis judges all formats.
"""

import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from services.ingest.readers.archive import Limites, verifier_classeur
from services.ingest.readers.classeur import lignes_du_classeur
from services.ingest.readers.siecle import Lecture
from services.ingest.readers.tableau import OCTETS_MAX, Colonne, Tableau, lignes_csv
from services.ingest.readers.xml import Flux
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.brut import EleveBrut, Origine

_MATIERES = 12
_SEXES = {"M": "1", "F": "2", "MASCULIN": "1", "FEMININ": "2", "FÉMININ": "2", "H": "1"}
_ZIP = b"PK"
Garder = Callable[[str | None], bool]

COMPLETE = (
    Colonne("CODE_SEXE", "Sexe", obligatoire=True),
    Colonne("ELENOET", "Elève No Etab"),
    Colonne("NOM_DE_FAMILLE", "Nom de famille", obligatoire=True),
    Colonne("NOM_USAGE", "Nom d'usage"),
    Colonne("PRENOM", "Prénom", obligatoire=True),
    Colonne("PRENOM2", "Prénom 2"),
    Colonne("PRENOM3", "Prénom 3"),
    Colonne("DATE_NAISS", "Date Naissance", obligatoire=True),
    Colonne("ID_NATIONAL", "Id National", obligatoire=True),
    Colonne("DATE_ENTREE", "Date Entrée"),
    Colonne("DATE_SORTIE", "Date Sortie"),
    Colonne("CODE_REGIME", "Code Régime"),
    Colonne("CODE_MOTIF_SORTIE", "Motif Sortie"),
    Colonne("BOURSE1", "Code Bourse 1"),
    Colonne("BOURSE2", "Code Bourse 2"),
    Colonne("CODE_MEF", "Code MEF", obligatoire=True),
    Colonne("STRUCTURE", "Code Structure", obligatoire=True),
    Colonne("TYPE_STRUCTURE", "Type Structure"),
    *(Colonne(f"GESTION{n}", f"Clé Gestion Mat. Enseignée {n}") for n in range(1, _MATIERES + 1)),
)
FREGATA = (
    Colonne("ID_NATIONAL", "Identifiant unique", obligatoire=True),
    Colonne("PRENOM", "Premier prénom", obligatoire=True),
    Colonne("PRENOM2", "Deuxième prénom"),
    Colonne("PRENOM3", "Troisième prénom"),
    Colonne("NOM_DE_FAMILLE", "Nom de famille", obligatoire=True),
    Colonne("NOM_USAGE", "Nom d'usage"),
    Colonne("CODE_SEXE", "Code sexe", obligatoire=True, autres=("Sexe",)),
    Colonne("DATE_NAISS", "Date de naissance (jj/mm/aaaa)", obligatoire=True, autres=("Date de naissance",)),
    Colonne("CODE_STATUT", "Statut", obligatoire=True),
    Colonne("CODE_MEF", "Code MEF", obligatoire=True),
    Colonne("STRUCTURE", "Division", obligatoire=True),
)


def lire_classeur(flux: Flux, parametres: dict[str, str], limites: Limites, garder: Garder) -> Lecture:
    """``ElevesComplete``, .xls or .xlsx. ``parametres``: what the file does not say (UAJ, year, instant).

    Raises:
        FichierRefuse: damaged, too large, a column missing (named).
    """
    with tempfile.NamedTemporaryFile(suffix=".classeur") as copie:
        _copier(flux, copie)
        copie.seek(0)
        if copie.read(len(_ZIP)) == _ZIP:
            verifier_classeur(copie, Limites(OCTETS_MAX * 4, limites.ratio, limites.entrees))
        with closing(lignes_du_classeur(Path(copie.name))) as lignes:
            return _lecture(Tableau(lignes, COMPLETE), parametres, "SIECLE", garder)


def _copier(flux: Flux, copie: "tempfile._TemporaryFileWrapper[bytes]") -> None:
    octets = 0
    while morceau := flux.read(1 << 20):
        octets += len(morceau)
        if octets > OCTETS_MAX:
            raise FichierRefuse(
                "TROP_GROS",
                f"Le classeur dépasse {OCTETS_MAX >> 20} Mo : déposez plutôt l’export XML des élèves.",
            )
        copie.write(morceau)
    copie.flush()


def lire_fregata(flux: Flux, parametres: dict[str, str], garder: Garder) -> Lecture:
    """The CSV of Fregata; the INAA of agricultural lycées is taken where the INE is missing."""
    return _lecture(Tableau(lignes_csv(flux), FREGATA), parametres, "Fregata", garder)


def _lecture(tableau: Tableau, parametres: dict[str, str], logiciel: str, garder: Garder) -> Lecture:
    origine = Origine(logiciel, "Ligne", tableau.titres)
    lecture = Lecture(parametres, 0, [])
    for numero, champs in tableau:
        eleve = _eleve(numero, champs, origine)
        precedent = lecture.eleves[-1] if lecture.eleves else None
        if precedent and precedent.champs == eleve.champs:
            _ajouter_structures(precedent, eleve)
            continue
        lecture.lus += 1
        if garder(eleve.champs.get("CODE_MEF") or None):
            lecture.eleves.append(eleve)
    return lecture


def _ajouter_structures(eleve: EleveBrut, meme: EleveBrut) -> None:
    """The same pupil on the next line, for another of his structures."""
    eleve.divisions += [code for code in meme.divisions if code not in eleve.divisions]
    eleve.groupes += [code for code in meme.groupes if code not in eleve.groupes]


def _eleve(numero: int, champs: dict[str, str], origine: Origine) -> EleveBrut:
    structure, genre = champs.pop("STRUCTURE", ""), champs.pop("TYPE_STRUCTURE", "D").upper()[:1]
    bourses = _pris(champs, ("BOURSE1", "BOURSE2"))
    cles = _pris(champs, [f"GESTION{n}" for n in range(1, _MATIERES + 1)])
    sexe = champs.get("CODE_SEXE", "")
    champs["CODE_SEXE"] = _SEXES.get(sexe.upper(), sexe)
    if origine.logiciel == "Fregata":
        champs["INAA"] = champs["ID_NATIONAL"]
    codes = [structure] if structure else []
    groupe = genre == "G"
    return EleveBrut(
        numero,
        "",
        champs,
        divisions=[] if groupe else codes,
        groupes=codes if groupe else [],
        bourses=bourses,
        cles_gestion=cles,
        origine=origine,
    )


def _pris(champs: dict[str, str], noms: Iterable[str]) -> list[str]:
    return [valeur for valeur in (champs.pop(nom, "") for nom in noms) if valeur]

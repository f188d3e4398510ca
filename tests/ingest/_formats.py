"""The other files of a lycée, made by hand: structures, nomenclature, Excel, Fregata, SYGNE, dispositifs, bourses."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.ingest._fichiers import HORODATAGE, TG, UAI, ine

FIXTURES = Path(__file__).parent / "fixtures"
ENTETE = '<?xml version="1.0" encoding="ISO-8859-15"?>\n'


def descendant(racine: str, donnees: str, *, uai: str = UAI, horodatage: str = HORODATAGE) -> bytes:
    """Any descending file of SIECLE: PARAMETRES, then DONNEES."""
    return (
        f"{ENTETE}<{racine}><PARAMETRES><UAJ>{uai}</UAJ><ANNEE_SCOLAIRE>2025</ANNEE_SCOLAIRE>"
        f"<HORODATAGE>{horodatage}</HORODATAGE></PARAMETRES><DONNEES>{donnees}</DONNEES></{racine}>"
    ).encode("iso-8859-15")


def division(code: str, *mefs: str, libelle: str = "", contrat: str = "") -> str:
    lignes = "".join(f"<MEF_APPARTENANCE><CODE_MEF>{mef}</CODE_MEF></MEF_APPARTENANCE>" for mef in mefs)
    contrat = f"<CODE_CONTRAT>{contrat}</CODE_CONTRAT>" if contrat else ""
    return (
        f'<DIVISION CODE_STRUCTURE="{code}"><LIBELLE_LONG>{libelle}</LIBELLE_LONG>{contrat}'
        f"<MEFS_APPARTENANCE>{lignes}</MEFS_APPARTENANCE></DIVISION>"
    )


def groupe(code: str, *divisions: str) -> str:
    lignes = "".join(f"<CODE_DIVISION>{d}</CODE_DIVISION>" for d in divisions)
    return f"<GROUPE><CODE_STRUCTURE>{code}</CODE_STRUCTURE><DIVISIONS>{lignes}</DIVISIONS></GROUPE>"


def structures_xml(*blocs: str, **reste: str) -> bytes:
    divisions = "".join(bloc for bloc in blocs if bloc.startswith("<DIVISION"))
    groupes = "".join(bloc for bloc in blocs if bloc.startswith("<GROUPE"))
    donnees = f"<DIVISIONS>{divisions}</DIVISIONS><GROUPES>{groupes}</GROUPES>"
    return descendant("BEE_STRUCTURES", donnees, **reste)


def nomenclature_xml(
    mefs: Mapping[str, str] | None = None, matieres: Sequence[tuple[str, str, str]] = (), **reste: str
) -> bytes:
    """``mefs``: code → rattachement; ``matieres``: code, clé de gestion, code national."""
    lignes_mef = "".join(
        f'<MEF CODE_MEF="{code}"><LIBELLE_LONG>L{code}</LIBELLE_LONG>'
        f"<MEF_RATTACHEMENT>{rattachement}</MEF_RATTACHEMENT></MEF>"
        for code, rattachement in (mefs or {}).items()
    )
    lignes = "".join(
        f'<MATIERE CODE_MATIERE="{code}"><CODE_GESTION>{cle}</CODE_GESTION>'
        f"<LIBELLE_LONG>L{code}</LIBELLE_LONG><CODE_MATIERE_NATIONALE>{nationale}</CODE_MATIERE_NATIONALE></MATIERE>"
        for code, cle, nationale in matieres
    )
    autres = (
        "<PROGRAMMES><PROGRAMME><CODE_MEF>1</CODE_MEF><CODE_MATIERE>2</CODE_MATIERE></PROGRAMME></PROGRAMMES>"
        '<REGIMES><REGIME CODE_REGIME="3"><LIBELLE_LONG>INTERNE</LIBELLE_LONG></REGIME></REGIMES>'
        '<BOURSES><BOURSE CODE_BOURSE="1"><LIBELLE_LONG>NATIONALE</LIBELLE_LONG></BOURSE></BOURSES>'
    )
    donnees = f"<MEFS>{lignes_mef}</MEFS><MATIERES>{lignes}</MATIERES>{autres}"
    return descendant("BEE_NOMENCLATURES", donnees, **reste)


TITRES = [
    *("Sexe", "Pays Nat.", "Elève No Etab", "Num. Elève Etab", "Nom de famille", "Nom d'usage", "Prénom"),
    *("Prénom 2", "Prénom 3", "Date Naissance", "Doublement", "Id National", "Date Entrée", "Date Sortie"),
    *("Code Régime", "Lib. Régime", "Motif Sortie", "Code Bourse 1", "Lib. Bourse 1", "Code Bourse 2"),
    *("Lib. Bourse 2", "Code MEF", "Lib. MEF", "Code Structure", "Type Structure", "Lib. Structure"),
    *(
        f"{quoi} {n}"
        for n in range(1, 13)
        for quoi in (
            "Clé Gestion Mat. Enseignée",
            "Lib. Mat. Enseignée",
            "Code Modalité Elect.",
            "Lib. Modalité Elect.",
        )
    ),
    *("Tél. Personnel", "Tél. Professionnel", "Tél. Portable", "Email"),
    *(f"Adresse {n}" for n in range(1, 9)),
    *(f"Repr. Lég. {r} - {n}" for r in (1, 2) for n in range(1, 26)),
]
"""The 136 columns of ElevesComplete; those that nobody reads have made-up titles."""


def ligne_complete(rang: int = 1, **champs: Any) -> dict[str, Any]:
    return {
        "Sexe": "F",
        "Nom de famille": f"NOM{rang}",
        "Prénom": f"Prénom{rang}",
        "Date Naissance": date(2008, 5, 7),
        "Id National": ine(rang),
        "Date Entrée": "01/09/2025",
        "Code Régime": 2,
        "Code Bourse 1": "1",
        "Code MEF": TG,
        "Code Structure": "TG1",
        "Type Structure": "D",
        "Clé Gestion Mat. Enseignée 3": "MATHS",
        "Clé Gestion Mat. Enseignée 4": "PH-CH",
        **champs,
    }


def complete_xlsx(lignes: Iterable[Mapping[str, Any]], titres: Sequence[str] = TITRES) -> bytes:
    sortie = io.BytesIO()
    with xlsxwriter.Workbook(sortie, {"in_memory": True}) as classeur:
        feuille = classeur.add_worksheet("Elèves")
        jour = classeur.add_format({"num_format": "dd/mm/yyyy"})
        feuille.write_row(0, 0, titres)
        for rang, ligne in enumerate(lignes, 1):
            for titre, valeur in ligne.items():
                if titre in titres:
                    forme = jour if isinstance(valeur, date) else None
                    feuille.write(rang, titres.index(titre), valeur, forme)
    return sortie.getvalue()


def complete_xls() -> bytes:
    """A real BIFF8 file: fixtures/README.md says how it was made."""
    return (FIXTURES / "ElevesComplete.xls").read_bytes()


FREGATA = (
    "Identifiant unique*;Premier prénom*;Deuxième prénom;Troisième prénom;Nom de famille*;Nom d’usage;"
    "Code sexe*;Date de naissance (jj/mm/aaaa)*;Code commune naissance**;Libellé commune naissance**;"
    "Code département naissance*;Code pays naissance*;Statut*;Code MEF*;Division*"
)


def ligne_fregata(rang: int = 1, **champs: str) -> str:
    base = {
        "id": ine(rang),
        "prenom": f"Prénom{rang}",
        "prenom2": "",
        "nom": f"NOM{rang}",
        "sexe": "M",
        "naissance": "07/05/2008",
        "mef": "21421005110",
        "division": "TSTAV",
        **champs,
    }
    return (
        f"{base['id']};{base['prenom']};{base['prenom2']};;{base['nom']};;{base['sexe']};{base['naissance']};"
        f"97422;;974;99100;ST;{base['mef']};{base['division']}"
    )


def fregata_csv(*lignes: str, titres: str = FREGATA, encodage: str = "utf-8-sig", fin: str = "\r\n") -> bytes:
    return fin.join([titres, *(lignes or [ligne_fregata()]), ""]).encode(encodage)


def eleve_sygne(rang: int = 1, **champs: Any) -> dict[str, Any]:
    return {
        "ine": ine(rang),
        "nom": f"NOM{rang}",
        "prenom": f"Prénom{rang}",
        "dateNaissance": "2008-05-07",
        "codeSexe": "2",
        "codeUai": UAI,
        "anneeScolaire": "2025",
        "niveau": "2213",
        "codeMef": TG,
        "codeMefRatt": TG,
        "classe": "TG1",
        "codeRegime": "0",
        "codeStatut": "ST",
        "dateDebSco": "2025-09-01",
        "dateFinSco": None,
        "adrResidenceEle": {"codePostal": "75001"},
        **champs,
    }


def sygne_json(*eleves: dict[str, Any]) -> bytes:
    return json.dumps(list(eleves) or [eleve_sygne()], ensure_ascii=False).encode()


def dispositifs_csv(*lignes: str, titres: str = "INE;ELEVE_ID;Dispositif") -> bytes:
    return "\n".join([titres, *lignes, ""]).encode()


def bourses_ndjson(*lignes: Mapping[str, Any] | bytes) -> bytes:
    return b"".join(
        (ligne if isinstance(ligne, bytes) else json.dumps(ligne).encode()) + b"\n" for ligne in lignes
    )


def statut(rang: int = 1, echelon: int | None = 3, **champs: Any) -> dict[str, Any]:
    """One line in the shape of API Particulier."""
    return {
        "ine": ine(rang),
        "annee_scolaire": "2025-2026",
        "est_scolarise": True,
        "est_boursier": echelon is not None,
        "echelon_bourse": echelon,
        **champs,
    }

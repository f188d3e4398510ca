"""What a lycée exports besides its pupils: ``Structures.xml``, ``Nomenclature.xml``, ``Communs.xml``.

Tags: siecle_reference §1.4 and §1.6. Telephones are of the range kept for fiction, addresses of mail of a domain
that cannot exist.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from html import escape
from pathlib import Path

from services.simulateur.eleves import Eleve
from services.simulateur.noms import RUES
from services.simulateur.siecle import Export, compresser
from shared.nomenclatures.matieres import specialites
from shared.nomenclatures.mef import terminales

_LIBELLES = {"20110019110": "PREMIERE GENERALE", "20010018110": "SECONDE GENERALE ET TECHNO"}
_LANGUES = {
    "030201": "ANGLAIS LVA",
    "030601": "ESPAGNOL LVA",
    "030602": "ESPAGNOL LVB",
    "030102": "ALLEMAND LVB",
    "030902": "ITALIEN LVB",
}
_REGIMES = {"0": "EXTERNE LIBRE", "2": "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT", "3": "INTERNE"}


def ecrire_fichiers(export: Export, eleves: Sequence[Eleve], dossier: Path) -> list[Path]:
    """``ExportXML_Nomenclature.zip``, ``…_Structures.zip`` and ``…_Communs.zip``; same arguments, same bytes."""
    contenus = {
        "Nomenclature": ("BEE_NOMENCLATURES", _nomenclature(eleves)),
        "Structures": ("BEE_STRUCTURES", _structures(eleves)),
        "Communs": ("BEE_COMMUNS", _communs(export)),
    }
    return [
        compresser(export, nom, [texte.encode(export.encodage) for texte in _fichier(export, *quoi)], dossier)
        for nom, quoi in contenus.items()
    ]


def _fichier(export: Export, racine: str, donnees: Iterable[str]) -> Iterator[str]:
    ecrit = export.ecrit
    yield f'<?xml version="1.0" encoding="{export.encodage}"?>\n<{racine}>\n'
    yield (
        f"  <PARAMETRES>\n    <UAJ>{export.lycee.uai}</UAJ>\n    <ANNEE_SCOLAIRE>{export.session - 1}</ANNEE_SCOLAIRE>\n"
        f"    <DATE_EXPORT>{ecrit:%d/%m/%Y}</DATE_EXPORT>\n"
        f"    <HORODATAGE>{ecrit:%d/%m/%Y %H:%M:%S}</HORODATAGE>\n  </PARAMETRES>\n  <DONNEES>\n"
    )
    yield from donnees
    yield f"  </DONNEES>\n</{racine}>\n"


def _structures(eleves: Sequence[Eleve]) -> Iterator[str]:
    divisions: dict[str, set[str]] = {}
    groupes: dict[str, set[str]] = {}
    for eleve in eleves:
        if eleve.division:
            divisions.setdefault(eleve.division, set()).add(eleve.mef)
        for groupe in eleve.groupes:
            groupes.setdefault(groupe, set()).update(filter(None, [eleve.division]))
    yield "    <DIVISIONS>\n"
    for code, mefs in sorted(divisions.items()):
        lignes = "".join(
            f"<MEF_APPARTENANCE><CODE_MEF>{mef}</CODE_MEF></MEF_APPARTENANCE>" for mef in sorted(mefs)
        )
        libelle = f"{_libelle_du_mef(min(mefs))} {code[-1]}"
        yield (
            f'      <DIVISION CODE_STRUCTURE="{escape(code)}"><LIBELLE_LONG>{escape(libelle)}</LIBELLE_LONG>'
            f"<MEFS_APPARTENANCE>{lignes}</MEFS_APPARTENANCE></DIVISION>\n"
        )
    yield "    </DIVISIONS>\n    <GROUPES>\n"
    for code, membres in sorted(groupes.items()):
        lignes = "".join(
            f'<DIVISION_APPARTENANCE CODE="{escape(d)}"><CODE_DIVISION>{escape(d)}</CODE_DIVISION>'
            "</DIVISION_APPARTENANCE>"
            for d in sorted(membres)
        )
        yield (
            f'      <GROUPE CODE_STRUCTURE="{escape(code)}"><LIBELLE_LONG>{escape(code)}</LIBELLE_LONG>'
            f"<DIVISIONS_APPARTENANCE>{lignes}</DIVISIONS_APPARTENANCE></GROUPE>\n"
        )
    yield "    </GROUPES>\n"


def _nomenclature(eleves: Sequence[Eleve]) -> Iterator[str]:
    yield from _table("MEF", [(mef, _libelle_du_mef(mef)) for mef in sorted({eleve.mef for eleve in eleves})])
    matieres = {specialite.code_matiere: specialite.libelle.upper() for specialite in specialites().values()}
    yield from _table("MATIERE", sorted((matieres | _LANGUES).items()))
    yield from _table("REGIME", _REGIMES.items())
    yield from _table("BOURSE", [("1", "BOURSE NATIONALE")])


def _table(nom: str, lignes: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"    <{nom}S>\n"
    for code, libelle in lignes:
        ecrit = escape(libelle.encode("iso-8859-15", "replace").decode("iso-8859-15"))
        yield f'      <{nom} CODE_{nom}="{code}"><LIBELLE_LONG>{ecrit}</LIBELLE_LONG></{nom}>\n'
    yield f"    </{nom}S>\n"


def _libelle_du_mef(mef: str) -> str:
    connu = terminales().get(mef[:10])
    return connu.libelle if connu else _LIBELLES.get(mef, "AUTRE NIVEAU")


def _communs(export: Export) -> Iterator[str]:
    lycee, rang = export.lycee, int(export.lycee.uai[3:7])
    code_postal = f"{lycee.departement.removeprefix('0'):0<5.2}"
    yield (
        f'    <UAJ CODE="{lycee.uai}">\n      <DENOM_PRINC>LYCEE</DENOM_PRINC>\n'
        f"      <DENOM_COMPL>{_ecrit(lycee.nom)}</DENOM_COMPL>\n"
        f"      <LIGNE1_ADRESSE>{1 + rang % 98} {_ecrit(RUES[rang % len(RUES)])}</LIGNE1_ADRESSE>\n"
        f"      <CODE_POSTAL>{code_postal}</CODE_POSTAL>\n"
        f"      <LIBELLE_POSTAL>{_ecrit(lycee.commune.upper())}</LIBELLE_POSTAL>\n"
        f"      <TELEPHONE>019900{rang:04d}</TELEPHONE>\n"
        f"      <MEL_1>ce.{lycee.uai.lower()}@lycee.example</MEL_1>\n    </UAJ>\n    <PERIODES>\n"
    )
    for numero, (debut, fin) in enumerate(_trimestres(export), 1):
        yield (
            f'      <PERIODE CODE_PERIODE="T{numero}"><LL_PERIODE>TRIMESTRE {numero}</LL_PERIODE>'
            f"<DATE_DEBUT>{debut:%d/%m/%Y}</DATE_DEBUT><DATE_FIN>{fin:%d/%m/%Y}</DATE_FIN></PERIODE>\n"
        )
    yield "    </PERIODES>\n"


def _trimestres(export: Export) -> list[tuple[date, date]]:
    """The second ends as the vœux do, where the session is moved to; the first has at least half of that time."""
    rentree, vacances = date(export.session - 1, 9, 1), date(export.session, 7, 4)
    deux = date(export.session, 3, 8) + timedelta(days=export.decalage)
    deux = min(max(deux, rentree + timedelta(days=20)), vacances - timedelta(days=20))
    un = min(date(export.session - 1, 11, 30), rentree + (deux - rentree) / 2)
    lendemain = timedelta(days=1)
    return [(rentree, un), (un + lendemain, deux), (deux + lendemain, vacances)]


def _ecrit(texte: str) -> str:
    return escape(texte.encode("iso-8859-15", "replace").decode("iso-8859-15"))

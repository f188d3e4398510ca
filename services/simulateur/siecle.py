"""SIECLE files: ``ElevesSansAdresses.xml`` and ``ElevesAvecAdresses.xml`` as the base élèves exports them.

Order of the blocks and names of the tags: siecle_reference §1.3. The nesting of a bourse is the one
that public readers of the format expect (``BOURSE`` by pupil, ``CODE_BOURSE`` inside).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.simulateur.eleves import Eleve
from services.simulateur.noms import RUES
from shared.nomenclatures.lycees import Lycee

ENCODAGE = "ISO-8859-15"
_ECHAPPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class Export:
    """One export. ``racine``: further attributes of the root. ``version``: 1.8 (``NOM``), 2.1 or 3.0.

    ``decalage``: days between what it says of its date and ``horodatage``, which tells who is in it.
    """

    lycee: Lycee
    session: int
    horodatage: datetime
    version: str = "2.1"
    encodage: str = ENCODAGE
    avec_adresses: bool = False
    racine: Mapping[str, str] = field(default_factory=dict)
    decalage: int = 0

    @property
    def ecrit(self) -> datetime:
        """What the file says of when it was made."""
        return self.horodatage + timedelta(days=self.decalage)

    @property
    def nom(self) -> str:
        return "ElevesAvecAdresses" if self.avec_adresses else "ElevesSansAdresses"


def ecrire_zip(export: Export, eleves: Sequence[Eleve], dossier: Path) -> Path:
    """``dossier/ExportXML_<nom>.zip``; the same pupils and horodatage give the same bytes."""
    return compresser(export, export.nom, octets(export, eleves), dossier)


def compresser(export: Export, nom: str, morceaux: Iterable[bytes], dossier: Path) -> Path:
    """``dossier/ExportXML_<nom>.zip`` around ``<nom>.xml``."""
    dossier.mkdir(parents=True, exist_ok=True)
    chemin = dossier / f"ExportXML_{nom}.zip"
    quand = export.horodatage
    entree = ZipInfo(
        f"{nom}.xml", (quand.year, quand.month, quand.day, quand.hour, quand.minute, quand.second)
    )
    entree.compress_type, entree.create_system = ZIP_DEFLATED, 3
    with ZipFile(chemin, "w") as archive, archive.open(entree, "w") as sortie:
        for morceau in morceaux:
            sortie.write(morceau)
    return chemin


def octets(export: Export, eleves: Sequence[Eleve]) -> Iterator[bytes]:
    """The file itself, block by block; what the encoding cannot write becomes ``?``, as in SIECLE."""
    for texte in _textes(export, eleves):
        yield texte.encode(export.encodage, errors="replace")


def _textes(export: Export, eleves: Sequence[Eleve]) -> Iterator[str]:
    jour = export.horodatage.date()
    presents = [eleve for eleve in eleves if eleve.present_dans(jour)]
    yield from _tete(export)
    yield "    <ELEVES>\n"
    for eleve in presents:
        yield _eleve(export, eleve)
    yield "    </ELEVES>\n    <OPTIONS>\n"
    for eleve in presents:
        yield _options(eleve)
    yield "    </OPTIONS>\n    <STRUCTURES>\n"
    for eleve in presents:
        yield _structures(eleve)
    yield "    </STRUCTURES>\n"
    yield from _bourses(presents)
    if export.avec_adresses:
        yield from _adresses(export.lycee, presents)
    yield "  </DONNEES>\n</BEE_ELEVES>\n"


def _tete(export: Export) -> Iterator[str]:
    attributs = "".join(f' {nom}="{_texte(valeur)}"' for nom, valeur in export.racine.items())
    yield f'<?xml version="1.0" encoding="{export.encodage}"?>\n<BEE_ELEVES VERSION="{export.version}"{attributs}>\n'
    yield (
        "  <PARAMETRES>\n"
        f"    <UAJ>{export.lycee.uai}</UAJ>\n"
        f"    <ANNEE_SCOLAIRE>{export.session - 1}</ANNEE_SCOLAIRE>\n"
        f"    <DATE_EXPORT>{export.ecrit:%d/%m/%Y}</DATE_EXPORT>\n"
        f"    <HORODATAGE>{export.ecrit:%d/%m/%Y %H:%M:%S}</HORODATAGE>\n"
        "  </PARAMETRES>\n  <DONNEES>\n"
    )


def _texte(valeur: str) -> str:
    return valeur.translate(_ECHAPPES)


def _cles(eleve: Eleve) -> str:
    return f'ELEVE_ID="{eleve.eleve_id}" ELENOET="{eleve.elenoet}"'


def _eleve(export: Export, eleve: Eleve) -> str:
    champs = [*_identite(export, eleve), *_naissance(eleve), *_scolarite(export, eleve)]
    lignes = "".join(
        f"        <{nom}>{_texte(valeur)}</{nom}>\n" for nom, valeur in champs if valeur is not None
    )
    return f"      <ELEVE {_cles(eleve)}>\n{lignes}{_an_dernier(eleve)}      </ELEVE>\n"


def _identite(export: Export, eleve: Eleve) -> Iterator[tuple[str, str | None]]:
    yield "ID_NATIONAL", eleve.ine
    if export.version >= "3":
        yield "INE_RNIE", eleve.ine
    yield "ELENOET", str(eleve.elenoet)
    yield "ID_ELEVE_ETAB", f"{eleve.elenoet:05d}{eleve.uai[1:7]}"
    yield "NOM" if export.version < "2" else "NOM_DE_FAMILLE", eleve.nom
    yield "PRENOM", eleve.prenom
    yield "PRENOM2", eleve.prenom2


def _naissance(eleve: Eleve) -> Iterator[tuple[str, str | None]]:
    commune = eleve.commune_naissance
    yield "DATE_NAISS", f"{eleve.naissance:%d/%m/%Y}"
    yield "DOUBLEMENT", str(int(eleve.doublement))
    yield "CODE_PAYS", eleve.pays_naissance
    yield "CODE_DEPARTEMENT_NAISS", f"0{commune[:2]}" if commune else None
    yield "CODE_COMMUNE_INSEE_NAISS", commune
    yield "VILLE_NAISS", eleve.ville_naissance
    yield "CODE_PAYS_NAT", "100"
    yield "CODE_SEXE", eleve.sexe


def _scolarite(export: Export, eleve: Eleve) -> Iterator[tuple[str, str | None]]:
    ecrite = eleve.sortie_ecrite(export.horodatage.date())
    yield "CODE_REGIME", eleve.regime
    yield "DATE_ENTREE", f"{eleve.date_entree:%d/%m/%Y}"
    yield "DATE_SORTIE", f"{eleve.date_sortie:%d/%m/%Y}" if ecrite and eleve.date_sortie else None
    yield "CODE_MOTIF_SORTIE", eleve.motif_sortie if ecrite else None
    yield "CODE_STATUT", eleve.statut
    yield "CODE_MEF", eleve.mef
    yield "CODE_PROVENANCE", "1"
    yield "ADHESION_TRANSPORT", "0"
    yield "ADRESSE_ID", str(eleve.eleve_id) if export.avec_adresses else None
    yield "ACCEPTE_SMS", "0"


def _an_dernier(eleve: Eleve) -> str:
    return (
        "        <SCOLARITE_AN_DERNIER>\n"
        f"          <CODE_RNE>{eleve.uai}</CODE_RNE>\n"
        "          <CODE_NATURE>300</CODE_NATURE>\n"
        "        </SCOLARITE_AN_DERNIER>\n"
    )


def _options(eleve: Eleve) -> str:
    lignes = "".join(
        f"        <OPTIONS_ELEVE>\n          <NUM_OPTION>{rang}</NUM_OPTION>\n"
        f"          <CODE_MODALITE_ELECT>{modalite}</CODE_MODALITE_ELECT>\n"
        f"          <CODE_MATIERE>{matiere}</CODE_MATIERE>\n        </OPTIONS_ELEVE>\n"
        for rang, (modalite, matiere) in enumerate(eleve.options, 1)
    )
    return f"      <OPTION {_cles(eleve)}>\n{lignes}      </OPTION>\n" if lignes else ""


def _structures(eleve: Eleve) -> str:
    codes = [(code, "G") for code in eleve.groupes]
    if eleve.division:
        codes.append((eleve.division, "D"))
    lignes = "".join(
        f"        <STRUCTURE>\n          <CODE_STRUCTURE>{_texte(code)}</CODE_STRUCTURE>\n"
        f"          <TYPE_STRUCTURE>{genre}</TYPE_STRUCTURE>\n        </STRUCTURE>\n"
        for code, genre in codes
    )
    return f"      <STRUCTURES_ELEVE {_cles(eleve)}>\n{lignes}      </STRUCTURES_ELEVE>\n" if lignes else ""


def _bourses(eleves: Sequence[Eleve]) -> Iterator[str]:
    boursiers = [eleve for eleve in eleves if eleve.code_bourse]
    if not boursiers:
        yield "    <BOURSES />\n"
        return
    yield "    <BOURSES>\n"
    for eleve in boursiers:
        code = f"        <CODE_BOURSE>{eleve.code_bourse}</CODE_BOURSE>\n"
        yield f"      <BOURSE {_cles(eleve)}>\n{code}      </BOURSE>\n"
    yield "    </BOURSES>\n"


def _adresses(lycee: Lycee, eleves: Sequence[Eleve]) -> Iterator[str]:
    yield "    <ADRESSES>\n"
    for eleve in eleves:
        numero, rue = 1 + eleve.indice % 98, RUES[eleve.indice % len(RUES)]
        yield (
            f'      <ADRESSE ADRESSE_ID="{eleve.eleve_id}">\n'
            f"        <LIGNE1_ADRESSE>{numero} {_texte(rue)}</LIGNE1_ADRESSE>\n"
            f"        <CODE_POSTAL>{lycee.departement.removeprefix('0'):0<5.2}</CODE_POSTAL>\n"
            "        <CODE_PAYS>100</CODE_PAYS>\n"
            "        <LL_PAYS>FRANCE</LL_PAYS>\n"
            f"        <CODE_DEPARTEMENT>{lycee.departement}</CODE_DEPARTEMENT>\n"
            f"        <LIBELLE_POSTAL>{_texte(lycee.commune.upper())}</LIBELLE_POSTAL>\n      </ADRESSE>\n"
        )
    yield "    </ADRESSES>\n"

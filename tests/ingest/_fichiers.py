"""Small SIECLE files and feeds, made by hand: each test says only what is special in its own."""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable
from typing import Any

from services.simulateur.identifiants import ine_d_eleve

UAI, AUTRE_UAI = "0750680G", "0752387M"
HORODATAGE = "12/01/2026 08:00:00"
TG = "20210019110"


def ine(rang: int) -> str:
    return ine_d_eleve(rang)


def eleve(rang: int = 1, **champs: str | None) -> str:
    """One ELEVE of terminale générale; a field given None is left out, others replace or add."""
    base: dict[str, str | None] = {
        "ID_NATIONAL": ine(rang),
        "NOM_DE_FAMILLE": f"NOM{rang}",
        "PRENOM": f"Prénom{rang}",
        "DATE_NAISS": "07/05/2008",
        "CODE_SEXE": "2",
        "CODE_REGIME": "2",
        "DATE_ENTREE": "01/09/2025",
        "CODE_STATUT": "ST",
        "CODE_MEF": TG,
    }
    lignes = "".join(
        f"<{nom}>{valeur}</{nom}>" for nom, valeur in {**base, **champs}.items() if valeur is not None
    )
    return f'<ELEVE ELEVE_ID="{rang}" ELENOET="{rang}">{lignes}</ELEVE>'


def structures(rang: int, *codes: tuple[str, str]) -> str:
    lignes = "".join(
        f"<STRUCTURE><CODE_STRUCTURE>{code}</CODE_STRUCTURE><TYPE_STRUCTURE>{genre}</TYPE_STRUCTURE></STRUCTURE>"
        for code, genre in codes or (("TG1", "D"),)
    )
    return f'<STRUCTURES_ELEVE ELEVE_ID="{rang}" ELENOET="{rang}">{lignes}</STRUCTURES_ELEVE>'


def options(rang: int, *matieres: str) -> str:
    lignes = "".join(f"<OPTIONS_ELEVE><CODE_MATIERE>{m}</CODE_MATIERE></OPTIONS_ELEVE>" for m in matieres)
    return f'<OPTION ELEVE_ID="{rang}">{lignes}</OPTION>'


def siecle(
    *eleves: str,
    uai: str | None = UAI,
    annee: str = "2025",
    horodatage: str = HORODATAGE,
    structures_: Iterable[str] | None = None,
    options_: Iterable[str] = (),
    bourses: str = "<BOURSES/>",
    suite: str = "",
    entete: str = '<?xml version="1.0" encoding="ISO-8859-15"?>\n',
    encodage: str = "iso-8859-15",
) -> bytes:
    """A whole file; by default every pupil is in division TG1."""
    liste = list(eleves) or [eleve(1)]
    if structures_ is None:
        structures_ = [structures(int(re.findall(r"\d+", texte)[0])) for texte in liste]
    uaj = "" if uai is None else f"<UAJ>{uai}</UAJ>"
    texte = (
        f'{entete}<BEE_ELEVES VERSION="2.1"><PARAMETRES>{uaj}<ANNEE_SCOLAIRE>{annee}</ANNEE_SCOLAIRE>'
        f"<HORODATAGE>{horodatage}</HORODATAGE></PARAMETRES><DONNEES>"
        f"<ELEVES>{''.join(liste)}</ELEVES><OPTIONS>{''.join(options_)}</OPTIONS>"
        f"<STRUCTURES>{''.join(structures_)}</STRUCTURES>{bourses}{suite}</DONNEES></BEE_ELEVES>"
    )
    return texte.encode(encodage)


def zipper(**entrees: bytes) -> bytes:
    """A zip; ``__`` in a name stands for ``/`` and ``_`` before ``xml`` for a dot."""
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, contenu in entrees.items():
            archive.writestr(nom.replace("__", "/").replace("_xml", ".xml"), contenu)
    return sortie.getvalue()


def fait(type_: str, numero: str = "26000001", sequence: int = 1, **champs: Any) -> dict[str, Any]:
    """One fact of the feed with what its type requires."""
    return {
        "session": 2026,
        "type": type_,
        "sequence": sequence,
        "time": "2026-01-20T12:00:00+01:00",
        "numero_dossier": numero,
        **_PROPRES[type_],
        **champs,
    }


_PROPRES: dict[str, dict[str, Any]] = {
    "dossier": {
        "nom": "NOM1",
        "prenom": "Prénom1",
        "naissance": "2008-05-07",
        "profil": "TERMINALE",
        "etat": "OUVERT",
    },
    "bourse_signalee": {},
    "voeu": {
        "voeu_id": "V1",
        "formation_id": "",
        "voie": "ETUDIANT",
        "phase": "PRINCIPALE",
        "etat": "FORMULE",
    },
    "proposition": {"voeu_id": "V1", "decision": "OUI"},
    "reponse": {"voeu_id": "V1", "reponse": "ACCEPTEE"},
    "caes": {"etat": "SAISIE"},
    "accuse": {"objet": "BOURSE", "version": 7, "resultat": "INTEGRE"},
}


def ndjson(faits: Iterable[dict[str, Any] | bytes], *, compresse: bool = False) -> bytes:
    lignes = (ligne if isinstance(ligne, bytes) else json.dumps(ligne).encode() for ligne in faits)
    brut = b"".join(ligne + b"\n" for ligne in lignes)
    return gzip.compress(brut) if compresse else brut

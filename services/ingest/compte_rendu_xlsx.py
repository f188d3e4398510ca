"""A compte rendu as a workbook, written page by page: memory does not grow with its lines."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import xlsxwriter
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest import lignes
from services.ingest.compte_rendu import COMPTEURS
from services.ingest.depots import Depots
from shared.domaine.tableur import OPTIONS, neutraliser

_PARIS = ZoneInfo("Europe/Paris")
_LIGNES_MAX = 1_048_576
"""Of a worksheet."""
_COLONNES = (
    ("Rang", 8),
    ("Type", 8),
    ("INE", 14),
    ("Identifiant SIECLE", 16),
    ("Code", 16),
    ("Message", 100),
    ("Champs modifiés", 30),
    ("Identifiant Pilotage", 38),
)
TYPES = {
    "REJ": "élève ou ligne non pris",
    "PAR": "élève pris, une de ses données ne l’est pas",
    "ABS": "élève connu, absent du fichier",
    "MOD": "élève modifié",
    "AVE": "pris, mais à vérifier",
    "IGN": "hors de ce qui est lu",
}
LIBELLES = {
    "lus": "Lus",
    "traites": "Traités",
    "complets": "dont complets",
    "partiels": "dont partiels",
    "rejetes": "Rejetés",
    "absents": "Absents du fichier",
    "modifies": "Modifiés",
    "nouveaux": "Nouveaux",
    "sortis": "Sortis",
    "inchanges": "Inchangés",
    "ignores": "Ignorés",
    "hors_perimetre": "Hors périmètre",
    "lies": "Dossiers rattachés",
    "parques": "Faits en attente d’un élève",
    "liberes": "Faits rattachés à leur élève",
    "publies": "Mises à jour transmises",
}


async def ecrire_compte_rendu(engine: AsyncEngine, depots: Depots, recu: Mapping[str, Any]) -> Path:
    """A file in the spool folder, the caller's to send and delete; tidied up after a day otherwise."""
    depots.ouvrir()
    chemin = depots.prive(f"{uuid4()}.xlsx")
    ecriture = _Ecriture(chemin, str(depots.racine))
    try:
        await asyncio.to_thread(ecriture.resume, recu)
        async for page in lignes.toutes(engine, recu["id"], recu["tentative"]):
            await asyncio.to_thread(ecriture.page, page)
        await asyncio.to_thread(ecriture.fermer)
    except BaseException:
        chemin.unlink(missing_ok=True)
        raise
    return chemin


class _Ecriture:
    def __init__(self, chemin: Path, dossier: str) -> None:
        self._classeur = xlsxwriter.Workbook(str(chemin), {**OPTIONS, "tmpdir": dossier})
        self._titre = self._classeur.add_format({"bold": True, "font_size": 14})
        self._entete = self._classeur.add_format({"bold": True, "bg_color": "#D9D9D9", "border": 1})
        self._texte = self._classeur.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        self._feuille: Any = None
        self._feuilles = 0
        self._rang = 0

    def resume(self, recu: Mapping[str, Any]) -> None:
        """First sheet: what the import is, its counters, what is asked, what the types mean."""
        feuille = self._classeur.add_worksheet("Compte rendu")
        feuille.set_column(0, 0, 34)
        feuille.set_column(1, 1, 92)
        feuille.write_string(0, 0, "Compte rendu d’import", self._titre)
        for i, (nom, valeur) in enumerate(_resume(recu), start=2):
            feuille.write_string(i, 0, nom)
            if isinstance(valeur, int):
                feuille.write_number(i, 1, valeur)
            else:
                feuille.write_string(i, 1, neutraliser(valeur), self._texte)

    def page(self, page: Sequence[Mapping[str, Any]]) -> None:
        for ligne in page:
            for anomalie in ligne["anomalies"]:
                self._ligne(ligne, anomalie)

    def fermer(self) -> None:
        if self._feuille is None:
            self._ouvrir()
        self._classeur.close()

    def _ouvrir(self) -> None:
        self._feuilles += 1
        self._feuille = self._classeur.add_worksheet(
            "Lignes" if self._feuilles == 1 else f"Lignes {self._feuilles}"
        )
        self._feuille.freeze_panes(1, 0)
        self._feuille.autofilter(0, 0, 0, len(_COLONNES) - 1)
        for j, (titre, largeur) in enumerate(_COLONNES):
            self._feuille.set_column(j, j, largeur)
            self._feuille.write_string(0, j, titre, self._entete)
        self._rang = 1

    def _ligne(self, ligne: Mapping[str, Any], anomalie: Mapping[str, Any]) -> None:
        if self._feuille is None or self._rang >= _LIGNES_MAX:
            self._ouvrir()
        if ligne["rang"]:
            self._feuille.write_number(self._rang, 0, ligne["rang"])
        textes = (
            anomalie["type"],
            ligne["ine"],
            ligne["eleve_siecle"],
            anomalie["code"],
            anomalie["phrase"],
            ", ".join(anomalie["champs"]),
            ligne["eleve_id"],
        )
        for j, texte in enumerate(textes, start=1):
            if texte:
                self._feuille.write_string(self._rang, j, neutraliser(texte), self._texte)
        self._rang += 1


def _resume(recu: Mapping[str, Any]) -> list[tuple[str, str | int]]:
    rendu = recu["compte_rendu"] or {}
    compteurs: Mapping[str, int] = rendu.get("compteurs", {})
    noms = [nom for nom in COMPTEURS if nom in compteurs] + [nom for nom in compteurs if nom not in COMPTEURS]
    depose = recu["depose_le"].astimezone(_PARIS)
    lignes_: list[tuple[str, str | int]] = [
        ("Fichier", recu["nom_fichier"]),
        ("Établissement", recu["uai"] or ""),
        ("Déposé le", f"{depose:%d/%m/%Y à %H:%M}"),
        ("État", recu["etat"]),
        ("Écrit le", f"{datetime.now(UTC).astimezone(_PARIS):%d/%m/%Y à %H:%M}"),
        *((LIBELLES.get(nom, nom), compteurs[nom]) for nom in noms),
    ]
    if refus := rendu.get("refus"):
        lignes_.append((f"Refus ({refus['code']})", refus["phrase"]))
    lignes_ += [(f"Question ({q['code']})", q["phrase"]) for q in recu["questions"] or ()]
    return lignes_ + [(f"Type {sigle}", phrase) for sigle, phrase in TYPES.items()]

"""Files on disk while an import is under way: deposits and spools, readable by the service only.

They hold names: a deposit goes when its spool exists, or when nobody integrates it; a spool when its
import is done.
"""

import hashlib
import io
import os
import time
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any

from services.ingest.refus import FichierRefuse

_ORPHELIN_S = 24 * 3600
_TAMPON = 1 << 18
_DROITS_DOSSIER, _DROITS_FICHIER = 0o700, 0o600


class Lu:
    """How far a deposit has been read, bytes of the file as it lies on disk."""

    def __init__(self) -> None:
        self.octets = 0


class DepotSuivi(type(Path())):  # type: ignore[misc] # the flavour of this system, until Python 3.12
    """The path of a deposit, whose readers are followed: opened for reading, it tells ``lu`` how far they are."""

    lu: Lu

    def open(self, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if mode != "rb":
            return super().open(mode, *arguments, **options)
        return io.BufferedReader(_Suivi(self, self.lu), _TAMPON)


class _Suivi(io.FileIO):
    def __init__(self, chemin: Path, lu: Lu) -> None:
        super().__init__(chemin, "rb")
        self._lu = lu

    def readinto(self, tampon: Any) -> int:
        lus = super().readinto(tampon)
        self._lu.octets += lus
        return lus


def suivre(depot: Path, lu: Lu) -> Path:
    """The same path, whose readings move ``lu``."""
    suivi = DepotSuivi(depot)
    suivi.lu = lu
    return suivi


class Depots:
    def __init__(self, racine: Path) -> None:
        self.racine = racine

    def ouvrir(self) -> None:
        """Make the folder, or fail with what is wrong with it."""
        self.racine.mkdir(parents=True, exist_ok=True, mode=_DROITS_DOSSIER)

    def depot(self, import_id: str) -> Path:
        return self.racine / f"{import_id}.depot"

    def garde(self, import_id: str) -> Path:
        """The deposit of an import that is done, kept while lines of it that were refused may be replayed."""
        return self.racine / f"{import_id}.garde"

    def ranger(self, import_id: str, *, garder: bool) -> None:
        """The import has what it needs of its deposit: it goes, or waits for a replay."""
        if garder:
            self.depot(import_id).replace(self.garde(import_id))
        else:
            self.oublier_depot(import_id)

    def reprendre(self, import_id: str, rejeu: str) -> int:
        """The kept file is the deposit of ``rejeu`` too; bytes."""
        os.link(self.garde(import_id), self.depot(rejeu))
        return self.depot(rejeu).stat().st_size

    def spool(self, import_id: str, tentative: int) -> Path:
        return self.racine / f"{import_id}.{tentative}.spool"

    def prive(self, nom: str) -> Path:
        """An empty file of this folder that nobody else reads."""
        chemin = self.racine / nom
        os.close(os.open(chemin, os.O_WRONLY | os.O_CREAT, _DROITS_FICHIER))
        return chemin

    def nouveau_spool(self, import_id: str, tentative: int) -> Path:
        """Path for a writer; the partial file that it will open is made private beforehand."""
        self.ouvrir()
        spool = self.spool(import_id, tentative)
        os.close(os.open(f"{spool}.part", os.O_WRONLY | os.O_CREAT, _DROITS_FICHIER))
        return spool

    async def recevoir(self, import_id: str, morceaux: AsyncIterator[bytes], maximum: int) -> tuple[str, int]:
        """Write a deposit whole and durable; (sha256, bytes).

        Raises:
            FichierRefuse: more than ``maximum`` bytes, or none.
        """
        self.ouvrir()
        partiel = self.racine / f"{import_id}.part"
        somme, octets = hashlib.sha256(), 0
        try:
            descripteur = os.open(partiel, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _DROITS_FICHIER)
            with os.fdopen(descripteur, "wb") as fichier:
                async for morceau in morceaux:
                    octets += len(morceau)
                    if octets > maximum:
                        raise FichierRefuse("TROP_GROS", f"Le fichier dépasse {maximum >> 20} Mo.")
                    somme.update(morceau)
                    fichier.write(morceau)
                if not octets:
                    raise FichierRefuse("VIDE", "Le fichier est vide.")
                fichier.flush()
                os.fsync(fichier.fileno())
            partiel.replace(self.depot(import_id))
        finally:
            partiel.unlink(missing_ok=True)
        return somme.hexdigest(), octets

    def oublier_depot(self, import_id: str) -> None:
        self.depot(import_id).unlink(missing_ok=True)

    def oublier_spools(self, import_id: str, tentative: int) -> None:
        """Those of the starts up to ``tentative``: the folder of a busy day is too long to be searched."""
        for une in range(1, tentative + 1):
            spool = self.spool(import_id, une)
            spool.unlink(missing_ok=True)
            spool.with_suffix(spool.suffix + ".part").unlink(missing_ok=True)

    def oublier(self, import_id: str, tentative: int) -> None:
        self.oublier_depot(import_id)
        self.oublier_spools(import_id, tentative)

    def menage(self, en_cours: Collection[str], rejetes: Collection[str] = (), jours: int = 0) -> int:
        """Delete what no import under way needs and is a day old; number of files.

        ``rejetes``: imports with lines that wait: what was kept of them stays ``jours`` days.
        """
        limite, limite_garde = time.time() - _ORPHELIN_S, time.time() - jours * 86_400
        vieux = []
        for fichier in self.racine.iterdir() if self.racine.is_dir() else ():
            qui, _, genre = fichier.name.partition(".")
            if genre == "garde" and qui in rejetes:
                trop_vieux = fichier.stat().st_mtime < limite_garde
            else:
                trop_vieux = qui not in en_cours and fichier.stat().st_mtime < limite
            if trop_vieux:
                vieux.append(fichier)
        for fichier in vieux:
            fichier.unlink(missing_ok=True)
        return len(vieux)

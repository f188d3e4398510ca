"""What an upload in pieces is refused for, and when."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from services.ingest.televersements import store
from services.ingest.televersements.domain import Etat
from shared.http.errors import Refus


def deja_recu(ligne: Row[Any], offset: int) -> bool:
    """Whether the file was whole already: asked again, an answer that was lost is given again."""
    if ligne.etat == Etat.RECU:
        if offset != ligne.octets:
            raise decale(ligne.octets, offset)
        return True
    exiger_ouvert(ligne)
    return False


def exiger_ouvert(ligne: Row[Any]) -> None:
    if ligne.etat != Etat.EN_COURS or store.perime(ligne, datetime.now(UTC)):
        raise Refus(410, "envoi_clos", "Cet envoi est clos : annoncez le fichier à nouveau.", etat=ligne.etat)


def exiger_entier(chemin: Path, recus: int) -> None:
    """The folder was emptied under us: better say so than deposit a file with a hole."""
    if chemin.stat().st_size < recus:
        raise Refus(410, "envoi_perdu", "Le début de cet envoi est perdu : annulez-le et recommencez.")


def decale(attendu: int, donne: int) -> Refus:
    """The words of draft-ietf-httpbis-resumable-upload."""
    details = {"expected-offset": attendu, "provided-offset": donne}
    return Refus(409, "mauvais_offset", "Reprenez l’envoi à l’offset attendu.", **details)


def occupe() -> Refus:
    return Refus(409, "envoi_repris", "Cet envoi est repris par ailleurs : demandez son offset.")


def trop_lent() -> Refus:
    return Refus(408, "trop_lent", "L’envoi s’est interrompu : demandez son offset et reprenez-le.")

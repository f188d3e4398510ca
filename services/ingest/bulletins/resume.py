"""What is kept of a bulletin for the récapitulatif: matières and what lacks, no mark and no appréciation. Pure."""

import msgspec

from services.ingest.bulletins.domain import BulletinLu
from services.ingest.bulletins.recapitulatif import Manquant, Note, Recu


class Resume(msgspec.Struct, array_like=True, frozen=True):
    """``notes``: (code, label, état, has a moyenne, has an appréciation); ``manques``: (code, label)."""

    notes: tuple[tuple[str, str, str, bool, bool], ...]
    manques: tuple[tuple[str, str | None], ...]


_encoder = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Resume).decode


def resumer(bulletin: BulletinLu) -> bytes:
    notes = tuple(
        (
            note.matiere,
            note.libelle or note.matiere,
            note.etat,
            note.moyenne is not None,
            note.appreciation is not None,
        )
        for note in bulletin.notes
    )
    return _encoder(Resume(notes, tuple((manque.code, manque.matiere) for manque in bulletin.manques)))


def recu(periode: int, decoupage: int, resume: bytes, *, absent: bool) -> Recu:
    lu = _decoder(resume)
    return Recu(
        periode,
        decoupage,
        tuple(Note(*note) for note in lu.notes),
        tuple(Manquant(*manque) for manque in lu.manques),
        absent,
    )

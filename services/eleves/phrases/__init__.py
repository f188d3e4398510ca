"""One fact of the timeline in plain French, without the pupil's name or gender. Pure."""

from collections.abc import Mapping

from services.eleves.chronologie import Entree, Sorte
from services.eleves.lecture import Genre
from services.eleves.phrases import candidature, lycee, scolarite
from services.eleves.phrases.base import Contexte, Diseur, Dite, Phrases

__all__ = ["Contexte", "Dite", "dire"]


def dire(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    """Sentences of an entry. ``avant``: the version before of the same subject, among those known."""
    diseur = _DISEURS.get(entree.sorte)
    if diseur is not None:
        yield from diseur(contexte, avant, entree)


_DISEURS: Mapping[Sorte, Diseur] = {
    Sorte.IDENTITE: scolarite.identite,
    Sorte.SCOLARITE: scolarite.scolarite,
    Sorte.DOSSIER: candidature.dossier,
    Sorte.BOURSE_SIGNALEE: candidature.bourse,
    Sorte.CAES: candidature.caes,
    Sorte.VOEU: candidature.voeu,
    Sorte.PROPOSITION: candidature.proposition,
    Sorte.REPONSE: candidature.reponse,
    Sorte.VOEU_NON_CONFIRME: candidature.echeance(
        Genre.VOEUX,
        "Vœu perdu, faute de confirmation à temps",
        "Échéance de confirmation reportée, vœu rétabli",
    ),
    Sorte.PROPOSITION_EXPIREE: candidature.echeance(
        Genre.ADMISSION, "Proposition expirée, faute de réponse", "Échéance reportée, proposition rétablie"
    ),
    Sorte.BULLETIN: lycee.bulletin,
    Sorte.FICHE: lycee.fiche,
    Sorte.ACCUSE: lycee.accuse,
}

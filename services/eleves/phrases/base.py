"""What sentences are made with: what they may name, and what they are about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from services.eleves.chronologie import Entree
from services.eleves.lecture import Genre, Origine
from shared.domaine.etat import EtatEleve
from shared.nomenclatures.formations import formation


@dataclass(frozen=True, slots=True)
class Contexte:
    """``direction``: the échelon of a bourse is for the lycée's direction alone."""

    etat: EtatEleve
    direction: bool

    def voeu(self, cle: str, formation_id: str | None = None) -> str:
        """Label of what is asked for."""
        connu = self.etat.voeux.get(cle)
        code = formation_id or (connu.formation_id if connu else None)
        if code is None:
            return "un vœu dont la plateforme n’a pas encore donné le détail"
        trouvee = formation(code)
        return f"{trouvee.libelle} – {trouvee.etablissement}" if trouvee else f"formation {code}"


class Dite(NamedTuple):
    genre: Genre
    origine: Origine
    phrase: str


Phrases = Iterator[Dite]
Diseur = Callable[[Contexte, Entree | None, Entree], Phrases]


def plateforme(genre: Genre, phrase: str) -> Dite:
    return Dite(genre, Origine.PLATEFORME, phrase)

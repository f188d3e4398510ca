"""Forms of pages that hold a line per pupil: read with their bounds, their proof checked."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request

from services.gateway.auth import Identite, verifier_jeton
from shared.http.errors import Refus

LIGNES_MAX = 1_000
_CHAMPS_PAR_LIGNE = 3
_AUTRES_CHAMPS = 40


class FormulaireLu:
    """Fields by name; a field that is not there is empty."""

    def __init__(self, champs: Mapping[str, list[str]]) -> None:
        self._champs = champs

    def un(self, nom: str) -> str:
        return (self._champs.get(nom) or [""])[0].strip()

    def entier(self, nom: str) -> int | None:
        """None for what is not a number."""
        texte = self.un(nom)
        return int(texte) if texte.isdecimal() and len(texte) < len("99999") else None

    def eleves(self) -> list[UUID]:
        """Pupils ticked, here or in a list, each once.

        Raises:
            Refus: 422, one of them is no id of ours.
        """
        try:
            coches = [*self._champs.get("eleve", []), *self._champs.get("eleve_id", [])]
            return [UUID(texte) for texte in dict.fromkeys(coches)][:LIGNES_MAX]
        except ValueError as erreur:
            raise Refus(422, "saisie_invalide", "La saisie n’est pas valide.") from erreur


async def lire_formulaire(request: Request, identite: Identite) -> FormulaireLu:
    """Raises Refus 403 when the form is not ours."""
    envoye = await request.form(max_fields=LIGNES_MAX * _CHAMPS_PAR_LIGNE + _AUTRES_CHAMPS)
    lu = FormulaireLu({nom: [str(valeur) for valeur in envoye.getlist(nom)] for nom in envoye})
    verifier_jeton(identite, lu.un("jeton"))
    return lu

"""What a caller asks about actions, notes and proposals: right, audit, service.

Free texts travel in bodies only; the audit holds ids.
"""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import Depends
from pydantic import BaseModel

from services.gateway import contrats_accompagnement as ca
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource

_SANS_CONDITION = Ecriture()


@dataclass(frozen=True, slots=True)
class GuichetAccompagnement(Guichet):
    """The gateway in front of one caller, for what is done for pupils."""

    async def actions(self, session: int, uai: str, filtre: ca.FiltreActions) -> ca.Tableau:
        self.exiger(Ressource.ACCOMPAGNEMENT, Action.LIRE, uai)
        adresse = chemin(session, "lycees", uai, "actions")
        params = filtre.model_dump(mode="json", exclude_none=True)
        reponse = await self.moyens.services.appeler("eleves", "GET", adresse, self.perimetre, params=params)
        await self._consigner(session, Ressource.ACCOMPAGNEMENT, Action.LIRE, f"{uai}/actions")
        return ca.Tableau.model_validate(reponse.json())

    async def action(self, session: int, uai: str, action_id: UUID) -> ca.DetailAction:
        self.exiger(Ressource.ACCOMPAGNEMENT, Action.LIRE, uai)
        reponse = await self._lire("eleves", chemin(session, "lycees", uai, "actions", action_id))
        objet = f"{uai}/actions/{action_id}"
        await self._consigner(session, Ressource.ACCOMPAGNEMENT, Action.LIRE, objet)
        return ca.DetailAction.model_validate(reponse.json())

    async def apercu(self, session: int, uai: str, demande: ca.DemandeApercu) -> ca.Apercu:
        """Who would be in an action. It names pupils: a reading, audited as one."""
        self.exiger(Ressource.ACCOMPAGNEMENT, Action.LIRE, uai)
        adresse = chemin(session, "lycees", uai, "actions", "apercu")
        corps = demande.model_dump(mode="json")
        reponse = await self.moyens.services.appeler("eleves", "POST", adresse, self.perimetre, json=corps)
        await self._consigner(session, Ressource.ACCOMPAGNEMENT, Action.LIRE, f"{uai}/actions/apercu")
        return ca.Apercu.model_validate(reponse.json())

    async def creer(
        self, session: int, uai: str, saisie: ca.ActionNouvelle, ecriture: Ecriture
    ) -> ca.ActionChangee:
        reponse = await self._ecrire_action(session, uai, ("POST", ("actions",)), saisie, ecriture)
        return ca.ActionChangee.model_validate(reponse.json())

    async def changer(
        self, session: int, uai: str, quoi: tuple[UUID, str], saisie: BaseModel | None, ecriture: Ecriture
    ) -> ca.ActionChangee:
        """``quoi``: the action, and eleves, issues, cloture, reouverture, or nothing for the action itself."""
        action_id, geste = quoi
        methode = "POST" if geste else "PUT"
        parties = ("actions", str(action_id), *([geste] if geste else []))
        reponse = await self._ecrire_action(session, uai, (methode, parties), saisie, ecriture)
        return ca.ActionChangee.model_validate(reponse.json())

    async def commenter(
        self, session: int, uai: str, action_id: UUID, saisie: ca.CommentaireSaisi, ecriture: Ecriture
    ) -> ca.CommentaireRecu:
        parties = ("actions", str(action_id), "commentaires")
        reponse = await self._ecrire_action(session, uai, ("POST", parties), saisie, ecriture)
        return ca.CommentaireRecu.model_validate(reponse.json())

    async def notes(self, session: int, uai: str, eleve_id: UUID) -> ca.Notes:
        """Those that the caller may read; each reading is audited."""
        reponse = await self._lire_notes(session, uai, eleve_id)
        return ca.Notes.model_validate(reponse.json())

    async def historique_de_note(
        self, session: int, uai: str, eleve_id: UUID, note_id: UUID
    ) -> ca.HistoriqueNote:
        reponse = await self._lire_notes(session, uai, eleve_id, note_id, "historique")
        return ca.HistoriqueNote.model_validate(reponse.json())

    async def _lire_notes(self, session: int, uai: str, eleve_id: UUID, *suite: object) -> httpx.Response:
        self.exiger(Ressource.NOTES, Action.LIRE, uai)
        adresse = chemin(session, "lycees", uai, "eleves", eleve_id, "notes", *suite)
        reponse = await self._lire("eleves", adresse)
        objet = "/".join(str(partie) for partie in (eleve_id, "notes", *suite))
        await self._consigner(session, Ressource.NOTES, Action.LIRE, objet)
        return reponse

    async def ecrire_note(
        self,
        session: int,
        uai: str,
        quoi: tuple[UUID, UUID | None],
        saisie: ca.NoteSaisie,
        ecriture: Ecriture,
    ) -> ca.Note:
        """``quoi``: the pupil, and the note to change, None for a new one."""
        eleve_id, note_id = quoi
        adresse = await self._adresse_de_note(session, uai, eleve_id, note_id)
        reponse = await self._envoyer("PUT" if note_id else "POST", adresse, saisie, ecriture)
        return ca.Note.model_validate(reponse.json())

    async def effacer_note(self, session: int, uai: str, quoi: tuple[UUID, UUID], ecriture: Ecriture) -> None:
        adresse = await self._adresse_de_note(session, uai, *quoi)
        await self._envoyer("DELETE", adresse, None, ecriture)

    async def _adresse_de_note(self, session: int, uai: str, eleve_id: UUID, note_id: UUID | None) -> str:
        """Checked and audited: what is about to be written."""
        self.exiger(Ressource.NOTES, Action.ECRIRE, uai)
        parties = ("notes", *([str(note_id)] if note_id else []))
        await self._consigner(session, Ressource.NOTES, Action.ECRIRE, "/".join((str(eleve_id), *parties)))
        return chemin(session, "lycees", uai, "eleves", eleve_id, *parties)

    async def propositions_recues(self, session: int, uai: str) -> ca.Propositions:
        self.exiger(Ressource.PROPOSITIONS, Action.LIRE, uai)
        reponse = await self._lire("eleves", chemin(session, "lycees", uai, "propositions"))
        return ca.Propositions.model_validate(reponse.json())

    async def proposition(self, session: int, uai: str, proposition_id: UUID) -> ca.DetailProposition:
        """With the pupils of its list: a nominative reading."""
        self.exiger(Ressource.PROPOSITIONS, Action.LIRE, uai)
        reponse = await self._lire("eleves", chemin(session, "lycees", uai, "propositions", proposition_id))
        objet = f"{uai}/propositions/{proposition_id}"
        await self._consigner(session, Ressource.PROPOSITIONS, Action.LIRE, objet)
        return ca.DetailProposition.model_validate(reponse.json())

    async def repondre(
        self, session: int, uai: str, proposition_id: UUID, saisie: ca.ReponseProposition, ecriture: Ecriture
    ) -> ca.Proposition:
        self.exiger(Ressource.PROPOSITIONS, Action.ECRIRE, uai)
        objet = f"{uai}/propositions/{proposition_id}"
        await self._consigner(session, Ressource.PROPOSITIONS, Action.ECRIRE, objet)
        adresse = chemin(session, "lycees", uai, "propositions", proposition_id, "reponse")
        reponse = await self._envoyer("POST", adresse, saisie, ecriture)
        return ca.Proposition.model_validate(reponse.json())

    async def propositions_faites(self, session: int, code: str) -> ca.Propositions:
        """Counts by lycée, never a name."""
        self.exiger(Ressource.PROPOSITIONS, Action.LIRE, code)
        reponse = await self._lire("eleves", chemin(session, "academies", code, "propositions"))
        return ca.Propositions.model_validate(reponse.json())

    async def proposer(
        self, session: int, code: str, saisie: ca.PropositionSaisie, ecriture: Ecriture
    ) -> ca.PropositionsEnvoyees:
        self.exiger(Ressource.PROPOSITIONS, Action.ECRIRE, code)
        await self._consigner(session, Ressource.PROPOSITIONS, Action.ECRIRE, f"{code}/propositions")
        adresse = chemin(session, "academies", code, "propositions")
        reponse = await self._envoyer("POST", adresse, saisie, ecriture)
        return ca.PropositionsEnvoyees.model_validate(reponse.json())

    async def retirer_proposition(
        self, session: int, code: str, proposition_id: UUID, ecriture: Ecriture
    ) -> ca.Proposition:
        self.exiger(Ressource.PROPOSITIONS, Action.ECRIRE, code)
        objet = f"{code}/propositions/{proposition_id}"
        await self._consigner(session, Ressource.PROPOSITIONS, Action.ECRIRE, objet)
        adresse = chemin(session, "academies", code, "propositions", proposition_id, "retrait")
        reponse = await self._envoyer("POST", adresse, None, ecriture)
        return ca.Proposition.model_validate(reponse.json())

    async def _ecrire_action(
        self,
        session: int,
        uai: str,
        quoi: tuple[str, tuple[str, ...]],
        saisie: BaseModel | None,
        ecriture: Ecriture,
    ) -> httpx.Response:
        """``quoi``: method, and parts of the path under the lycée."""
        methode, parties = quoi
        self.exiger(Ressource.ACCOMPAGNEMENT, Action.ECRIRE, uai)
        objet = "/".join((uai, *parties))
        await self._consigner(session, Ressource.ACCOMPAGNEMENT, Action.ECRIRE, objet)
        return await self._envoyer(methode, chemin(session, "lycees", uai, *parties), saisie, ecriture)

    async def _envoyer(
        self, methode: str, adresse: str, saisie: BaseModel | None, ecriture: Ecriture = _SANS_CONDITION
    ) -> httpx.Response:
        corps: Any = None if saisie is None else saisie.model_dump(mode="json")
        return await self.moyens.services.appeler(
            "eleves", methode, adresse, self.perimetre, json=corps, headers=ecriture.entetes
        )


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetAccompagnement:
    return GuichetAccompagnement(identite, outils)


def _guichet_page(
    identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]
) -> GuichetAccompagnement:
    return GuichetAccompagnement(identite, outils)


ApiAccompagnement = Annotated[GuichetAccompagnement, Depends(_guichet_api)]
PageAccompagnement = Annotated[GuichetAccompagnement, Depends(_guichet_page)]

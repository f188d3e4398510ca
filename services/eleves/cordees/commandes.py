"""Enter or withdraw Cordées, for one pupil or several at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.eleves.cordees import presentation, registre
from services.eleves.cordees.registre import Saisie
from services.eleves.lots import Contexte, Lot, Vise
from shared.domaine.cordees import RefusCordees, refus_de_retrait, refus_de_saisie
from shared.domaine.etat import EtatEleve
from shared.events.modeles import Dispositif, EtatCordees
from shared.http.errors import Refus

SAISIR, RETIRER = "SAISIR", "RETIRER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saisir:
    """What is entered for the pupils of ``versions``; ``etat`` None: the entry is withdrawn, for ``motif``."""

    versions: Mapping[str, int | None]
    etat: EtatCordees | None
    dispositif: Dispositif | None = None
    motif: str | None = None

    @property
    def contenu(self) -> dict[str, Any]:
        return {"etat": self.etat, "dispositif": self.dispositif, "motif": self.motif}


def lot(contexte: Contexte, voulu: Saisir) -> Lot[Saisie]:
    """The command, to be executed by ``lots``."""

    def juger(eleve_id: str, etat: EtatEleve, connue: Saisie | None) -> Saisie | Refus:
        del eleve_id
        motif = _refus(voulu, etat, connue)
        if motif is not None:
            details = {"survivant": etat.fusionne} if etat.fusionne else {}
            statut = 422 if motif is RefusCordees.MOTIF_ABSENT else 409
            return Refus(statut, motif.value, motif.phrase, **details)
        return _saisie(contexte, voulu, connue.version + 1 if connue else 1)

    acte = SAISIR if voulu.etat else RETIRER
    return Lot(
        acte=acte,
        demande={
            "commande": f"cordees.{acte}",
            "session": contexte.session,
            "uai": contexte.uai,
            "eleves": sorted(voulu.versions),
            **voulu.contenu,
        },
        vises=[Vise(i, version) for i, version in voulu.versions.items()],
        propose=lambda _: voulu.contenu,
        lire=registre.lire,
        juger=juger,
        ecrire=registre.ecrire,
        tracer=registre.tracer,
        presenter=presentation.presenter,
    )


def _refus(voulu: Saisir, etat: EtatEleve, connue: Saisie | None) -> RefusCordees | None:
    actuelle = connue.en_vigueur if connue else None
    if voulu.etat is None:
        return refus_de_retrait(etat, actuelle, voulu.motif or "")
    return refus_de_saisie(etat, actuelle, voulu.etat, voulu.dispositif)


def _saisie(contexte: Contexte, voulu: Saisir, version: int) -> Saisie:
    participe = voulu.etat is EtatCordees.PARTICIPE
    return Saisie(
        etat=voulu.etat,
        dispositif=(voulu.dispositif or Dispositif.CORDEES) if participe else None,
        motif=voulu.motif or None,
        version=version,
        uai=contexte.uai,
        auteur=contexte.perimetre.acteur,
        role=contexte.perimetre.role.value,
        le=contexte.le,
    )

"""A fold in progress: what is known before, and what the facts taken so far change of it."""

from collections.abc import Callable
from typing import Any

import msgspec

from shared.domaine.etat.structures import EtatEleve
from shared.events import rapide as r


class Cours:
    """A fold in progress: copies the dictionaries once, at their first change."""

    def __init__(self, avant: EtatEleve | None) -> None:
        self.avant = avant
        self.champs: dict[str, Any] = {}
        self.session = avant.session if avant else 0

    def lu(self, champ: str) -> Any:
        if champ in self.champs:
            return self.champs[champ]
        return getattr(self.avant, champ) if self.avant else None

    def _table(self, champ: str) -> dict[str, Any]:
        table: dict[str, Any] | None = self.champs.get(champ)
        if table is None:
            table = dict(getattr(self.avant, champ)) if self.avant else {}
            self.champs[champ] = table
        return table

    def prendre(self, fait: r.Fait, prendre: "Callable[[Cours, Any], None]") -> None:
        """By its taker; of a pupil who turned out to be another, only who that is."""
        self.session = self.session or fait.session
        if self.lu("fusionne") is None or isinstance(fait, r.Fusion):
            prendre(self, fait)

    def seul(self, champ: str, valeur: Any) -> None:
        lu = self.lu(champ)
        if lu is None or lu.version < valeur.version:
            self.champs[champ] = valeur

    def membre(self, champ: str, cle: str, version: int, revision: int = 0) -> dict[str, Any] | None:
        """The table to write into, or None when what it holds is as recent."""
        table: dict[str, Any] = self.champs.get(champ) or (getattr(self.avant, champ) if self.avant else {})
        lu = table.get(cle)
        if lu is not None and (lu.version, getattr(lu, "revision", 0)) >= (version, revision):
            return None
        return self._table(champ)

    def etat(self) -> EtatEleve | None:
        if not self.champs:
            return self.avant
        if fusionne := self.champs.get("fusionne"):
            return EtatEleve(self.session, fusionne=fusionne, fusion_version=self.champs["fusion_version"])
        if self.avant is None:
            return EtatEleve(self.session, **self.champs)
        return msgspec.structs.replace(self.avant, **self.champs)

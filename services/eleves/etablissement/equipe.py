"""Who is in charge of each classe: read by whatever gives pupils to somebody."""

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.etablissement import store
from services.eleves.etablissement.champs import Objet


class Principal(Struct, frozen=True):
    """A professeur principal. ``compte``: his account's identifier, when the lycée linked one."""

    nom: str
    prenom: str | None = None
    compte: str | None = None


async def equipe(tx: AsyncConnection, session: int, uai: str) -> dict[str, tuple[Principal, ...]]:
    """The professeurs principaux of each classe that has one, first and second."""
    fiches = await store.fiches(tx, session, uai)
    lues = {
        cle.classe: principaux({champ: locale.valeur for champ, locale in fiche.locales.items()})
        for cle, fiche in fiches.items()
        if cle.objet is Objet.CLASSE
    }
    return {classe: qui for classe, qui in lues.items() if qui}


def principaux(valeurs: Mapping[str, str]) -> tuple[Principal, ...]:
    """From the values in force of a classe's fiche."""
    trouves = (
        Principal(
            valeurs[f"principal_{rang}_nom"],
            valeurs.get(f"principal_{rang}_prenom") or None,
            valeurs.get(f"principal_{rang}_compte") or None,
        )
        for rang in (1, 2)
        if valeurs.get(f"principal_{rang}_nom")
    )
    return tuple(trouves)

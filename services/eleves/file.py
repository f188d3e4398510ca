"""SQL of « À accompagner aujourd’hui »: the queue, most urgent first, and who follows those in it."""

from dataclasses import dataclass, field
from typing import Any

from services.eleves.listes import PERIMETRE, Lecture, Page, Tranche, lire, prepare
from services.eleves.ordre import DERNIER, Position
from shared.domaine import priorites
from shared.domaine.filtres import Filtres, predicats
from shared.domaine.predicats import EstNul, Et, Predicat, egal
from shared.domaine.predicats_sql import Sql, compiler

CODE = "a_accompagner"
"""Its name among the lists that a reader visits."""
_GRAND = 99_999
_ASSIGNES = """
    SELECT suivi_assigne AS nom, count(*) AS eleves FROM eleve WHERE {condition}
     GROUP BY suivi_assigne ORDER BY suivi_assigne NULLS FIRST
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """``assigne``: those whom he follows; ``sans_suivi``: those whom nobody does."""

    filtres: Filtres = field(default_factory=Filtres)
    assigne: str | None = None
    sans_suivi: bool = False
    apres: Position | None = None
    limite: int = 20

    @property
    def predicat(self) -> Predicat:
        suivi: list[Predicat] = [EstNul("suivi_assigne")] if self.sans_suivi else []
        if self.assigne:
            suivi.append(egal("suivi_assigne", self.assigne))
        return Et((priorites.A_ACCOMPAGNER, *predicats(self.filtres), *suivi))


async def file(lecture: Lecture, demande: Demande) -> Page:
    """The heaviest first; those alike by classe then name."""
    poids = priorites.poids_sql(lecture.contexte)
    cle = f"lpad(({_GRAND} - {poids.texte})::text, 5, '0') || ' ' || coalesce(classe_tri, '{DERNIER}')"
    tranche = Tranche(liste=CODE, cle=Sql(cle, poids.parametres), apres=demande.apres, limite=demande.limite)
    return await lire(lecture, demande.predicat, tranche)


async def assignes(lecture: Lecture) -> list[dict[str, Any]]:
    """Who follows how many pupils of the whole queue; ``nom`` None: nobody does."""
    dit = compiler(priorites.A_ACCOMPAGNER, lecture.contexte)
    requete = prepare(_ASSIGNES.format(condition=f"{PERIMETRE} AND {dit.texte}"))
    rows = await lecture.connection.execute(requete, {**lecture.parametres, **dit.parametres})
    return [dict(row) for row in rows.mappings()]

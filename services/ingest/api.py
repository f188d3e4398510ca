"""Internal HTTP of the service ingest: deposits, what becomes of them, and the answers they wait for."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from services.ingest import lignes, store
from services.ingest.compte_rendu import Gravite
from services.ingest.compte_rendu_xlsx import ecrire_compte_rendu
from services.ingest.depot_http import deposer_par_http, imports_de, reveiller
from services.ingest.imports import FINIS
from services.ingest.natures import BOURSES, FAITS, SIECLE
from services.ingest.presentation import avec_lignes, presenter
from services.ingest.siecle import absents
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import MACHINES, Appelant, Perimetre, Role

router = APIRouter(prefix="/interne/v1/sessions/{session}")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
ImportId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Confirme = Annotated[
    bool, Query(description="take a file that is older than the last one, or the same again")
]
Essai = Annotated[
    bool | None, Query(description="dry run first; by default for a person's upload, not for a machine's")
]
_PAGE_MAX = 1_000


@router.post("/lycees/{uai}/siecle", status_code=202)
async def deposer_siecle(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    confirme: Confirme = False,
    essai: Essai = None,
) -> dict[str, str]:
    """Deposit a file of the lycée's administration, as the raw body (``?nom=``) or as a form's first file.

    Its content says which: pupils in any format, structures, nomenclature, dispositifs (``lycee.py``).
    """
    exiger_depot(appelant, uai)
    return await deposer_par_http(request, appelant, session, SIECLE, uai=uai, confirme=confirme, essai=essai)


@router.post("/faits", status_code=202)
async def deposer_faits(
    request: Request, appelant: Appelant, session: int, *, confirme: Confirme = False, essai: Essai = None
) -> dict[str, str]:
    """Deposit candidate facts (NDJSON, gzip allowed)."""
    if appelant.role not in {Role.OPERATEUR, Role.PLATEFORME}:
        raise introuvable()
    return await deposer_par_http(request, appelant, session, FAITS, confirme=confirme, essai=essai)


@router.post("/bourses", status_code=202)
async def deposer_bourses(
    request: Request, appelant: Appelant, session: int, *, confirme: Confirme = False, essai: Essai = None
) -> dict[str, str]:
    """Deposit statuts of boursiers (NDJSON in the shape of API Particulier, gzip allowed)."""
    if appelant.role not in {Role.OPERATEUR, Role.PLATEFORME}:
        raise introuvable()
    return await deposer_par_http(request, appelant, session, BOURSES, confirme=confirme, essai=essai)


@router.get("/imports")
async def lister(
    request: Request, appelant: Appelant, session: int, limite: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """Latest first, those of the caller's lycées; all of them for the operator, its own for a machine."""
    maintenant = datetime.now(UTC)
    async with imports_de(request, session).engine.connect() as tx:
        lus = await store.lister(tx, session, _lycees(appelant), limite, demandeur=_machine(appelant))
    return {"imports": [presenter(lu, maintenant) for lu in lus]}


@router.get("/imports/{import_id}")
async def montrer(request: Request, appelant: Appelant, session: int, import_id: ImportId) -> dict[str, Any]:
    """State, progress, questions, counters and the first lines of the compte rendu."""
    imports = imports_de(request, session)
    recu = await _le_sien(request, appelant, session, import_id)
    async with imports.engine.connect() as tx:
        premieres, suite = await lignes.page(tx, import_id, recu["tentative"])
        par_gravite = await lignes.compter(tx, import_id, recu["tentative"]) if suite else {}
    presente = presenter(recu, datetime.now(UTC))
    return avec_lignes(presente, premieres, suite is not None, par_gravite)


@router.get("/imports/{import_id}/lignes")
async def lister_lignes(
    request: Request,
    appelant: Appelant,
    session: int,
    import_id: ImportId,
    *,
    gravite: Annotated[list[Gravite] | None, Query()] = None,
    apres: Annotated[str | None, Query(max_length=80)] = None,
    limite: Annotated[int, Query(ge=1, le=_PAGE_MAX)] = lignes.PAGE,
) -> dict[str, Any]:
    """Lines by pupil, in the order of the file; ``suivant`` is the ``apres`` of the next page."""
    recu = await _le_sien(request, appelant, session, import_id)
    try:
        curseur = lignes.lire_curseur(apres)
    except ValueError as erreur:
        raise Refus(422, "curseur_invalide", "Cette page n’existe plus : reprenez au début.") from erreur
    async with imports_de(request, session).engine.connect() as tx:
        page, suite = await lignes.page(
            tx, import_id, recu["tentative"], apres=curseur, gravites=gravite, limite=limite
        )
    return {"lignes": page, "suivant": suite and suite.montrer()}


@router.get("/imports/{import_id}/compte-rendu.xlsx", response_class=FileResponse)
async def telecharger(
    request: Request, appelant: Appelant, session: int, import_id: ImportId
) -> FileResponse:
    """The whole compte rendu as a workbook."""
    imports = imports_de(request, session)
    recu = await _le_sien(request, appelant, session, import_id)
    if recu["etat"] not in FINIS:
        raise Refus(409, "en_cours", "L’import est en cours : son compte rendu n’est pas encore complet.")
    chemin = await ecrire_compte_rendu(imports.engine, imports.depots, recu)
    return FileResponse(
        chemin,
        media_type=XLSX,
        filename=f"compte-rendu-{recu['uai'] or recu['nature'].lower()}-{import_id[:8]}.xlsx",
        background=BackgroundTask(chemin.unlink, missing_ok=True),
    )


@router.post("/imports/{import_id}/integrer", status_code=202)
async def integrer(
    request: Request, appelant: Appelant, session: int, import_id: ImportId, *, confirme: Confirme = False
) -> dict[str, Any]:
    """Integrate the file of a dry run; ``confirme``: yes to the questions that the dry run showed."""
    _exiger_personne(appelant)
    recu = await _le_sien(request, appelant, session, import_id)
    fait = await imports_de(request, session).integrer(import_id, confirme=confirme)
    return await _apres(request, appelant, session, recu, fait=fait)


@router.post("/imports/{import_id}/confirmer", status_code=202)
async def confirmer(
    request: Request, appelant: Appelant, session: int, import_id: ImportId
) -> dict[str, Any]:
    """Yes to what the import asks: it goes on."""
    _exiger_personne(appelant)
    recu = await _le_sien(request, appelant, session, import_id)
    fait = await imports_de(request, session).confirmer(import_id)
    return await _apres(request, appelant, session, recu, fait=fait)


@router.post("/imports/{import_id}/annuler")
async def annuler(request: Request, appelant: Appelant, session: int, import_id: ImportId) -> dict[str, Any]:
    """Forget a dry run or an import that asks; its file is erased."""
    recu = await _le_sien(request, appelant, session, import_id)
    fait = await imports_de(request, session).annuler(import_id)
    if not fait and recu["etat"] != "ANNULE":
        raise Refus(409, "etat", _PAS_POSSIBLE.get(recu["etat"], _TROP_TARD), etat=recu["etat"])
    return presenter(await _le_sien(request, appelant, session, import_id), datetime.now(UTC))


@router.get("/lycees/{uai}/absents")
async def lister_absents(request: Request, appelant: Appelant, session: int, uai: Uai) -> dict[str, Any]:
    """Pupils whom the lycée's last file did not hold, whole names elsewhere."""
    _exiger_lycee(appelant, uai)
    async with imports_de(request, session).engine.connect() as tx:
        return {"absents": await absents.lister(tx, session, uai)}


async def _le_sien(request: Request, appelant: Perimetre, session: int, import_id: str) -> dict[str, Any]:
    """The import, when the caller may see it."""
    recu = await imports_de(request, session).lire(import_id)
    lycees, machine = _lycees(appelant), _machine(appelant)
    if recu is None or (lycees is not None and recu.uai not in lycees):
        raise introuvable()
    if machine is not None and recu.demandeur != machine:
        raise introuvable()
    return dict(recu._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


async def _apres(
    request: Request, appelant: Perimetre, session: int, avant: dict[str, Any], *, fait: bool
) -> dict[str, Any]:
    """The import after a command. A command sent twice answers alike; one that does not fit is told why."""
    recu = await _le_sien(request, appelant, session, avant["id"])
    if not fait and recu["etat"] in _PAS_POSSIBLE:
        raise Refus(409, "etat", _PAS_POSSIBLE[recu["etat"]], etat=recu["etat"])
    reveiller(request)
    return presenter(recu, datetime.now(UTC))


_PAS_POSSIBLE = {
    "ANNULE": "Ce dépôt a été annulé : déposez le fichier à nouveau.",
    "EXPIRE": "Ce dépôt a attendu trop longtemps et a été oublié : déposez le fichier à nouveau.",
    "REFUSE": "Ce fichier a été refusé : corrigez-le et déposez-le à nouveau.",
    "ESSAI": "Ce dépôt est un essai : intégrez-le ou annulez-le.",
    "A_CONFIRMER": "Ce dépôt attend une réponse : confirmez-le ou annulez-le.",
}
_TROP_TARD = (
    "Ce fichier est déjà en cours d’intégration ou intégré : déposez le bon fichier pour le remplacer."
)


def _exiger_lycee(appelant: Perimetre, uai: str) -> None:
    if not (appelant.role is Role.OPERATEUR or (appelant.direction and appelant.voit_lycee(uai))):
        raise introuvable()


def exiger_depot(appelant: Perimetre, uai: str) -> None:
    """A lycée's file comes from its chef, from its gradebook software, or from the operator."""
    if not (appelant.role is Role.LOGICIEL and appelant.voit_lycee(uai)):
        _exiger_lycee(appelant, uai)


def _exiger_personne(appelant: Perimetre) -> None:
    """A question is answered by somebody, not by the machine that sent the file."""
    if appelant.role in MACHINES:
        raise introuvable()


def _lycees(appelant: Perimetre) -> Sequence[str] | None:
    """None: whatever the lycée, none included. The platform sees its own deposits by who asked."""
    if appelant.role in {Role.OPERATEUR, Role.PLATEFORME}:
        return None
    return appelant.lycees if appelant.direction or appelant.role is Role.LOGICIEL else ()


def _machine(appelant: Perimetre) -> str | None:
    """A machine sees what it deposited itself and nothing else."""
    return appelant.acteur if appelant.role in MACHINES else None

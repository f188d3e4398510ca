"""Deposit of a file over HTTP, for every nature: a lycée's is a dry run first, a machine's is integrated at once."""

from fastapi import Request

from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.reception import Televersement
from services.ingest.refus import FichierRefuse
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Perimetre


def imports_de(request: Request, session: int) -> Imports:
    """The imports of this service; 404 for another session than its own."""
    imports: Imports = request.app.state.running.resources["imports"]
    if session != imports.settings.session:
        raise introuvable()
    return imports


def reveiller(request: Request) -> None:
    """Say to the dispatcher that there is work."""
    request.app.state.running.resources["reveil"].set()


def essai_par_defaut(appelant: Perimetre, essai: bool | None) -> bool:
    """What the caller asks; when he does not say, a person's upload is a dry run first."""
    return appelant.direction if essai is None else essai


async def deposer_par_http(
    request: Request,
    appelant: Perimetre,
    session: int,
    nature: str,
    *,
    uai: str | None = None,
    confirme: bool = False,
    essai: bool | None = None,
) -> dict[str, str]:
    """Answer of a deposit: id, state and address of the import."""
    imports = imports_de(request, session)
    envoi = Televersement(request, imports.settings.body_timeout_s)
    try:
        import_id = await deposer(
            imports,
            nature,
            envoi.morceaux(),
            lambda: envoi.nom,
            demandeur=appelant.acteur,
            uai=uai,
            confirme=confirme,
            essai=essai_par_defaut(appelant, essai),
        )
    except FichierRefuse as refus:
        status = 413 if refus.code == "TROP_GROS" else 422
        raise Refus(status, refus.code.lower(), refus.phrase) from refus
    reveiller(request)
    return {
        "import_id": import_id,
        "etat": "DEPOSE",
        "url": f"/interne/v1/sessions/{session}/imports/{import_id}",
    }

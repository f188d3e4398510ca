"""The JSON API of a lycée's own settings."""

from fastapi import APIRouter, Response

from services.gateway import contrats_etablissement as ce
from services.gateway.api import PREFIXE, Cle, IfMatch
from services.gateway.api import router as api
from services.gateway.contrats import Session, Uai
from services.gateway.demandes import Ecriture
from services.gateway.operations_etablissement import ApiEtablissement
from shared.http.etag import poser

_LYCEE = "/sessions/{session}/lycees/{uai}/etablissement"
router = APIRouter(prefix=PREFIXE, responses=api.responses, tags=["établissement"])


@router.get(_LYCEE)
async def lire(guichet: ApiEtablissement, session: Session, uai: Uai) -> ce.Etablissement:
    """Coordinates, classes, teachers, conseils, contacts; by field: in force, said elsewhere, typed here."""
    return await guichet.etablissement(session, uai)


@router.get(f"{_LYCEE}/historique")
async def historique(guichet: ApiEtablissement, session: Session, uai: Uai) -> ce.HistoriqueEtablissement:
    """The last changes, latest first."""
    return await guichet.historique(session, uai)


@router.put(f"{_LYCEE}/fiche")
async def enregistrer(
    guichet: ApiEtablissement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    saisie: ce.FicheSaisie,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> ce.Fiche:
    """422: ``champs`` says what is wrong with each; 412: changed meanwhile; 428: version not said."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    fiche = await guichet.enregistrer(session, uai, saisie, ecriture)
    poser(response, fiche.version)
    return fiche


@router.post(f"{_LYCEE}/conseils")
async def importer_conseils(
    guichet: ApiEtablissement, session: Session, uai: Uai, saisie: ce.TableauSaisi, *, cle: Cle = None
) -> ce.CompteRenduTableau:
    """The calendar of conseils from a pasted table; the lines that are right are taken, the others said."""
    return await guichet.importer_conseils(session, uai, saisie, Ecriture(idempotence=cle))

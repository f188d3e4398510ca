"""The page of the session's dates, and the same as a calendar file."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from services.gateway import vues_calendrier as vues
from services.gateway.auth import moyens
from services.gateway.operations_session import PageGuichetSession
from services.gateway.pages import page, session_de

router = APIRouter(include_in_schema=False)


@router.get("/calendrier")
async def calendrier(request: Request, guichet: PageGuichetSession) -> Response:
    found = await guichet.calendrier(session_de(request), None)
    vie = await guichet.vie(session_de(request))
    return page(
        request,
        "calendrier.html",
        identite=guichet.identite,
        calendrier=found,
        vie=vie,
        dates=vues.dates(found, datetime.now(UTC)),
        phases=vues.PHASES,
    )


@router.get("/calendrier.ics")
async def fichier(request: Request, guichet: PageGuichetSession) -> Response:
    """Of the session that the site shows; the steps that carry a figure are no dates."""
    session = session_de(request)
    found = await guichet.calendrier(session, None)
    hote = urlsplit(moyens(request).settings.public_url).hostname or "pilotage"
    nom = f'attachment; filename="pilotage-{session}.ics"'
    return Response(
        vues.icalendar(found, datetime.now(UTC), hote),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": nom, "Cache-Control": "no-store"},
    )

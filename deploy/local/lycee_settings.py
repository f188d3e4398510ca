"""What the first lycée's chef types once: professeurs principaux from the teachers of his notes file, and the conseils."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.local.accounts import CLASSE, PROFESSEUR, chef_and_professeur
from deploy.local.errors import LauncherError
from deploy.local.moment import Moment
from shared.domaine.etapes import Etape
from shared.http.perimetre import Perimetre, Role, signer

_BY_DAY = 3
_CONSEIL = "2"
"""The période whose conseils give the avis."""
Fiche = dict[str, Any]


def type_settings(eleves_url: str, secrets: Path, moment: Moment) -> None:
    """Fill the lycée's settings through the service's own door; typing them again changes nothing."""
    chef, professeur = chef_and_professeur()
    uai = chef["lycees"][0]
    scope = Perimetre(acteur=chef["login"], role=Role.CHEF, lycees=(uai,), nom=chef["name"])
    token = signer(scope, (secrets / "service_token_key").read_text(), "eleves")
    base = f"{eleves_url}/interne/v1/sessions/{moment.session}/lycees/{uai}/etablissement"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        known = _checked(client.get(base))
        for fiche in _fiches(known, professeur["name"], moment):
            answer = client.put(f"{base}/fiche", json=fiche)
            if answer.status_code != httpx.codes.PRECONDITION_REQUIRED:
                _checked(answer)


def _checked(answer: httpx.Response) -> Any:
    if not answer.is_success:
        message = (
            f"The settings of the first lycée were refused ({answer.status_code}): see the log of eleves."
        )
        raise LauncherError(message)
    return answer.json()


def _fiches(known: Mapping[str, Any], professeur: str, moment: Moment) -> Iterator[Fiche]:
    """A fiche that was typed in an earlier start wants its version: it is left as it is (428)."""
    teachers = _teachers(known)
    for rank, classe in enumerate(fiche["classe"] for fiche in known["classes"]):
        prenom, _, nom = (professeur if classe == CLASSE else teachers.get(classe, "")).partition(" ")
        if nom:
            fields = {"principal_1_prenom": prenom, "principal_1_nom": nom}
            account = {"principal_1_compte": PROFESSEUR} if classe == CLASSE else {}
            yield {"objet": "CLASSE", "classe": classe, "champs": {**fields, **account}}
        if when := _conseil(rank, moment):
            yield {"objet": "CONSEIL", "classe": classe, "detail": _CONSEIL, "champs": when}


def _teachers(known: Mapping[str, Any]) -> dict[str, str]:
    """By classe, the first teacher that no other classe has: a professeur principal has one classe."""
    found: dict[str, str] = {}
    for fiche in known["enseignements"]:
        value = next((c["valeur"] for c in fiche["champs"] if c["champ"] == "enseignants"), None)
        for name in re.split(r" ; ", value or ""):
            if name and fiche["classe"] not in found and name not in found.values():
                found[fiche["classe"]] = name
    return found


def _conseil(rank: int, moment: Moment) -> dict[str, str] | None:
    """A few a day from the second day of the conseils, never on a Sunday, within the school year."""
    opening = moment.local(Etape.CONSEILS_OUVERTURE).date()
    day = opening + timedelta(days=1 + rank // _BY_DAY)
    if day.isoweekday() == 7:  # noqa: PLR2004 - Sunday
        day += timedelta(days=1)
    inside = day <= moment.last_day_of_school
    hour = f"{17 + rank % _BY_DAY}:00"
    return {"date": day.isoformat(), "heure": hour, "lieu": "Salle des actes"} if inside else None

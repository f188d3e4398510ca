"""Demonstration accounts, and the last words of a start: where to go, who to be, what to look at first."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.keys import write_private
from deploy.local.settings import DemoSettings
from services.simulateur.population import LYCEE_A, LYCEE_B
from shared.nomenclatures.academies import academie
from shared.nomenclatures.lycees import Lycee, lycees

# Readable over the shoulder: no letter or digit that looks like another one.
LETTERS = "abcdefghkmnprstuvwxyz23456789"
WORDS = 3
CHEF = "proviseur.a"
PROFESSEUR = "professeur.a"
CLASSE = "TG1"
"""A classe that the generator makes in the first lycée."""


def accounts_file(folder: Path) -> Path:
    """The accounts with their passwords; read by the issuer of identities.

    Generated the first time. A folder of an earlier version keeps its passwords and gets the new accounts.
    """
    path = folder / "accounts.json"
    known = {account["login"]: account for account in json.loads(path.read_text())} if path.exists() else {}
    accounts = [{**account, **_secret_of(known.get(account["login"]))} for account in _accounts()]
    if list(known.values()) != accounts:
        write_private(path, json.dumps(accounts, ensure_ascii=False, indent=2))
    return path


def _secret_of(known: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"password": known["password"]} if known else {}


def chef_and_professeur() -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the first lycée; their passwords are not the file's."""
    known = {account["login"]: account for account in _accounts()}
    return known[CHEF], known[PROFESSEUR]


def welcome(settings: DemoSettings) -> str:
    """Rich text for the terminal."""
    folder = settings.layout.folder
    accounts = json.loads(accounts_file(settings.layout.secrets).read_text())
    width = max(len(account["login"]) for account in accounts)
    lines = [
        f"  {account['login']:<{width}}  [bold]{account['password']}[/]  {account['title']}"
        for account in accounts
    ]
    return "\n".join(
        (
            f"\n[bold green]Pilotage runs at {settings.url('gateway')}[/]\n",
            *lines,
            "\nLook first at:",
            f"  1. the page of {accounts[0]['login']}: rates with their numerators and denominators, and the list",
            "     of those enrolled without a wish; download it as a workbook;",
            "  2. a pupil's wishes: give an avis on one of them, reload, it is there;",
            "  3. the same address as proviseur.b: the pupils of the other lycée do not exist for him;",
            f"  4. the same again as {PROFESSEUR}: his class and no other, nor the échelon of a bourse; as psyen, the",
            "     pupils of two lycées; as adjoint.a, what a chef does, the avis excepted, which he did not delegate.",
            "\nEngineers:",
            f"  . {folder}/env && .venv/bin/pilotage status",
            f"  API {settings.url('gateway')}/api/v1, logs in {folder}/logs",
            "\nCtrl-C stops everything, in order; the data stays for the next `make demo`.\n",
        )
    )


def _accounts() -> list[dict[str, Any]]:
    first, second = lycees()[LYCEE_A], lycees()[LYCEE_B]
    return [
        _chef(CHEF, "Camille Ferrand", first),
        _chef("proviseur.b", "Dominique Lescot", second),
        _account(
            "adjoint.a",
            "Sacha Bellanger",
            "adjoint",
            f"Proviseur adjoint, {first.nom} ({first.commune})",
            lycees=[first.uai],
            delegations=["bourse"],
        ),
        _account(
            PROFESSEUR,
            "Maxence Thiéry",
            "professeur_principal",
            f"Professeur principal de la {CLASSE}, {first.nom} ({first.commune})",
            lycees=[first.uai],
            classes=[f"{first.uai}/{CLASSE}"],
        ),
        _account(
            "psyen",
            "Noor Sabatier",
            "psyen",
            f"Psychologue de l’éducation nationale, {first.nom} et {second.nom}",
            lycees=[first.uai, second.uai],
        ),
        _account(
            "saio",
            "Claude Marchetti",
            "saio",
            f"SAIO de l’académie de {_name_of(first)}",
            academies=[first.academie],
        ),
        _account("operateur", "Alix Tournier", "operateur", "Opérateur national", nation=True),
    ]


def _chef(login: str, name: str, lycee: Lycee) -> dict[str, Any]:
    title = f"Chef d’établissement, {lycee.nom} ({lycee.commune})"
    return _account(login, name, "chef", title, lycees=[lycee.uai])


def _account(login: str, name: str, role: str, title: str, **scope: Any) -> dict[str, Any]:
    return {"login": login, "password": _password(), "name": name, "role": role, "title": title, **scope}


def _name_of(lycee: Lycee) -> str:
    found = academie(lycee.academie)
    return found.nom if found else lycee.academie


def _password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(WORDS))

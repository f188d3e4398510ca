"""Demonstration accounts: one per role, kept from one version to the next."""

import json
from pathlib import Path

from deploy.local.accounts import accounts_file
from deploy.local.oidc_settings import read_accounts
from services.gateway.oidc import Revendications
from services.simulateur.population import LYCEE_A, Population
from shared.http.perimetre import MACHINES, Role


def test_there_is_an_account_of_every_role_that_the_gateway_takes(tmp_path: Path) -> None:
    comptes = read_accounts(accounts_file(tmp_path))
    perimetres = {nom: Revendications.model_validate(un.claims()).perimetre for nom, un in comptes.items()}
    assert {un.role for un in perimetres.values()} == set(Role) - MACHINES
    (professeur,) = (un for un in perimetres.values() if un.role is Role.PROFESSEUR_PRINCIPAL)
    classes = {f"{LYCEE_A}/{eleve.division}" for eleve in Population(lycees=[LYCEE_A]).eleves(LYCEE_A)}
    assert set(professeur.classes or ()) <= classes


def test_a_folder_of_an_earlier_version_keeps_its_passwords_and_gets_the_new_accounts(tmp_path: Path) -> None:
    fichier = accounts_file(tmp_path)
    anciens = json.loads(fichier.read_text())[:2]
    fichier.write_text(json.dumps(anciens))
    nouveaux = json.loads(accounts_file(tmp_path).read_text())
    assert nouveaux[:2] == anciens
    assert len(nouveaux) > len(anciens)
    assert json.loads(accounts_file(tmp_path).read_text()) == nouveaux

"""What is taken of a pupil writes the bytes of the contracts."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.ingest.siecle.lu import IdentiteLue, ScolariteLue
from shared.events.modeles import Contrat, Dispositif, EleveRemonte, IdentiteRemontee
from shared.nomenclatures import Serie

_IDENTITE = {"session": 2026, "nom": "LEBŒUF", "prenom": "Zoé", "naissance": date(2008, 5, 7), "sexe": "F"}
_SCOLARITE = {
    "session": 2026,
    "uai": "0750001A",
    "academie": "01",
    "departement": "075",
    "serie": Serie.GENERALE,
    "mef": "20210019110",
    "specialites": (),
    "sexe": "F",
    "codes_bourse": (),
    "cordees": False,
}


def contenu(contrat: type[Contrat], valeurs: dict[str, Any]) -> bytes:
    modele = contrat(**valeurs, eleve_id=UUID(int=0), version=0)
    return modele.model_dump_json(exclude={"eleve_id", "version"}, exclude_none=True).encode()


@pytest.mark.parametrize(
    "de_plus",
    [
        {},
        {"ine": "120000001AB", "nom_usage": 'D’"ARC" \\ <&>/\x7f\u2028', "prenom2": "Ana", "prenom3": "Léa"},
    ],
)
def test_an_identity_read_is_the_content_of_its_contract(de_plus: dict[str, Any]) -> None:
    valeurs = _IDENTITE | de_plus
    assert IdentiteLue(**valeurs).contenu == contenu(IdentiteRemontee, valeurs)


@pytest.mark.parametrize(
    "de_plus",
    [
        {},
        {
            "classe": "TG “1”/é",
            "regime": "2",
            "statut_scolaire": "ST",
            "specialites": ("MATHS", "PC"),
            "codes_bourse": ("1", "3"),
            "cordees": True,
            "dispositif": Dispositif.CORDEES,
            "date_entree": date(2025, 9, 1),
            "date_sortie": date(2026, 1, 2),
        },
    ],
)
def test_a_scolarite_read_is_the_content_of_its_contract(de_plus: dict[str, Any]) -> None:
    valeurs = _SCOLARITE | de_plus
    assert ScolariteLue(**valeurs).contenu == contenu(EleveRemonte, valeurs)

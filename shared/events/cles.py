"""The record's key of each event: what names its subject, so that the last state of a key is the subject's.

In a template ``{champ}`` is a field of the value and ``[…]`` is there only when its field is; ``{uuid}`` is drawn.
"""

import re
from collections.abc import Mapping
from typing import Any

_CLE_VOEU = "{eleve_id}/{voeu_id}[/{sous_voeu_id}]"
CLES: Mapping[str, str] = {
    "IdentiteRemontee": "{eleve_id}",
    "EleveRemonte": "{eleve_id}",
    "EleveSorti": "{eleve_id}",
    "IdentiteFusionnee": "{eleve_id}/fusion",
    "BulletinRemonte": "{eleve_id}/{annee}-{periode}",
    "DossierModifie": "{eleve_id}",
    "BourseSignalee": "{eleve_id}/bourse",
    "CaesModifiee": "{eleve_id}/caes",
    "VoeuModifie": _CLE_VOEU,
    "VoeuNonConfirme": "{eleve_id}/non_confirme/{voeu_id}[/{sous_voeu_id}]",
    "PropositionRecue": _CLE_VOEU,
    "PropositionExpiree": "{eleve_id}/expiration/{voeu_id}[/{sous_voeu_id}]",
    "ReponseEnregistree": _CLE_VOEU,
    "AccuseRecu": "{eleve_id}/{objet}",
    "EnseignantsRemontes": "{uai}",
    "FormationReferencee": "{formation_id}",
    "EtablissementReference": "{uai}",
    "CalendrierModifie": "{etape}",
    "EtapeAtteinte": "{etape}/atteinte",
    "SessionModifiee": "session",
    "StructureRemontee": "{uai}",
    "LyceeDecrit": "{uai}/lycee",
    "StatutModifie": "{eleve_id}",
    "BourseCertifiee": "{eleve_id}",
    "CordeesSaisies": "{eleve_id}",
    "SuiviModifie": "{eleve_id}",
    "MargeModifiee": "{uai}/{serie}",
    "IndicateurModifie": "{uai}/{serie}/{indicateur}",
    "AvisRendu": "{eleve_id}/{cible}",
    "FicheAvancee": "{eleve_id}",
    "IntentionsDeclarees": "{eleve_id}/{periode}",
    "ExportPret": "{export_id}",
    "AccesAudite": "{acteur}/{uuid}",
}

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MOTIFS: Mapping[str, str] = {
    "eleve_id": _UUID,
    "export_id": _UUID,
    "uuid": _UUID,
    "uai": "[0-9]{7}[A-Z]",
    "cible": r"[A-Za-z0-9_.:\-]+(/[A-Za-z0-9_.:\-]+)?",
}
_CODE = r"[A-Za-z0-9_.:\-]+"
_CHAMP = re.compile(r"\{(\w+)\}")
_OPTION = re.compile(r"\[([^\]]*)\]")
_TIRE = "5b1f0c7e-2d94-4a36-8f60-9c3e7a1b2d48"


def motif(modele: str) -> str:
    """Regular expression of the keys that a template makes."""
    morceaux = re.split(r"(\{\w+\}|\[|\])", modele)
    return "^" + "".join(_morceau(morceau) for morceau in morceaux) + "$"


def _morceau(texte: str) -> str:
    if trouve := _CHAMP.fullmatch(texte):
        return _MOTIFS.get(trouve[1], _CODE)
    return {"[": "(", "]": ")?"}.get(texte, texte.replace(".", r"\."))


def cle(modele: str, valeur: Mapping[str, Any]) -> str:
    """The key of one value; KeyError when a field of the template is missing."""
    connus = {"uuid": _TIRE, **{champ: str(contenu) for champ, contenu in valeur.items()}}

    def option(trouve: re.Match[str]) -> str:
        return trouve[1] if all(champ in connus for champ in _CHAMP.findall(trouve[1])) else ""

    return _CHAMP.sub(lambda trouve: connus[trouve[1]], _OPTION.sub(option, modele))

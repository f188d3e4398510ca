"""Pupils out of SYGNE (JSON): a list of pupils, or an object that holds one (siecle_reference §2)."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from services.ingest.readers.siecle import Lecture
from services.ingest.readers.siecle_recueil import ELEVES_MAX
from services.ingest.readers.xml import Flux
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.brut import EleveBrut, Origine

OCTETS_MAX = 16 << 20
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_ORIGINE = Origine("SYGNE", "Élève")
_SEXES = {"M": "1", "F": "2"}


class _Eleve(msgspec.Struct, gc=False):
    """The fields that are read, as SYGNE names them."""

    ine: str | None = None
    nom: str | None = None
    nomUsage: str | None = None  # noqa: N815 - the source's name
    prenom: str | None = None
    prenom2: str | None = None
    prenom3: str | None = None
    dateNaissance: str | None = None  # noqa: N815
    codeSexe: str | int | None = None  # noqa: N815
    codeUai: str | None = None  # noqa: N815
    anneeScolaire: str | int | None = None  # noqa: N815
    codeMef: str | None = None  # noqa: N815
    codeMefRatt: str | None = None  # noqa: N815
    classe: str | None = None
    codeRegime: str | int | None = None  # noqa: N815
    codeStatut: str | None = None  # noqa: N815
    dateDebSco: str | None = None  # noqa: N815
    dateFinSco: str | None = None  # noqa: N815


class _Objet(msgspec.Struct):
    eleves: list[_Eleve]


_DECODEUR = msgspec.json.Decoder(list[_Eleve])
_DECODEUR_OBJET = msgspec.json.Decoder(_Objet)


def lire_sygne(flux: Flux, parametres: dict[str, str], garder: Callable[[str | None], bool]) -> Lecture:
    """``parametres``: what the feed does not say; its UAI and year are those of its pupils.

    Raises:
        FichierRefuse: no JSON of SYGNE, too large, or pupils of several lycées or years.
    """
    eleves = _decoder(flux)
    dits = {
        **parametres,
        "UAJ": _seul(eleves, "codeUai", parametres.get("UAJ", "")),
        "ANNEE_SCOLAIRE": _seul(eleves, "anneeScolaire", parametres["ANNEE_SCOLAIRE"])[:4],
    }
    bruts = [_brut(rang, eleve) for rang, eleve in enumerate(eleves, 1)]
    return Lecture(dits, len(eleves), [brut for brut in bruts if garder(brut.mef or None)])


def _decoder(flux: Flux) -> list[_Eleve]:
    brut = bytearray()
    while morceau := flux.read(1 << 20):
        brut += morceau
        if len(brut) > OCTETS_MAX:
            raise FichierRefuse("TROP_GROS", f"Le fichier dépasse {OCTETS_MAX >> 20} Mo.")
    propre = bytes(brut).removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        eleves = _DECODEUR.decode(propre) if propre[:1] == b"[" else _DECODEUR_OBJET.decode(propre).eleves
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as erreur:
        raise FichierRefuse("JSON", _phrase(erreur)) from erreur
    if not eleves or len(eleves) > ELEVES_MAX:
        raise FichierRefuse("JSON", "Ce fichier JSON ne contient pas les élèves d’un lycée (SYGNE).")
    return eleves


def _phrase(erreur: Exception) -> str:
    place = re.search(r"\$(\.eleves)?\[(\d+|\.\.\.)\]\.(\w{1,20})", str(erreur))
    if place:
        return f"Ce fichier JSON n’est pas celui de SYGNE : le champ « {place[3]} » n’y est pas un texte."
    return "Ce fichier JSON est abîmé, ou n’est pas celui des élèves de SYGNE : refaites l’extraction."


def _seul(eleves: list[_Eleve], champ: str, defaut: str) -> str:
    valeurs = {str(valeur) for valeur in (getattr(eleve, champ) for eleve in eleves) if valeur is not None}
    if len(valeurs) > 1:
        raise FichierRefuse(
            "PLUSIEURS", f"Le fichier mêle des élèves de plusieurs établissements ou années ({champ})."
        )
    return valeurs.pop() if valeurs else defaut


def _brut(rang: int, eleve: _Eleve) -> EleveBrut:
    sexe = _texte(eleve.codeSexe)
    champs = {
        "ID_NATIONAL": _texte(eleve.ine),
        "NOM_DE_FAMILLE": _texte(eleve.nom),
        "NOM_USAGE": _texte(eleve.nomUsage),
        "PRENOM": _texte(eleve.prenom),
        "PRENOM2": _texte(eleve.prenom2),
        "PRENOM3": _texte(eleve.prenom3),
        "DATE_NAISS": _date(eleve.dateNaissance),
        "CODE_SEXE": _SEXES.get(sexe, sexe),
        "CODE_REGIME": _texte(eleve.codeRegime),
        "CODE_STATUT": _texte(eleve.codeStatut),
        "CODE_MEF": _texte(eleve.codeMef),
        "DATE_ENTREE": _date(eleve.dateDebSco),
        "DATE_SORTIE": _date(eleve.dateFinSco),
    }
    classe = _texte(eleve.classe)
    return EleveBrut(
        rang,
        "",
        champs,
        divisions=[classe] if classe else [],
        rattachement=_texte(eleve.codeMefRatt),
        origine=_ORIGINE,
    )


def _texte(valeur: Any) -> str:
    return "" if valeur is None else str(valeur).strip()


def _date(valeur: str | None) -> str:
    """As SIECLE writes it; what is no ISO date stays as it is, for the analysis to tell."""
    trouve = _ISO.fullmatch((valeur or "").strip()[:10])
    return f"{trouve[3]}/{trouve[2]}/{trouve[1]}" if trouve else (valeur or "").strip()

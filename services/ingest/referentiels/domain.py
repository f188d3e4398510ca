"""Rows of the public files become rows of the référentiels. Pure.

Sources: ``fr-esr-parcoursup`` (MESR), the annuaire de l'éducation, BCN ``N_MEF``. A line that cannot be
read is a reject with its reason; nothing is guessed.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from services.ingest.readers.csv_ouvert import Colonne, plat
from shared.nomenclatures import Famille, academies, departement_de_uai, uai_valide

ETRANGER = "00"
"""Académie of what is abroad (siecle_reference §3.4)."""
_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,40}")
_TEXTE_MAX = 300
_UAI = re.compile(r"[0-9]{7}[A-Z]")
_MEF = re.compile(r"\d{10,11}")
_MEFSTAT = re.compile(r"[0-9A-Z]{11}")

FORMATIONS = (
    Colonne("formation_id", ("formation_id", "cod_aff_form"), obligatoire=False),
    Colonne("uai", ("cod_uai", "uai", "Code UAI de l'établissement"), obligatoire=False),
    Colonne("etablissement", ("g_ea_lib_vx", "etablissement", "Établissement")),
    Colonne("libelle", ("lib_for_voe_ins", "formation", "libelle", "Filière de formation")),
    Colonne("detail", ("detail_forma", "Filière de formation très détaillée"), obligatoire=False),
    Colonne("famille", ("fili", "famille", "Filière de formation très agrégée")),
    Colonne("selective", ("select_form", "selectivite", "Sélectivité")),
    Colonne("academie", ("acad_mies", "academie", "Académie de l’établissement")),
    Colonne("capacite", ("capa_fin", "capacite", "Capacité de l’établissement par formation"), obligatoire=False),
    Colonne("commune", ("ville_etab", "commune", "Commune de l’établissement"), obligatoire=False),
    Colonne("groupe", ("groupe",), obligatoire=False),
)  # fmt: skip
ETABLISSEMENTS = (
    Colonne("uai", ("uai", "numero_uai", "identifiant_de_l_etablissement", "code_etablissement", "Code UAI")),
    Colonne("nom", ("nom", "nom_etablissement", "appellation_officielle", "Nom de l’établissement")),
    Colonne("commune", ("commune", "nom_commune", "libelle_commune", "ville"), obligatoire=False),
    Colonne("departement", ("code_departement", "departement", "dep"), obligatoire=False),
    Colonne("academie", ("code_academie", "academie", "libelle_academie"), obligatoire=False),
    Colonne("secteur", ("secteur", "secteur_public_prive_libe", "statut_public_prive", "statut"), obligatoire=False),
)  # fmt: skip
MEFS = (
    Colonne("mef", ("MEF", "CODE_MEF")),
    Colonne("mefstat11", ("MEF_STAT_11", "MEFSTAT11")),
    Colonne("libelle", ("LIBELLE_LONG", "LIBELLE_EDITION", "libelle")),
    Colonne("fermeture", ("DATE_FERMETURE", "fermeture"), obligatoire=False),
)
_FAMILLES: Mapping[str, Famille] = {
    "licence": Famille.LICENCE,
    "licence las": Famille.LAS,
    "l as": Famille.LAS,
    "las": Famille.LAS,
    "pass": Famille.PASS,
    "but": Famille.BUT,
    "dut": Famille.BUT,
    "bts": Famille.BTS,
    "cpge": Famille.CPGE,
    "ecole d ingenieur": Famille.INGENIEUR,
    "ecole d ingenieurs": Famille.INGENIEUR,
    "ingenieur": Famille.INGENIEUR,
    "ecole de commerce": Famille.COMMERCE,
    "commerce": Famille.COMMERCE,
    "ifsi": Famille.IFSI,
    "efts": Famille.EFTS,
    "autre formation": Famille.AUTRE,
    "autre": Famille.AUTRE,
}
_SELECTIVES = {
    "formation selective": True,
    "formation non selective": False,
    "1": True,
    "0": False,
    "oui": True,
    "non": False,
    "true": True,
    "false": False,
}
_AUTRES_NOMS = {"st pierre et miquelon": "44", "wallis et futuna": "42"}
_ETRANGERS = frozenset({"etranger", "00", "0", "hors academie"})


class LigneRefusee(Exception):  # noqa: N818 - the field's own word
    """``code`` and ``phrase`` go into the compte rendu."""

    def __init__(self, code: str, phrase: str) -> None:
        super().__init__(code)
        self.code = code
        self.phrase = phrase


class Lu(NamedTuple):
    """A row read: its key, and what is stored of it."""

    cle: str
    valeurs: dict[str, Any]


class LecteurFormations:
    """Formations, one line after another: the id that the public file lacks depends on the lines before."""

    def __init__(self) -> None:
        self._rangs: Counter[tuple[str, str]] = Counter()

    def __call__(self, champs: Mapping[str, str]) -> Lu:
        famille = _FAMILLES.get(plat(champs["famille"]))
        selective = _SELECTIVES.get(plat(champs["selective"]))
        if famille is None:
            raise LigneRefusee("FAMILLE", f"La filière « {champs['famille'][:60]} » n’est pas connue.")
        if selective is None:
            raise LigneRefusee(
                "SELECTIVITE", f"La sélectivité « {champs['selective'][:60]} » n’est pas connue."
            )
        brut = _libelle(champs)
        if not brut or not champs["etablissement"]:
            raise LigneRefusee("LIBELLE", "La formation ou l’établissement n’a pas de nom.")
        uai = champs["uai"].upper() or None
        identifiant = champs["formation_id"] or self._identifiant(uai or "", brut)
        if not _CODE.fullmatch(identifiant):
            raise LigneRefusee("IDENTIFIANT", "L’identifiant de la formation n’est pas lisible.")
        groupe = champs["groupe"] or None
        return Lu(
            identifiant,
            {
                "libelle": _texte(brut),
                "etablissement": _texte(champs["etablissement"]),
                "uai": uai if uai and _UAI.fullmatch(uai) else None,
                "famille": famille.value,
                "selective": selective,
                "academie": academie_dite(champs["academie"], uai),
                "capacite": _entier(champs["capacite"]),
                "commune": _texte(champs["commune"]) or None,
                "groupe": groupe if groupe and _CODE.fullmatch(groupe) else None,
            },
        )

    def _identifiant(self, uai: str, libelle: str) -> str:
        """That of the built-in catalogue, for the lines that both hold."""
        self._rangs[uai, libelle] += 1
        return identifiant_formation(uai, libelle, self._rangs[uai, libelle])


def identifiant_formation(uai: str, libelle: str, rang: int) -> str:
    """Stable as long as the file keeps the order of the formations alike; ``rang`` from 1 among them."""
    somme = blake2b(f"{uai}|{libelle}|{rang}".encode(), digest_size=5).digest()
    return f"F{int.from_bytes(somme) % 100_000_000:08d}"


def _libelle(champs: Mapping[str, str]) -> str:
    detail = champs["detail"]
    return (
        f"{champs['libelle']} - {detail}" if detail and detail not in champs["libelle"] else champs["libelle"]
    )


def lire_etablissement(champs: Mapping[str, str]) -> Lu:
    uai = champs["uai"].upper()
    if not uai_valide(uai):
        raise LigneRefusee("UAI", "L’UAI n’est pas valide.")
    if not champs["nom"]:
        raise LigneRefusee("LIBELLE", "L’établissement n’a pas de nom.")
    secteur = "PRIVE" if plat(champs["secteur"]).startswith("prive") else "PUBLIC"
    return Lu(
        uai,
        {
            "nom": _texte(champs["nom"]),
            "commune": _texte(champs["commune"]),
            "departement": departement_de_uai(uai) or ETRANGER,
            "academie": academie_dite(champs["academie"], uai),
            "secteur": secteur,
        },
    )


def lire_mef(champs: Mapping[str, str]) -> Lu:
    """The base writes ten digits; an eleventh, the local variant, is dropped."""
    if not _MEF.fullmatch(champs["mef"]) or not _MEFSTAT.fullmatch(champs["mefstat11"]):
        raise LigneRefusee("MEF", "Le code MEF ou le MEFSTAT11 n’est pas lisible.")
    return Lu(
        champs["mef"][:10],
        {
            "mefstat11": champs["mefstat11"],
            "libelle": _texte(champs["libelle"]),
            "fermeture": _jour(champs["fermeture"]),
        },
    )


def academie_dite(texte: str, uai: str | None) -> str:
    """Code of an académie from its name or its code; that of the UAI's département when the file says none.

    Raises:
        LigneRefusee: not an académie.
    """
    dit = plat(texte)
    if not dit and uai is None:
        raise LigneRefusee("ACADEMIE", "L’académie manque.")
    if not dit:
        return _par_uai(uai) or ETRANGER
    if dit in _ETRANGERS:
        return ETRANGER
    trouvee = _academies().get(dit) or _academies().get(dit.zfill(2))
    if trouvee is None:
        raise LigneRefusee("ACADEMIE", f"L’académie « {texte[:60]} » n’est pas connue.")
    return trouvee


def _par_uai(uai: str | None) -> str | None:
    departement = departement_de_uai(uai) if uai else None
    return next((a.code for a in academies().values() if departement in a.departements), None)


@lru_cache(maxsize=1)
def _academies() -> dict[str, str]:
    return (
        {plat(a.nom): a.code for a in academies().values()}
        | {code: code for code in academies()}
        | _AUTRES_NOMS
    )


def _texte(texte: str) -> str:
    return " ".join(texte.replace("'", "’").split())[:_TEXTE_MAX]


def _entier(texte: str) -> int | None:
    """A capacity; None when it is not published."""
    try:
        return int(float(texte.replace(",", "."))) if texte else None
    except (ValueError, OverflowError):
        return None


def _jour(texte: str) -> date | None:
    for forme in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(texte, forme).date()  # noqa: DTZ007 - a date without hour
        except ValueError:
            continue
    return None

"""Rules of a SIECLE file: its header, what makes a pupil importable, the effective scolarité.

Pure. Sources: siecle_reference §1.3, §1.10, §3, §5; facts_and_effects §1.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.dispositifs.domain import Porteurs
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.brut import EleveBrut
from services.ingest.siecle.entete import Entete
from services.ingest.siecle.ine import avertir_ine, ine_de
from services.ingest.structures.domain import Tables
from shared.events.modeles import EleveRemonte, IdentiteRemontee
from shared.nomenclatures import (
    Serie,
    academie_de_uai,
    departement_de_uai,
    est_terminale,
    serie_du_mef,
)

_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,40}")
_SEXES = {"1": "M", "2": "F"}
_INACTIFS = "INACTIFS"
_TEXTE_MAX = 300
_CODE_MONTRE = 20
_MATIERES_MONTREES = 12
_ID_MAX = 20
_CONTROLES = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
EXTERIEUR = "00"
"""Académie of the lycées abroad (siecle_reference §3.4)."""


def mef_a_garder(mef: str | None) -> bool:
    """Terminales; unknown codes because they must be told; no code because the division may tell it."""
    return mef is None or est_terminale(mef) is not False


@dataclass(frozen=True, slots=True)
class Regles:
    """What the pupils' file is judged with besides itself: tables of the lycée, carriers of Cordées."""

    tables: Tables = field(default_factory=Tables)
    porteurs: Porteurs = field(default_factory=Porteurs)


SANS_REGLE = Regles()


@dataclass(frozen=True, slots=True)
class EleveLu:
    """A pupil taken from the file. Models carry a null id and version 0 until identity is known."""

    rang: int
    eleve_id_siecle: str
    ine: str | None
    identite: IdentiteRemontee
    scolarite: EleveRemonte

    @property
    def sorti(self) -> bool:
        return self.scolarite.date_sortie is not None


@dataclass(slots=True)
class Tri:
    """The pupils of a file, sorted out. ``ignores``: reason → number."""

    eleves: list[EleveLu]
    lignes: list[Ligne]
    ignores: Counter[str]


class _Rejet(Exception):  # noqa: N818 - internal: leaves the reading of one pupil
    """``champ``: the one to mend, by its tag of BEE_ELEVES."""

    def __init__(self, code: str, phrase: str, champ: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.phrase = phrase
        self.champ = champ


def trier(bruts: Sequence[EleveBrut], entete: Entete, regles: Regles = SANS_REGLE) -> Tri:
    """Importable pupils, and a line for each that is refused or doubtful.

    Raises:
        FichierRefuse: no pupil can be imported.
    """
    tri = Tri([], [], Counter())
    en_double = _doubles(bruts)
    for brut in bruts:
        ine = ine_de(brut.champs)
        try:
            _refuser_double(en_double.get(brut.rang))
            _prendre(brut, ine, entete, regles, tri)
        except _Rejet as rejet:
            tri.lignes.append(_ligne(brut, rejet.code, rejet.phrase, Gravite.REJET, ine, champ=rejet.champ))
    if not any(not eleve.sorti for eleve in tri.eleves):
        raise FichierRefuse("SANS_ELEVE", _aucun(tri), tri.lignes)
    return tri


def _ligne(
    brut: EleveBrut, code: str, phrase: str, gravite: Gravite, ine: str | None, *, champ: str | None = None
) -> Ligne:
    situee = brut.origine.situer(phrase, brut.rang, champ)
    return Ligne(brut.rang, code, situee, gravite, ine, eleve_siecle=brut.eleve_id or None)


def _refuser_double(motif: tuple[str, str] | None) -> None:
    if motif:
        raise _Rejet(*motif)


def _aucun(tri: Tri) -> str:
    if tri.lignes:
        return f"Aucun élève de terminale ne peut être intégré : {tri.lignes[0].phrase}"
    return "Le fichier ne contient aucun élève de terminale scolarisé : vérifiez l’export."


def _prendre(brut: EleveBrut, ine: str | None, entete: Entete, regles: Regles, tri: Tri) -> None:
    if est_terminale(brut.mef) is None:
        raise _Rejet("ACMEF", _mef_inconnu(brut), "CODE_MEF")
    eleve = _eleve(brut, ine, entete, regles)
    motif = None if eleve.sorti else _motif_d_ignorer(brut)
    if motif:
        tri.ignores[motif] += 1
        tri.lignes.append(_ligne(brut, motif, _MOTIFS[motif], Gravite.IGNORE, ine))
        return
    tri.eleves.append(eleve)
    if avertissement := avertir_ine(brut.champs, ine):
        tri.lignes.append(
            _ligne(brut, "IDNAT", avertissement, Gravite.AVERTISSEMENT, ine, champ="ID_NATIONAL")
        )
    if inconnues := _matieres_inconnues(brut, regles.tables):
        phrase = f"Matière inconnue ({inconnues}) : cette option n’est pas prise, l’élève l’est. Vérifiez-la dans SIECLE."
        tri.lignes.append(_ligne(brut, "INOPT", phrase, Gravite.PARTIEL, ine))


def _mef_inconnu(brut: EleveBrut) -> str:
    code = brut.champs.get("CODE_MEF", "")
    if not code:
        division = brut.divisions[0][:_CODE_MONTRE] if brut.divisions else "?"
        return (
            f"La formation (MEF) de l’élève n’est pas dans le fichier, et sa division « {division} » n’en a pas une "
            "seule : déposez l’export « Structures » de SIECLE, ou complétez la fiche dans SIECLE."
        )
    montre = code if _CODE.fullmatch(code) else "illisible"
    return f"La formation (MEF {montre}) est inconnue : corrigez-la dans SIECLE."


def _matieres_inconnues(brut: EleveBrut, tables: Tables) -> str:
    inconnues = [
        *(code for code in brut.matieres if not tables.connait(code)),
        *(cle for cle in brut.cles_gestion if not tables.connait_cle(cle)),
    ]
    montrees = dict.fromkeys(code if _CODE.fullmatch(code) else "illisible" for code in inconnues)
    return ", ".join(list(montrees)[:_MATIERES_MONTREES])


_MOTIFS = {
    "INACTIF": "L’élève est dans la division « Inactifs » : il n’est pas pris en compte.",
    "GROUPES_SEULS": "L’élève n’est que dans des groupes, sans division : il n’est pas pris en compte.",
    "SANS_DIVISION": "L’élève n’est dans aucune division : il n’est pas pris en compte.",
}


def _motif_d_ignorer(brut: EleveBrut) -> str | None:
    if brut.divisions and brut.divisions[0].upper() == _INACTIFS:
        return "INACTIF"
    if brut.divisions:
        return None
    return "GROUPES_SEULS" if brut.groupes else "SANS_DIVISION"


def _doubles(bruts: Iterable[EleveBrut]) -> dict[int, tuple[str, str]]:
    """Rang → why. Nothing says which of two lines is right: both are refused."""
    trouves: dict[int, tuple[str, str]] = {}
    for code, phrase, cle in (
        (
            "INE_DOUBLE",
            "Le même INE est porté par plusieurs lignes du fichier : corrigez-le dans SIECLE.",
            _ine_du_brut,
        ),
        (
            "ELEVE_ID_DOUBLE",
            "Le même identifiant SIECLE est porté par plusieurs lignes du fichier : refaites l’export.",
            _eleve_id,
        ),
    ):
        rangs: dict[str, list[int]] = {}
        for brut in bruts:
            if valeur := cle(brut):
                rangs.setdefault(valeur, []).append(brut.rang)
        trouves |= {rang: (code, phrase) for liste in rangs.values() if len(liste) > 1 for rang in liste}
    return trouves


def _eleve_id(brut: EleveBrut) -> str | None:
    return brut.eleve_id or None


def _ine_du_brut(brut: EleveBrut) -> str | None:
    return ine_de(brut.champs)


_SANS_ID = UUID(int=0)


def _eleve(brut: EleveBrut, ine: str | None, entete: Entete, regles: Regles) -> EleveLu:
    _exiger_un_identifiant(brut, ine)
    sexe = _SEXES.get(brut.champs.get("CODE_SEXE", ""))
    if sexe is None:
        raise _Rejet(
            "CSEXE",
            "Le sexe de l’élève manque ou n’est pas 1 ou 2 : complétez sa fiche dans SIECLE.",
            "CODE_SEXE",
        )
    identite = IdentiteRemontee(
        session=entete.session,
        eleve_id=_SANS_ID,
        version=0,
        ine=ine,
        nom=_obligatoire(brut.champs, ("NOM_DE_FAMILLE", "NOM"), "ELNOM", "Le nom"),
        nom_usage=_texte(brut.champs, "NOM_USAGE"),
        prenom=_obligatoire(brut.champs, ("PRENOM",), "ELPRE", "Le prénom"),
        prenom2=_texte(brut.champs, "PRENOM2"),
        prenom3=_texte(brut.champs, "PRENOM3"),
        naissance=_naissance(brut.champs),
        sexe=sexe,
    )
    return EleveLu(brut.rang, brut.eleve_id, ine, identite, _scolarite(brut, entete, sexe, regles))


def _exiger_un_identifiant(brut: EleveBrut, ine: str | None) -> None:
    """ELEVE_ID in SIECLE's XML; in the formats that have none, the INE."""
    if brut.eleve_id.isascii() and brut.eleve_id.isdigit() and len(brut.eleve_id) <= _ID_MAX:
        return
    if not brut.origine.unite:
        raise _Rejet("ELEVE_ID", "L’identifiant SIECLE de l’élève (ELEVE_ID) manque : refaites l’export.")
    if brut.eleve_id or ine is None:
        raise _Rejet(
            "IDNAT",
            "L’INE de l’élève manque ou n’est pas lisible, et ce format n’a pas d’autre identifiant : "
            "complétez-le dans SIECLE, ou déposez l’export XML.",
            "ID_NATIONAL",
        )


def _scolarite(brut: EleveBrut, entete: Entete, sexe: str, regles: Regles) -> EleveRemonte:
    champs = brut.champs
    mef = champs.get("CODE_MEF") or brut.mef
    if not _CODE.fullmatch(mef):
        mef = brut.mef
    serie = serie_du_mef(brut.mef) or Serie.AUTRE
    dispositif = regles.porteurs.dispositif(brut.dpps, brut.groupes)
    academie = academie_de_uai(entete.uai)
    sortie = _date(champs, "DATE_SORTIE", "SORTI", "La date de sortie")
    return EleveRemonte(
        session=entete.session,
        eleve_id=_SANS_ID,
        version=0,
        uai=entete.uai,
        academie=academie.code if academie else EXTERIEUR,
        departement=departement_de_uai(entete.uai) or "099",
        classe=_propre(brut.divisions[0])[:_TEXTE_MAX] or None if brut.divisions else None,
        serie=serie,
        mef=mef,
        regime=_code(champs, "CODE_REGIME"),
        statut_scolaire=_code(champs, "CODE_STATUT"),
        specialites=_specialites(brut, regles.tables) if serie is Serie.GENERALE else (),
        sexe=sexe,
        codes_bourse=tuple(sorted({code for code in brut.bourses if _CODE.fullmatch(code)})),
        date_entree=_date(champs, "DATE_ENTREE", "SCOAC", "La date d’entrée"),
        date_sortie=sortie if sortie and sortie <= entete.jour else None,
        cordees=dispositif is not None,
        dispositif=dispositif,
    )


def _specialites(brut: EleveBrut, tables: Tables) -> tuple[str, ...]:
    """Keys (``MATHS``, ``PC``…) in the order of the options, each once."""
    trouvees = [
        *(tables.specialite(matiere) for matiere in brut.matieres),
        *(tables.specialite_par_cle(cle) for cle in brut.cles_gestion),
    ]
    return tuple(dict.fromkeys(cle for cle in trouvees if cle))


def _texte(champs: Mapping[str, str], nom: str) -> str | None:
    return _propre(champs.get(nom, ""))[:_TEXTE_MAX] or None


def _propre(texte: str) -> str:
    """Without what no name holds and no database takes: control characters, lone surrogates."""
    return _CONTROLES.sub(" ", texte).strip() if _CONTROLES.search(texte) else texte


def _code(champs: Mapping[str, str], nom: str) -> str | None:
    valeur = champs.get(nom, "")
    return valeur if _CODE.fullmatch(valeur) else None


def _obligatoire(champs: Mapping[str, str], noms: Sequence[str], code: str, quoi: str) -> str:
    valeur = next((propre for nom in noms if (propre := _propre(champs.get(nom, "")))), "")
    if not valeur:
        raise _Rejet(code, f"{quoi} de l’élève manque : complétez sa fiche dans SIECLE.", noms[0])
    if len(valeur) > _TEXTE_MAX:
        raise _Rejet(code, f"{quoi} de l’élève est trop long : corrigez sa fiche dans SIECLE.", noms[0])
    return valeur


def _naissance(champs: Mapping[str, str]) -> date:
    naissance = _date(champs, "DATE_NAISS", "DNAIS", "La date de naissance")
    if naissance is None:
        raise _Rejet(
            "DNAIS",
            "La date de naissance de l’élève manque : complétez sa fiche dans SIECLE.",
            "DATE_NAISS",
        )
    return naissance


def _date(champs: Mapping[str, str], nom: str, code: str, quoi: str) -> date | None:
    texte = champs.get(nom, "")
    if not texte:
        return None
    trouve = _DATE.fullmatch(texte)
    try:
        return date(int(trouve[3]), int(trouve[2]), int(trouve[1])) if trouve else _illisible(code, quoi, nom)
    except ValueError:
        return _illisible(code, quoi, nom)


def _illisible(code: str, quoi: str, champ: str) -> date:
    raise _Rejet(code, f"{quoi} de l’élève n’est pas au format JJ/MM/AAAA : corrigez-la dans SIECLE.", champ)

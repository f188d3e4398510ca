"""What is taken of an importable pupil. Pure; a :class:`Preneur` serves one file."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from services.ingest.dispositifs.domain import Porteurs
from services.ingest.siecle import champs as c
from services.ingest.siecle.brut import EleveBrut
from services.ingest.siecle.champs import RejetError
from services.ingest.siecle.entete import Entete
from services.ingest.siecle.lu import EleveLu, IdentiteLue, ScolariteLue
from services.ingest.structures.domain import Tables
from shared.nomenclatures import Serie, academie_de_uai, departement_de_uai, est_terminale, serie_du_mef

_SEXES = {"1": "M", "2": "F"}
_ID_MAX = 20
_MEFS = 256
EXTERIEUR = "00"
"""Académie of the lycées abroad (siecle_reference §3.4)."""


class Preneur:
    """Takes pupils of one file; what depends on the file, or on one of few values, is worked out once."""

    def __init__(self, entete: Entete, tables: Tables, porteurs: Porteurs) -> None:
        academie = academie_de_uai(entete.uai)
        self._academie = academie.code if academie else EXTERIEUR
        self._departement = departement_de_uai(entete.uai) or "099"
        self._uai, self._session, self._jour = entete.uai, entete.session, entete.jour
        self._porteurs = porteurs
        self._tables = tables
        self.niveau = lru_cache(_MEFS)(est_terminale)
        self._serie = lru_cache(_MEFS)(serie_du_mef)
        self._options: dict[tuple[tuple[str, ...], tuple[str, ...]], _Options] = {}

    def prendre(self, brut: EleveBrut, ine: str | None) -> EleveLu:
        """Raises RejetError when what nobody may lack is missing or unreadable."""
        champs = brut.champs
        _exiger_un_identifiant(brut, ine)
        sexe = _SEXES.get(champs.get("CODE_SEXE", ""))
        if sexe is None:
            phrase = "Le sexe de l’élève manque ou n’est pas 1 ou 2 : complétez sa fiche dans SIECLE."
            raise RejetError("CSEXE", phrase, "CODE_SEXE")
        identite = IdentiteLue(
            session=self._session,
            ine=ine,
            nom=c.obligatoire(champs, ("NOM_DE_FAMILLE", "NOM"), "ELNOM", "Le nom"),
            nom_usage=c.texte(champs, "NOM_USAGE"),
            prenom=c.obligatoire(champs, ("PRENOM",), "ELPRE", "Le prénom"),
            prenom2=c.texte(champs, "PRENOM2"),
            prenom3=c.texte(champs, "PRENOM3"),
            naissance=_naissance(brut),
            sexe=sexe,
        )
        return EleveLu(brut.rang, brut.eleve_id, ine, identite, self._scolarite(brut, sexe))

    def matieres_inconnues(self, brut: EleveBrut) -> Sequence[str]:
        """Codes, then short keys, that neither the lycée's tables nor ours know."""
        return self._options_de(brut).inconnues

    def _scolarite(self, brut: EleveBrut, sexe: str) -> ScolariteLue:
        champs, mef = brut.champs, brut.mef
        lu = champs.get("CODE_MEF") or mef
        serie = self._serie(mef) or Serie.AUTRE
        dispositif = self._porteurs.dispositif(brut.dpps, brut.groupes)
        sortie = c.jour(champs, "DATE_SORTIE", "SORTI", "La date de sortie")
        return ScolariteLue(
            session=self._session,
            uai=self._uai,
            academie=self._academie,
            departement=self._departement,
            classe=c.propre(brut.divisions[0])[: c.TEXTE_MAX] or None if brut.divisions else None,
            serie=serie,
            mef=lu if c.est_code(lu) else mef,
            regime=c.code(champs, "CODE_REGIME"),
            statut_scolaire=c.code(champs, "CODE_STATUT"),
            specialites=self._options_de(brut).specialites if serie is Serie.GENERALE else (),
            sexe=sexe,
            codes_bourse=tuple(sorted({code for code in brut.bourses if c.est_code(code)}))
            if brut.bourses
            else (),
            date_entree=c.jour(champs, "DATE_ENTREE", "SCOAC", "La date d’entrée"),
            date_sortie=sortie if sortie and sortie <= self._jour else None,
            cordees=dispositif is not None,
            dispositif=dispositif,
        )

    def _options_de(self, brut: EleveBrut) -> "_Options":
        """Pupils of a class have the same few sets of options."""
        cle = (tuple(brut.matieres), tuple(brut.cles_gestion))
        connues = self._options.get(cle)
        if connues is None:
            connues = self._options[cle] = _options(*cle, self._tables)
        return connues


class _Options(NamedTuple):
    """``specialites``: keys (``MATHS``, ``PC``…) in the order of the options, each once."""

    specialites: tuple[str, ...]
    inconnues: tuple[str, ...]


def _options(matieres: Sequence[str], cles: Sequence[str], tables: Tables) -> _Options:
    trouvees = [tables.specialite(matiere) for matiere in matieres]
    trouvees += [tables.specialite_par_cle(cle) for cle in cles]
    inconnues = [code for code in matieres if not tables.connait(code)]
    inconnues += [cle for cle in cles if not tables.connait_cle(cle)]
    return _Options(tuple(dict.fromkeys(cle for cle in trouvees if cle)), tuple(inconnues))


def _exiger_un_identifiant(brut: EleveBrut, ine: str | None) -> None:
    """ELEVE_ID in SIECLE's XML; in the formats that have none, the INE."""
    if brut.eleve_id.isascii() and brut.eleve_id.isdigit() and len(brut.eleve_id) <= _ID_MAX:
        return
    if not brut.origine.unite:
        raise RejetError("ELEVE_ID", "L’identifiant SIECLE de l’élève (ELEVE_ID) manque : refaites l’export.")
    if brut.eleve_id or ine is None:
        raise RejetError(
            "IDNAT",
            "L’INE de l’élève manque ou n’est pas lisible, et ce format n’a pas d’autre identifiant : "
            "complétez-le dans SIECLE, ou déposez l’export XML.",
            "ID_NATIONAL",
        )


def _naissance(brut: EleveBrut) -> date:
    naissance = c.jour(brut.champs, "DATE_NAISS", "DNAIS", "La date de naissance")
    if naissance is None:
        phrase = "La date de naissance de l’élève manque : complétez sa fiche dans SIECLE."
        raise RejetError("DNAIS", phrase, "DATE_NAISS")
    return naissance

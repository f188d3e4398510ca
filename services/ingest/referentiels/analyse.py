"""From a deposited référentiel to its differences: rows with a new version, events, what they correct."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.contexte import Analyse, Conclusion
from services.ingest.readers.csv_ouvert import Colonne, lire
from services.ingest.referentiels import attente, scolarites, store
from services.ingest.referentiels.domain import (
    ETABLISSEMENTS,
    FORMATIONS,
    MEFS,
    LecteurFormations,
    LigneRefusee,
    Lu,
    lire_etablissement,
    lire_mef,
)
from services.ingest.referentiels.memoire import ETABLISSEMENT, FORMATION, MEF
from services.ingest.referentiels.store import Connue
from services.ingest.refus import AConfirmer, FichierRefuse
from shared.events import topics as t
from shared.events.enveloppe import evenement
from shared.events.modeles import EtablissementReference, FormationReferencee
from shared.nomenclatures import Famille, Formation, formations
from shared.nomenclatures.complement import Complement, avec, courant

_MONTRES = 500
Lignes = Mapping[str, tuple[int, Mapping[str, Any]]]
"""By key: the new version, and the values."""


@dataclass(slots=True)
class _Differences:
    nouvelles: dict[str, tuple[int, Mapping[str, Any]]]
    changees: dict[str, tuple[int, Mapping[str, Any]]]
    revenues: list[str]
    absentes: list[str]

    @property
    def lignes(self) -> Lignes:
        return self.nouvelles | self.changees


async def analyser_formations(analyse: Analyse) -> Conclusion:
    """The vœux of corrected formations are published again afterwards; those that waited for one go now."""
    connues, differences = await _integrer(analyse, FORMATION, FORMATIONS, LecteurFormations())
    for cle, (version, valeurs) in differences.lignes.items():
        modele = FormationReferencee.model_validate(
            {"session": analyse.session, "version": version, "formation_id": cle, **valeurs}
        )
        _emettre(analyse, t.FORMATION, modele, cle)
    corrigees = [
        cle for cle in differences.lignes if _corrige(cle, connues.get(cle), differences.lignes[cle][1])
    ]
    await store.corriger(analyse.tx, analyse.session, analyse.import_id, corrigees)
    analyse.compte_rendu.compter("a_reemettre", len(corrigees))
    await _liberer(analyse, differences.lignes)
    return Conclusion()


async def analyser_etablissements(analyse: Analyse) -> Conclusion:
    """Pupils of a lycée whose académie changes are published again, in the same import."""
    _, differences = await _integrer(analyse, ETABLISSEMENT, ETABLISSEMENTS, lire_etablissement)
    for cle, (version, valeurs) in differences.lignes.items():
        modele = EtablissementReference.model_validate(
            {"session": analyse.session, "version": version, "uai": cle, **valeurs}
        )
        _emettre(analyse, t.ETABLISSEMENT, modele, cle)
    academies = {uai: str(valeurs["academie"]) for uai, (_, valeurs) in differences.lignes.items()}
    analyse.compte_rendu.compter("eleves_reemis", await scolarites.changer_academies(analyse, academies))
    return Conclusion()


async def analyser_mef(analyse: Analyse) -> Conclusion:
    """No event: the série is on the pupils' own facts. Files read afterwards know the new codes."""
    await _integrer(analyse, MEF, MEFS, lire_mef)
    return Conclusion()


async def _integrer(
    analyse: Analyse, objet: str, colonnes: tuple[Colonne, ...], lecteur: Callable[[Mapping[str, str]], Lu]
) -> tuple[Mapping[str, Connue], _Differences]:
    lus = await asyncio.to_thread(_lire, analyse, colonnes, lecteur)
    connues = await store.lire(analyse.tx, analyse.session, objet)
    differences = _comparer(lus, connues)
    _compter(analyse, lus, connues, differences)
    _demander_si_beaucoup_manquent(analyse, connues, differences)
    if differences.lignes:
        await store.ecrire(
            analyse.tx,
            analyse.session,
            objet,
            differences.lignes,
            par=analyse.recu.demandeur,
            motif=analyse.import_id,
        )
    await store.absenter(analyse.tx, analyse.session, objet, differences.absentes, absente=True)
    await store.absenter(analyse.tx, analyse.session, objet, differences.revenues, absente=False)
    return connues, differences


def _lire(
    analyse: Analyse, colonnes: tuple[Colonne, ...], lecteur: Callable[[Mapping[str, str]], Lu]
) -> dict[str, dict[str, Any]]:
    lus: dict[str, dict[str, Any]] = {}
    octets_max = analyse.settings.referentiel_max_bytes
    for numero, champs, _ in lire(analyse.depot, colonnes, octets_max):
        analyse.compte_rendu.compter("lus")
        try:
            lu = lecteur(champs)
        except LigneRefusee as refus:
            analyse.compte_rendu.ajouter(Ligne(numero, refus.code, refus.phrase))
            continue
        if lu.cle in lus:
            phrase = f"{lu.cle} est déjà plus haut dans le fichier : cette ligne n’est pas prise."
            analyse.compte_rendu.ajouter(Ligne(numero, "DOUBLE", phrase))
            continue
        lus[lu.cle] = lu.valeurs
    if not lus:
        raise FichierRefuse(
            "VIDE", "Aucune ligne du fichier n’a pu être lue.", analyse.compte_rendu.lignes[:50]
        )
    return lus


def _comparer(lus: Mapping[str, Mapping[str, Any]], connues: Mapping[str, Connue]) -> _Differences:
    nouvelles = {cle: (1, valeurs) for cle, valeurs in lus.items() if cle not in connues}
    changees = {
        cle: (connues[cle].version + 1, valeurs)
        for cle, valeurs in lus.items()
        if cle in connues and valeurs != connues[cle].valeurs
    }
    revenues = [cle for cle in lus if cle in connues and connues[cle].absente and cle not in changees]
    absentes = [cle for cle, connue in connues.items() if cle not in lus and not connue.absente]
    return _Differences(nouvelles, changees, revenues, absentes)


def _compter(
    analyse: Analyse,
    lus: Mapping[str, Any],
    connues: Mapping[str, Connue],
    differences: _Differences,
) -> None:
    compte_rendu = analyse.compte_rendu
    compte_rendu.compter("traites", len(lus))
    compte_rendu.compter("nouveaux", len(differences.nouvelles))
    compte_rendu.compter("inchanges", len(lus) - len(differences.lignes))
    for cle, (version, valeurs) in differences.changees.items():
        champs = tuple(champ for champ, v in valeurs.items() if v != connues[cle].valeurs[champ])
        phrase = f"{cle} : {', '.join(champs)} ; version {version}."
        compte_rendu.ajouter(Ligne(0, "MODIFIE", phrase, Gravite.MODIFIE, champs=champs))
    for cle in differences.absentes[:_MONTRES]:
        phrase = f"{cle} n’est plus dans le fichier : gardé, marqué absent."
        compte_rendu.ajouter(Ligne(0, "ABSENT", phrase, Gravite.ABSENT))
    compte_rendu.compter("absents", max(0, len(differences.absentes) - _MONTRES))


def _demander_si_beaucoup_manquent(
    analyse: Analyse, connues: Mapping[str, Connue], differences: _Differences
) -> None:
    part = analyse.settings.referentiel_absents_max
    presentes = sum(not connue.absente for connue in connues.values())
    if presentes and len(differences.absentes) > part * presentes:
        analyse.demander(
            AConfirmer(
                "ABSENTS",
                f"{len(differences.absentes)} lignes connues sur {presentes} ne sont plus dans ce fichier."
                " Est-ce bien le fichier entier ?",
                {"absents": len(differences.absentes), "connus": presentes},
            )
        )


def _emettre(
    analyse: Analyse, topic: t.Topic, modele: FormationReferencee | EtablissementReference, cle: str
) -> None:
    analyse.spool.add(
        evenement(
            topic,
            modele,
            cle=cle,
            version=modele.version,
            time=analyse.recu.depose_le,
            prefixe=analyse.settings.topic_prefix,
        )
    )


def _corrige(cle: str, connue: Connue | None, valeurs: Mapping[str, Any]) -> bool:
    """Vœux on it may have been published otherwise."""
    dits = valeurs["famille"], valeurs["selective"], valeurs["academie"]
    if connue is not None:
        avant = connue.valeurs
        return dits != (avant["famille"], avant["selective"], avant["academie"])
    d_origine = formations().get(cle)
    if d_origine is None:
        return False
    return dits != (d_origine.famille.value, d_origine.selective, d_origine.academie)


async def _liberer(analyse: Analyse, lignes: Lignes) -> None:
    """The context's référentiel is the one before this file: what it adds is put beside it."""
    neuves = {cle: _formation(cle, version, valeurs) for cle, (version, valeurs) in lignes.items()}
    dit = courant()
    with avec(Complement({**dit.formations, **neuves}, dit.academies, dit.mefs)):
        liberes = await attente.liberer(analyse.tx, analyse.session, analyse.import_id, neuves)
    for eleve_id, fait in liberes.sortants:
        analyse.emettre(eleve_id, fait)
    analyse.compte_rendu.compter("liberes", len(liberes.sortants))
    analyse.compte_rendu.compter("parques", liberes.parques)


def _formation(cle: str, version: int, valeurs: Mapping[str, Any]) -> Formation:
    return Formation(
        cle,
        valeurs["uai"] or "",
        valeurs["etablissement"],
        valeurs["libelle"],
        Famille(valeurs["famille"]),
        valeurs["groupe"],
        valeurs["selective"],
        valeurs["academie"],
        valeurs["capacite"] or 0,
        0,
        None,
        None,
        version,
    )

"""From a deposited SIECLE file to events in the spool: identity, effective scolarité, differences."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from services.ingest.candidats import parking
from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.contexte import Analyse, Conclusion
from services.ingest.identity import Nature, Nom, chercher, resoudre
from services.ingest.readers.archive import Limites, ouvrir_xml
from services.ingest.readers.siecle import Lecture, lire
from services.ingest.siecle import scolarites
from services.ingest.siecle.domain import EleveLu, Tri, mef_a_garder, trier
from services.ingest.siecle.effective import Claim, empreinte, scolarite_effective, version_suivante
from services.ingest.siecle.entete import Entete, lire_entete, refuser_plus_ancien
from services.ingest.siecle.scolarites import Connu, Inscrite
from services.ingest.store import derniere_version
from shared.events import topics as t
from shared.events.enveloppe import evenement
from shared.events.modeles import EleveRemonte

_LOT = 5_000


@dataclass(frozen=True, slots=True)
class _Resolu:
    eleve_id: str
    lu: EleveLu


async def analyser(analyse: Analyse) -> Conclusion:
    """Read, judge, resolve and spool. Raises FichierRefuse when nothing may be taken."""
    lecture = await asyncio.to_thread(_lire, analyse)
    entete = lire_entete(lecture.parametres, analyse.session, analyse.recu.uai)
    if not analyse.recu.confirme:
        refuser_plus_ancien(
            entete, await derniere_version(analyse.tx, analyse.session, entete.uai, analyse.import_id)
        )
    tri = trier(lecture.eleves, entete)
    _compter(analyse, lecture, tri)
    for debut in range(0, len(tri.eleves), _LOT):
        await _lot(analyse, entete, tri.eleves[debut : debut + _LOT])
        await analyse.signaler()
    await _compter_absents(analyse, entete, lecture)
    return Conclusion(entete.uai, entete.horodatage_us)


def _lire(analyse: Analyse) -> Lecture:
    reglages = analyse.settings
    limites = Limites(reglages.siecle_xml_max_bytes, reglages.zip_max_ratio, reglages.zip_max_entries)

    def controler(parametres: Mapping[str, str]) -> None:
        lire_entete(parametres, analyse.session, analyse.recu.uai)

    with ouvrir_xml(analyse.depot, limites) as flux:
        return lire(flux, controler, mef_a_garder)


def _compter(analyse: Analyse, lecture: Lecture, tri: Tri) -> None:
    compte_rendu = analyse.compte_rendu
    compte_rendu.compter("lus", lecture.lus)
    compte_rendu.compter("hors_perimetre", lecture.lus - len(lecture.eleves))
    compte_rendu.compter("traites", len(tri.eleves))
    compte_rendu.compter("sortis", sum(eleve.sorti for eleve in tri.eleves))
    compte_rendu.compter("ignores", tri.ignores.total())
    compte_rendu.ignores.update(tri.ignores)
    compte_rendu.etendre(tri.lignes)


async def _lot(analyse: Analyse, entete: Entete, lus: Sequence[EleveLu]) -> None:
    resolus = await _identifier(analyse, entete, lus)
    ids = [resolu.eleve_id for resolu in resolus]
    inscrites = await scolarites.lire(analyse.tx, analyse.session, ids)
    connus = await scolarites.connus(analyse.tx, analyse.session, ids)
    nouvelles = {resolu.eleve_id: _inscrite(resolu, entete) for resolu in resolus}
    await scolarites.ecrire(analyse.tx, analyse.session, nouvelles)
    changes: dict[str, Connu] = {}
    for resolu in resolus:
        siennes = {**inscrites.get(resolu.eleve_id, {}), entete.uai: nouvelles[resolu.eleve_id]}
        avant = connus.get(resolu.eleve_id, Connu())
        apres = _publier(analyse, entete, resolu, siennes, avant)
        if apres != avant:
            changes[resolu.eleve_id] = apres
        analyse.compte_rendu.compter("inchanges", int(apres == avant))
    await scolarites.retenir(analyse.tx, analyse.session, analyse.import_id, changes)
    await _liberer(analyse, resolus)


async def _identifier(analyse: Analyse, entete: Entete, lus: Sequence[EleveLu]) -> list[_Resolu]:
    resolutions = await resoudre(analyse.tx, analyse.cles, analyse.session, [_noms(lu, entete) for lu in lus])
    resolus, vus = [], set[str]()
    for lu, resolution in zip(lus, resolutions, strict=True):
        if resolution.eleve_id is None or resolution.eleve_id in vus:
            code = "EFFACE" if resolution.efface else "IDENTITE"
            analyse.compte_rendu.ajouter(Ligne(lu.rang, code, _PHRASES[code], ine=lu.ine))
            analyse.compte_rendu.compter("traites", -1)
            continue
        vus.add(resolution.eleve_id)
        analyse.compte_rendu.compter("nouveaux", int(resolution.nouveau))
        resolus.append(_Resolu(resolution.eleve_id, lu))
    return resolus


_PHRASES = {
    "IDENTITE": "L’INE et l’identifiant SIECLE désignent deux élèves différents : rien n’est fusionné. "
    "Vérifiez l’INE dans SIECLE.",
    "EFFACE": "Les données de cet élève ont été effacées pour cette session : il n’est pas repris.",
}


def _noms(lu: EleveLu, entete: Entete) -> list[Nom]:
    noms = [Nom(Nature.SIECLE, f"{entete.uai}/{lu.eleve_id_siecle}")]
    return [*noms, Nom(Nature.INE, lu.ine)] if lu.ine else noms


def _inscrite(resolu: _Resolu, entete: Entete) -> Inscrite:
    scolarite = resolu.lu.scolarite
    contenu = scolarite.model_dump_json(exclude={"eleve_id", "version"}, exclude_none=True).encode()
    return Inscrite(entete.uai, scolarite.date_entree, scolarite.date_sortie, entete.horodatage_us, contenu)


def _publier(
    analyse: Analyse, entete: Entete, resolu: _Resolu, siennes: Mapping[str, Inscrite], avant: Connu
) -> Connu:
    """Spool what differs from what was last published; returns what is published now."""
    claims = [Claim(s.uai, s.date_entree, s.date_sortie) for s in siennes.values()]
    uai, egalite = scolarite_effective(claims, avant.uai)
    if egalite:
        phrase = (
            "Un autre lycée déclare aussi cet élève, à la même date d’entrée : précisez où il est scolarisé."
        )
        analyse.compte_rendu.ajouter(
            Ligne(resolu.lu.rang, "DEUX_LYCEES", phrase, Gravite.AVERTISSEMENT, resolu.lu.ine)
        )
    apres = _publier_scolarite(analyse, entete, resolu, siennes[uai], avant)
    if uai == entete.uai or avant.identite is None:
        apres = _publier_identite(analyse, entete, resolu, apres)
    return apres


def _publier_scolarite(
    analyse: Analyse, entete: Entete, resolu: _Resolu, effective: Inscrite, avant: Connu
) -> Connu:
    marque = empreinte(effective.contenu, resolu.eleve_id)
    if marque == avant.scolarite:
        return avant._replace(uai=effective.uai)
    version = version_suivante(entete.horodatage_us, avant.scolarite_version)
    modele = EleveRemonte.model_validate(
        {**_decoder(effective.contenu), "eleve_id": resolu.eleve_id, "version": version}
    )
    _emettre(analyse, entete, t.ELEVE, modele, "EleveSorti" if modele.date_sortie else "EleveRemonte")
    return avant._replace(uai=effective.uai, scolarite=marque, scolarite_version=version)


def _publier_identite(analyse: Analyse, entete: Entete, resolu: _Resolu, avant: Connu) -> Connu:
    identite = resolu.lu.identite
    marque = empreinte(identite.model_dump_json(exclude={"eleve_id", "version"}).encode(), resolu.eleve_id)
    if marque == avant.identite:
        return avant
    version = version_suivante(entete.horodatage_us, avant.identite_version)
    modele = identite.model_copy(update={"eleve_id": UUID(resolu.eleve_id), "version": version})
    _emettre(analyse, entete, t.IDENTITE, modele, "IdentiteRemontee")
    return avant._replace(identite=marque, identite_version=version)


def _emettre(analyse: Analyse, entete: Entete, topic: t.Topic, modele: Any, type_: str) -> None:
    analyse.spool.add(
        evenement(
            topic,
            modele,
            cle=str(modele.eleve_id),
            version=modele.version,
            time=entete.instant,
            prefixe=analyse.settings.topic_prefix,
            type_=type_,
        )
    )


async def _liberer(analyse: Analyse, resolus: Sequence[_Resolu]) -> None:
    """Facts of the feed that waited for these pupils follow them, in the same import."""
    par_ine = {resolu.lu.ine: resolu.eleve_id for resolu in resolus if resolu.lu.ine}
    dossiers = await parking.lier_par_ine(analyse.tx, analyse.cles, analyse.session, par_ine)
    liberes = await parking.liberer(analyse.tx, analyse.session, analyse.import_id, dossiers)
    for eleve_id, fait in liberes:
        analyse.emettre(eleve_id, fait)
    analyse.compte_rendu.compter("lies", len(dossiers))
    analyse.compte_rendu.compter("liberes", len(liberes))


async def _compter_absents(analyse: Analyse, entete: Entete, lecture: Lecture) -> None:
    """Pupils of an earlier file that this one does not hold: counted, never deleted.

    A pupil whose line is rejected or ignored is not absent.
    """
    noms = {Nom(Nature.SIECLE, f"{entete.uai}/{brut.eleve_id}") for brut in lecture.eleves}
    cites = await chercher(analyse.tx, analyse.cles, analyse.session, noms)
    connus = await scolarites.du_lycee(analyse.tx, analyse.session, entete.uai)
    analyse.compte_rendu.compter("absents", len(connus - set(cites.ids.values())))


def _decoder(contenu: bytes) -> dict[str, Any]:
    decode: dict[str, Any] = msgspec.json.decode(contenu)
    return decode

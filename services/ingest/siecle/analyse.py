"""From a deposited SIECLE file to events in the spool: identity, effective scolarité, differences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.ingest.candidats import parking
from services.ingest.compte_rendu import Gravite, Ligne, masquer
from services.ingest.contexte import Analyse, Conclusion
from services.ingest.dispositifs import store as dispositifs
from services.ingest.identity import Nom, Resolution, chercher, resoudre
from services.ingest.readers.siecle import Lecture
from services.ingest.scolarite import taches
from services.ingest.scolarite.domain import Genre
from services.ingest.scolarite.taches import Question
from services.ingest.siecle import absents, mouvements, scolarites
from services.ingest.siecle.absents import Presents
from services.ingest.siecle.domain import Tri, trier
from services.ingest.siecle.effective import Inscrite
from services.ingest.siecle.entete import Entete, plus_ancien
from services.ingest.siecle.ine import ine_de
from services.ingest.siecle.lecture import lire_eleves, noms
from services.ingest.siecle.lu import EleveLu
from services.ingest.siecle.mouvements import Mouvements
from services.ingest.siecle.publication import Origine, Publiee, publier
from services.ingest.store import derniere_version

_LOT = 5_000


@dataclass(frozen=True, slots=True)
class _Resolu:
    eleve_id: str
    lu: EleveLu
    nouveau: bool


@dataclass(frozen=True, slots=True)
class _Base:
    """The lycée before the file, and what the file moves of it so far."""

    avant: Presents
    mouvements: Mouvements = field(default_factory=Mouvements)


async def analyser(analyse: Analyse) -> Conclusion:
    """Read, judge, resolve and spool. Raises FichierRefuse when nothing may be taken."""
    lecture, entete, regles = await lire_eleves(analyse)
    await analyse.attendre_le_lycee(entete.uai)
    derniere = await derniere_version(analyse.tx, analyse.session, entete.uai, analyse.import_id)
    if question := plus_ancien(entete, derniere):
        analyse.demander(question)
    tri = trier(lecture.eleves, entete, regles)
    _compter(analyse, lecture, tri)
    base = _Base(await absents.presents(analyse.tx, analyse.session, entete.uai))
    for debut in range(0, len(tri.eleves), _LOT):
        await _lot(analyse, entete, tri.eleves[debut : debut + _LOT], base)
        await analyse.signaler()
    await _marquer_absents(analyse, entete, lecture, base)
    analyse.compte_rendu.clore_eleves()
    return Conclusion(entete.uai, entete.horodatage_us)


def _compter(analyse: Analyse, lecture: Lecture, tri: Tri) -> None:
    compte_rendu = analyse.compte_rendu
    compte_rendu.compter("lus", lecture.lus)
    compte_rendu.compter("hors_perimetre", lecture.lus - len(lecture.eleves))
    compte_rendu.compter("traites", len(tri.eleves))
    compte_rendu.compter("sortis", sum(eleve.sorti for eleve in tri.eleves))
    compte_rendu.compter("ignores", tri.ignores.total())
    compte_rendu.ignores.update(tri.ignores)
    par_rang = {brut.rang: brut.eleve_id for brut in lecture.eleves}
    compte_rendu.etendre(
        replace(ligne, eleve_siecle=par_rang.get(ligne.rang) or None) for ligne in tri.lignes
    )


async def _lot(analyse: Analyse, entete: Entete, lus: Sequence[EleveLu], base: _Base) -> None:
    resolus = await _identifier(analyse, entete, lus)
    par_id = {resolu.eleve_id: resolu for resolu in resolus}
    anciennes = await scolarites.lire(analyse.tx, analyse.session, sorted(par_id))
    nouvelles = {eleve_id: _inscrite(resolu, entete) for eleve_id, resolu in par_id.items()}
    await scolarites.ecrire(analyse.tx, analyse.session, nouvelles, geler=analyse.settings.remontee_gel)
    await _lier_complements(analyse, entete, par_id)
    publiee = await publier(
        analyse.tx,
        Origine(
            session=analyse.session,
            cles=analyse.cles,
            prefixe=analyse.settings.topic_prefix,
            uai=entete.uai,
            version=entete.horodatage_us,
            instant=entete.instant,
            import_id=analyse.import_id,
        ),
        list(par_id),
        {eleve_id: resolu.lu.identite for eleve_id, resolu in par_id.items()},
    )
    for fait in publiee.evenements:
        analyse.spool.add(fait)
    analyse.compte_rendu.compter("inchanges", len(publiee.inchanges))
    _comparer(analyse, entete, par_id.values(), base=base, anciennes=anciennes, publiee=publiee)
    await _demander(analyse, par_id, publiee)
    await _liberer(analyse, resolus)


def _comparer(
    analyse: Analyse,
    entete: Entete,
    resolus: Iterable[_Resolu],
    *,
    base: _Base,
    anciennes: Mapping[str, Mapping[str, Inscrite]],
    publiee: Publiee,
) -> None:
    """Tell what changes of the pupils known before, and remember who moves."""
    publies = mouvements.par_eleve(publiee)
    for resolu in resolus:
        if resolu.nouveau:
            continue
        siennes = anciennes.get(resolu.eleve_id, {})
        base.mouvements.noter(entete.uai, resolu.eleve_id, resolu.lu, base.avant, siennes)
        ligne = mouvements.modification(resolu.eleve_id, resolu.lu, entete.uai, siennes, publies)
        if ligne:
            analyse.compte_rendu.ajouter(ligne)


async def _lier_complements(analyse: Analyse, entete: Entete, par_id: Mapping[str, _Resolu]) -> None:
    """What other files say of these pupils, who were not known yet, becomes theirs."""
    connus = ((nom, eleve_id) for eleve_id, resolu in par_id.items() for nom in _noms(resolu.lu, entete))
    await dispositifs.lier(analyse.tx, analyse.session, analyse.cles, connus)


async def _demander(analyse: Analyse, par_id: Mapping[str, _Resolu], publiee: Publiee) -> None:
    """What a file cannot settle becomes tasks: two lycées for a pupil, two pupils that may be one."""
    lus = {eleve_id: par_id[eleve_id].lu for eleve_id in publiee.egalites}
    for lu in lus.values():
        analyse.compte_rendu.ajouter(
            Ligne(
                lu.rang,
                "DEUX_LYCEES",
                _PHRASES["DEUX_LYCEES"],
                Gravite.AVERTISSEMENT,
                lu.ine,
                lu.eleve_id_siecle,
            )
        )
    details = {
        eleve_id: {"ine": masquer(lu.ine), "import": analyse.import_id} for eleve_id, lu in lus.items()
    }
    ouvertes = await taches.accorder(analyse.tx, analyse.session, list(par_id), publiee.egalites, details)
    ouvertes += await taches.proposer_memes(analyse.tx, analyse.session, publiee.identifies)
    analyse.compte_rendu.compter("taches", ouvertes)


async def _identifier(analyse: Analyse, entete: Entete, lus: Sequence[EleveLu]) -> list[_Resolu]:
    resolutions = await resoudre(analyse.tx, analyse.cles, analyse.session, [_noms(lu, entete) for lu in lus])
    resolus, vus, conflits = [], set[str](), list[Question]()
    for lu, resolution in zip(lus, resolutions, strict=True):
        if resolution.eleve_id is None or resolution.eleve_id in vus:
            code = _motif(resolution)
            if resolution.conflit:
                conflits.append(_conflit(resolution.conflit, lu, analyse))
            analyse.compte_rendu.ajouter(
                Ligne(lu.rang, code, _PHRASES[code], ine=lu.ine, eleve_siecle=lu.eleve_id_siecle)
            )
            analyse.compte_rendu.compter("traites", -1)
            continue
        vus.add(resolution.eleve_id)
        analyse.compte_rendu.compter("nouveaux", int(resolution.nouveau))
        resolus.append(_Resolu(resolution.eleve_id, lu, resolution.nouveau))
    analyse.compte_rendu.compter("taches", await taches.ouvrir(analyse.tx, analyse.session, conflits))
    return resolus


def _motif(resolution: Resolution) -> str:
    if resolution.efface:
        return "EFFACE"
    return "IDENTITE" if resolution.eleve_id is None else "MEME_ELEVE"


def _conflit(ids: Sequence[str], lu: EleveLu, analyse: Analyse) -> Question:
    un, autre = sorted(ids)[:2]
    detail = {"motif": "IDENTITE", "ine": masquer(lu.ine), "import": analyse.import_id, "rang": lu.rang}
    return Question(Genre.MEME_ELEVE, (un, autre), detail)


_PHRASES = {
    "DEUX_LYCEES": "Un autre lycée déclare aussi cet élève, à la même date d’entrée : précisez où il est scolarisé.",
    "MEME_ELEVE": "Deux lignes du fichier sont le même élève : la première est prise. Corrigez SIECLE.",
    "IDENTITE": "L’INE et l’identifiant SIECLE désignent deux élèves différents : rien n’est fusionné. "
    "Vérifiez l’INE dans SIECLE.",
    "EFFACE": "Les données de cet élève ont été effacées pour cette session : il n’est pas repris.",
}


def _noms(lu: EleveLu, entete: Entete) -> list[Nom]:
    return noms(lu.eleve_id_siecle, lu.ine, entete.uai)


def _inscrite(resolu: _Resolu, entete: Entete) -> Inscrite:
    scolarite = resolu.lu.scolarite
    return Inscrite(
        entete.uai, scolarite.date_entree, scolarite.date_sortie, entete.horodatage_us, scolarite.contenu
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


async def _marquer_absents(analyse: Analyse, entete: Entete, lecture: Lecture, base: _Base) -> None:
    """Pupils of an earlier file that this one does not hold: marked and told, never deleted.

    A pupil whose line is rejected or ignored is not absent.
    """
    cites = await chercher(analyse.tx, analyse.cles, analyse.session, _noms_cites(entete, lecture))
    manquants = base.avant.connus.keys() - set(cites.ids.values())
    analyse.compte_rendu.etendre(
        mouvements.absence(eleve_id, base.avant.connus[eleve_id]) for eleve_id in sorted(manquants)
    )
    analyse.compte_rendu.compter("absents", 0)
    question = base.mouvements.question(
        len(base.avant.connus),
        analyse.compte_rendu.compteurs["traites"],
        len(manquants - base.avant.absents),
        part_max=analyse.settings.part_max,
        part_min=analyse.settings.part_min,
    )
    if question:
        analyse.demander(question)
    await absents.marquer(analyse.tx, analyse.session, entete.uai, entete.jour, manquants)


def _noms_cites(entete: Entete, lecture: Lecture) -> set[Nom]:
    return {nom for brut in lecture.eleves for nom in noms(brut.eleve_id, ine_de(brut.champs), entete.uai)}

"""A lot of pupils, of one file or of several: identity, effective scolarité, differences, and what follows."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from services.ingest.candidats import parking
from services.ingest.compte_rendu import Gravite, Ligne, masquer
from services.ingest.contexte import Analyse
from services.ingest.dispositifs import store as dispositifs
from services.ingest.identity import Nom, Resolution, resoudre
from services.ingest.scolarite import taches
from services.ingest.scolarite.domain import Genre
from services.ingest.scolarite.taches import Question
from services.ingest.siecle import mouvements, scolarites
from services.ingest.siecle.effective import Inscrite
from services.ingest.siecle.fichier import EnsembleImpossibleError, Fichier, Lot, Part, Resolu
from services.ingest.siecle.lu import EleveLu
from services.ingest.siecle.publication import Origine, Parole, Publiee, publier_ensemble


async def integrer(commun: Analyse, lot: Lot) -> None:
    """``commun``: any of the analyses; transaction, session and keys are the same in all.

    Raises:
        EnsembleImpossibleError: two files tell of one pupil.
    """
    parts = await _identifier(commun, lot)
    connus = [resolu.eleve_id for part in parts for resolu in part.par_id.values() if not resolu.nouveau]
    anciennes = await scolarites.lire(commun.tx, commun.session, connus)
    inscrites = {
        eleve_id: _inscrite(part.fichier, resolu.lu)
        for part in parts
        for eleve_id, resolu in part.par_id.items()
    }
    gelees = await scolarites.ecrire(commun.tx, commun.session, inscrites, geler=commun.settings.remontee_gel)
    await _lier_complements(commun, parts)
    publiees = await publier_ensemble(commun.tx, [_parole(part, inscrites, gelees) for part in parts])
    for part, publiee in zip(parts, publiees, strict=True):
        analyse = part.fichier.analyse
        for fait in publiee.evenements:
            analyse.spool.add(fait)
        for cadre in publiee.cadres:
            analyse.spool.add_frame(cadre)
        analyse.compte_rendu.compter("inchanges", len(publiee.inchanges))
        _comparer(part, anciennes, publiee)
    await _demander(commun, parts, publiees)
    await _liberer(commun, parts)


async def _identifier(commun: Analyse, lot: Lot) -> list[Part]:
    demandes = [fichier.noms(lu) for fichier, lu in lot]
    resolutions = await resoudre(commun.tx, commun.cles, commun.session, demandes)
    parts: dict[str, Part] = {}
    for (fichier, lu), noms, resolution in zip(lot, demandes, resolutions, strict=True):
        part = parts.get(fichier.uai)
        if part is None:
            part = parts[fichier.uai] = Part(fichier, {}, [])
        _prendre(part, lu, noms, resolution)
    if len({eleve_id for part in parts.values() for eleve_id in part.par_id}) < sum(
        len(part.par_id) for part in parts.values()
    ):
        raise EnsembleImpossibleError
    for part in parts.values():
        compte_rendu = part.analyse.compte_rendu
        compte_rendu.compter("nouveaux", sum(resolu.nouveau for resolu in part.par_id.values()))
        compte_rendu.compter("taches", await taches.ouvrir(commun.tx, commun.session, part.conflits))
    return list(parts.values())


def _prendre(part: Part, lu: EleveLu, noms: Sequence[Nom], resolution: Resolution) -> None:
    fichier, eleve_id = part.fichier, resolution.eleve_id
    if eleve_id is not None and eleve_id not in fichier.ids:
        fichier.ids[eleve_id] = lu.rang
        part.par_id[eleve_id] = Resolu(eleve_id, lu, noms, resolution.nouveau)
        return
    code = _motif(resolution)
    if resolution.conflit:
        part.conflits.append(_conflit(resolution.conflit, lu, part.analyse))
    compte_rendu = part.analyse.compte_rendu
    compte_rendu.ajouter(Ligne(lu.rang, code, _PHRASES[code], ine=lu.ine, eleve_siecle=lu.eleve_id_siecle))
    compte_rendu.compter("traites", -1)


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


def _inscrite(fichier: Fichier, lu: EleveLu) -> Inscrite:
    scolarite = lu.scolarite
    return Inscrite(
        fichier.uai,
        scolarite.date_entree,
        scolarite.date_sortie,
        fichier.entete.horodatage_us,
        scolarite.contenu,
    )


async def _lier_complements(commun: Analyse, parts: Iterable[Part]) -> None:
    """What other files say of these pupils, who were not known yet, becomes theirs."""
    connus = (
        (nom, eleve_id) for part in parts for eleve_id, resolu in part.par_id.items() for nom in resolu.noms
    )
    await dispositifs.lier(commun.tx, commun.session, commun.cles, connus)


def _parole(part: Part, inscrites: Mapping[str, Inscrite], gelees: Collection[str]) -> Parole:
    analyse, entete = part.analyse, part.fichier.entete
    origine = Origine(
        session=analyse.session,
        cles=analyse.cles,
        prefixe=analyse.settings.topic_prefix,
        uai=entete.uai,
        version=entete.horodatage_us,
        instant=entete.instant,
        import_id=analyse.import_id,
    )
    identites = {eleve_id: resolu.lu.identite for eleve_id, resolu in part.par_id.items()}
    nouvelles = {un: inscrites[un] for un, resolu in part.par_id.items() if resolu.nouveau}
    if entete.uai in gelees:
        nouvelles = {}  # what is frozen of them is read again
    return Parole(origine, list(identites), identites, nouvelles)


def _comparer(part: Part, anciennes: Mapping[str, Mapping[str, Inscrite]], publiee: Publiee) -> None:
    """Tell what changes of the pupils known before, and remember who moves."""
    fichier = part.fichier
    connus = [resolu for resolu in part.par_id.values() if not resolu.nouveau]
    publies = mouvements.par_eleve(publiee) if connus else {}
    for eleve_id, lu, _, _ in connus:
        siennes = anciennes.get(eleve_id, {})
        fichier.mouvements.noter(fichier.uai, eleve_id, lu, fichier.avant, siennes)
        if ligne := mouvements.modification(eleve_id, lu, fichier.uai, siennes, publies):
            part.analyse.compte_rendu.ajouter(ligne)


async def _demander(commun: Analyse, parts: Sequence[Part], publiees: Sequence[Publiee]) -> None:
    """What a file cannot settle becomes tasks: two lycées for a pupil, two pupils that may be one."""
    egalites = {eleve_id for publiee in publiees for eleve_id in publiee.egalites}
    sans = [
        resolu.eleve_id
        for part in parts
        for resolu in part.par_id.values()
        if not resolu.nouveau and resolu.eleve_id not in egalites
    ]
    await taches.accorder(commun.tx, commun.session, sans, {})
    identifies = {eleve_id: siens for publiee in publiees for eleve_id, siens in publiee.identifies.items()}
    proches = await taches.proches(commun.tx, commun.session, identifies)
    for part, publiee in zip(parts, publiees, strict=True):
        questions = [*_deux_lycees(part, publiee), *taches.memes(publiee.identifies, proches)]
        part.analyse.compte_rendu.compter("taches", await taches.ouvrir(commun.tx, commun.session, questions))


def _deux_lycees(part: Part, publiee: Publiee) -> Iterable[Question]:
    for eleve_id, uais in publiee.egalites.items():
        lu = part.par_id[eleve_id].lu
        part.analyse.compte_rendu.ajouter(
            Ligne(
                lu.rang,
                "DEUX_LYCEES",
                _PHRASES["DEUX_LYCEES"],
                Gravite.AVERTISSEMENT,
                lu.ine,
                lu.eleve_id_siecle,
            )
        )
        detail = {"ine": masquer(lu.ine), "import": part.analyse.import_id, "lycees": list(uais)}
        yield Question(Genre.DEUX_LYCEES, (eleve_id,), detail)


async def _liberer(commun: Analyse, parts: Sequence[Part]) -> None:
    """Facts of the feed that waited for these pupils follow them, in the same import."""
    par_ine = {
        resolu.lu.ine: eleve_id for part in parts for eleve_id, resolu in part.par_id.items() if resolu.lu.ine
    }
    dossiers = await parking.lier_par_ine(commun.tx, commun.cles, commun.session, par_ine)
    for part in parts:
        siens = {dossier: eleve_id for dossier, eleve_id in dossiers.items() if eleve_id in part.par_id}
        liberes = await parking.liberer(commun.tx, commun.session, part.analyse.import_id, siens)
        for eleve_id, fait in liberes:
            part.analyse.emettre(eleve_id, fait)
        part.analyse.compte_rendu.compter("lies", len(siens))
        part.analyse.compte_rendu.compter("liberes", len(liberes))

"""What each field means, said once: ``champ``, or ``Modele.champ`` where it means something else there.

A description on the model itself wins. Fields without any are refused by a test.
"""

from collections.abc import Iterator, Mapping
from typing import Any

RESUMES: Mapping[str, str] = {
    "DossierModifie": "The state of a pupil's dossier on the platform.",
    "CaesModifiee": "How far the académie's commission (CAES) is with a pupil who has no proposition.",
    "PropositionRecue": "What a formation decided on one vœu or sous-vœu.",
    "ReponseEnregistree": "What the pupil answered to a proposition.",
    "AccuseRecu": "The platform acknowledges something that we sent.",
    "FormationReferencee": "A formation of the platform.",
    "EtablissementReference": "A lycée.",
    "StatutModifie": "Where a pupil stands, derived from all that is known of him.",
    "ExportPret": "A workbook is ready to be fetched.",
}
"""Of events whose model has no docstring."""

CHAMPS: Mapping[str, str] = {
    "academie": "code of the académie of the lycée",
    "FormationReferencee.academie": "code of the académie of the formation",
    "academie_formation": "code of the académie of the formation",
    "acte": "what was done: read, write, export…",
    "acteur": "account of who did it, an opaque id",
    "actions": "actions d’accompagnement that are open; 0: none any more",
    "annee": "the year in which the school year ends",
    "annule": "true: the deadline was put off, take this event back",
    "appreciation": "what the teacher wrote",
    "assigne": "who follows the pupil, as a colleague reads it",
    "avis_rendus": "cibles that have their avis",
    "bulletins_saisis": "periods whose marks the pupil typed himself",
    "capacite": "capacité à réussir, in the chef's judgement; absent: withdrawn",
    "FormationReferencee.capacite": "places",
    "cible": "vœu, or vœu/sous-vœu, that the avis is for",
    "cibles": "cibles that await an avis, or have one",
    "certitude": "how sure the pupil says that he is",
    "classe": "division, as the lycée calls it",
    "classes": "divisions, as the lycée calls them",
    "code": "code within the lycée",
    "codes_bourse": "CODE_BOURSE of SIECLE",
    "coefficient": "weight of the matière",
    "commune": "commune",
    "contrat": "contract of a private lycée's class",
    "cordees": "in the Cordées de la réussite, or was in a Parcours d'excellence",
    "date": "when it is, with its offset",
    "VivierInitial.date": "when the lycée closed its remontée",
    "date_entree": "when he came to the lycée",
    "date_limite": "last moment to answer or confirm, with its offset",
    "date_sortie": "when he left the lycée; absent: he is there",
    "decision": "what the formation decided",
    "decoupage": "2: semestres; 3: trimestres",
    "denominateur": "of how many; absent: suppressed, the numbers are too small",
    "departement": "code of the département, three characters",
    "depuis": "since when",
    "dispositif": "which of the two, when it is known",
    "divisions": "divisions of the lycée",
    "GroupeRemonte.divisions": "divisions that its pupils come from",
    "domaine": "code of a domaine of studies or work",
    "echeance": "when the nearest one is due",
    "echelon": "échelon of the bourse",
    "echelon_bourse": "échelon of the bourse",
    "effectif": "pupils who were taught together",
    "eleve_id": "the pupil: random, one for the session, and the same in every topic",
    "enseignants": "teachers and what they teach",
    "NoteRemontee.enseignants": "their names",
    "etablissement": "name of the establishment",
    "etape": "step of the calendar",
    "etat": "state",
    "NoteRemontee.etat": "S: mark; A: absent; D: exempt; N: no mark",
    "export_id": "the workbook",
    "famille": "family of formations: licence, BUT, BTS, CPGE…",
    "formation_id": "the formation, as the platform calls it",
    "groupe": "groupe that was taught together",
    "groupes": "groupes of the lycée",
    "indicateur": "which figure",
    "ine": "INE as the lycée gave it, its key not verified",
    "intentions": "all of them; none: withdrawn",
    "internat": "boarding is asked for",
    "langue": "LV1, LV2 or LV3",
    "le": "when, with its offset",
    "libelle": "label to show",
    "lignes": "rows in it",
    "liste": "which list",
    "lycee": "UAI of the lycée that opened them",
    "matiere": "code of the matière in SIECLE",
    "mef": "MEF of the pupil's formation, eleven digits",
    "mefs": "MEF taught there",
    "motif": "why, as the operator wrote it",
    "moyenne": "mark out of 20",
    "moyenne_basse": "lowest of those taught together",
    "moyenne_classe": "average of those taught together",
    "moyenne_haute": "highest of those taught together",
    "naissance": "date of birth",
    "nom": "family name",
    "EtablissementReference.nom": "name of the lycée",
    "LyceeDecrit.nom": "name of the lycée",
    "LyceeDecrit.periodes": "trimestres or semestres of its year",
    "LyceeDecrit.telephone": "of the lycée, as SIECLE writes it",
    "LyceeDecrit.courriel": "of the lycée",
    "LyceeDecrit.adresse": "lines of the address, separated by commas",
    "LyceeDecrit.code_postal": "five digits",
    "PeriodeScolaire.debut": "first day",
    "PeriodeScolaire.fin": "last day",
    "nom_usage": "name in use",
    "notes": "one entry by matière",
    "numerateur": "how many; absent: suppressed, the numbers are too small",
    "objet": "what it was done to, ids only",
    "AccuseRecu.objet": "what was sent",
    "origine": "where the marks come from",
    "perimetre": "over what the actor had rights then",
    "periode": "which trimestre or semestre",
    "periodes": "trimestres or semestres",
    "phase": "principale or complémentaire",
    "pieces_manquantes": "what the dossier still lacks",
    "prenom": "first name",
    "prenom2": "second first name",
    "prenom3": "third first name",
    "profil": "who the candidate is; only terminales are published",
    "projet_motive": "the projet de formation motivé is written",
    "propositions": "propositions that he has",
    "rang": "rank that the pupil gave it, where he ranks",
    "Intention.rang": "1: what he would like best",
    "NoteRemontee.rang": "rank among those taught together",
    "rang_attente": "place in the waiting list",
    "regime": "day pupil, half-board, boarder: code of SIECLE",
    "reponse": "what he answered",
    "ressource": "kind of object",
    "resultat": "what the platform made of it",
    "retiree": "true: no longer in the calendar",
    "revision": "order within a version, from our side: 0 when absent",
    "role": "role under which it was done",
    "saisi_par_eleve": "typed by the pupil because nothing was sent",
    "secteur": "public or private",
    "selective": "the formation may refuse",
    "serie": "série of the baccalauréat",
    "services": "what he teaches, and to whom",
    "session": "millésime: the year of the admission",
    "sexe": "M or F",
    "source": "who said so",
    "signalee_le": "when he said so, with its offset",
    "sous_voeu_id": "the sous-vœu of a vœu multiple",
    "specialites": "codes of the enseignements de spécialité",
    "statut": "where he stands",
    "statut_scolaire": "scolaire, apprentice…: code of SIECLE",
    "survivant": "the pupil under whom everything goes on",
    "uai": "UAI of the lycée",
    "FormationReferencee.uai": "UAI of the establishment",
    "valeur": "a number of days, for steps that are a delay",
    "version": "order of the states of this subject: keep the highest",
    "version_objet": "the version that was sent",
    "vivier_initial": "where he was when his lycée closed its remontée: the base of the participation",
    "voeu_id": "the vœu, unique for the pupil",
    "voeux": "vœux that are not given up",
    "voeux_confirmes": "those that he confirmed",
    "voeux_maintenus": "vœux kept beside an acceptance",
    "voie": "student or apprentice",
}


def dire(nom: str, corps: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of the model ``nom`` with what its fields mean, its definitions' too."""
    dit = dict(corps)
    if "properties" in dit:
        dit["properties"] = {c: _dit(nom, c, dict(noeud)) for c, noeud in dit["properties"].items()}
    if "$defs" in dit:
        dit["$defs"] = {fils: dire(fils, contenu) for fils, contenu in dit["$defs"].items()}
    return dit


def _dit(nom: str, champ: str, noeud: dict[str, Any]) -> dict[str, Any]:
    texte = CHAMPS.get(f"{nom}.{champ}") or CHAMPS.get(champ)
    return noeud if texte is None or "description" in noeud else {"description": texte, **noeud}


def muets(corps: Mapping[str, Any]) -> Iterator[str]:
    """Fields of a schema of which nothing is said."""
    for champ, noeud in corps.get("properties", {}).items():
        if "description" not in noeud:
            yield champ
    for nom, contenu in corps.get("$defs", {}).items():
        yield from (f"{nom}.{champ}" for champ in muets(contenu))

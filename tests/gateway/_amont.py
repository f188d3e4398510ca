"""The services behind the gateway, made from the contract alone: one app, scope checked by the signed token."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response

from services.gateway.settings import UPSTREAMS
from shared.domaine.catalogue import LISTES
from shared.http.errors import Refus, install_error_handlers, introuvable
from shared.http.etag import exiger_version
from shared.http.perimetre import Perimetre, Role, verifier
from tests.kit.login import en_ecoute
from tests.kit.services import SERVICE_TOKEN_KEY

LYCEE_A, LYCEE_B, ACADEMIE = "0010014K", "0420027B", "10"
_NS = UUID("00000000-0000-4000-8000-000000000000")
SERIES = {"GENERALE": "Générale", "STMG": "STMG", "PROFESSIONNELLE": "Professionnelle"}
NOMS = ["Œuvrard", "Bénédicte-Maré", "Çelik", "Da Costa", "El Amrani", "Faÿ", "Gueye", "Nguyễn", "L’Hermitte"]
PRENOMS = ["Éloïse", "Noé", "Anaïs", "Zoë", "Yanis", "Maëlle", "Inès"]
VIDE = {"serie": "STHR", "libelle": "STHR", "vivier": 0, "vivier_initial": 0}


def eleve_id(uai: str, n: int) -> str:
    return str(uuid5(_NS, f"{uai}-{n}"))


@dataclass
class Amont:
    """State of the pretended services. ``en_panne``: services that answer 500.

    ``dossiers``: fields of the dossier of a pupil that are not the ordinary ones.
    """

    avis: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    dossiers: dict[str, dict[str, Any]] = field(default_factory=dict)
    exports: dict[str, dict[str, Any]] = field(default_factory=dict)
    imports: dict[str, dict[str, Any]] = field(default_factory=dict)
    fichiers: list[bytes] = field(default_factory=list)
    appels: list[tuple[str, str]] = field(default_factory=list)
    recherches: list[dict[str, Any]] = field(default_factory=list)
    visites: list[tuple[str, bool]] = field(default_factory=list)
    vues: dict[str, dict[str, Any]] = field(default_factory=dict)
    en_panne: set[str] = field(default_factory=set)
    objectifs: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    vie: str = "OUVERTE"
    calendrier: dict[str, Any] = field(default_factory=dict)

    def reglages(self, url: str) -> dict[str, str]:
        """Settings of the gateway: every service has its own path of the one app."""
        return {f"{nom}_url": f"{url}/{nom}" for nom in UPSTREAMS}


def _eleves(uai: str) -> list[dict[str, Any]]:
    return [_eleve(uai, n) for n in range(130)]


def _eleve(uai: str, n: int) -> dict[str, Any]:
    serie = list(SERIES)[n % 3]
    voeux = 0 if n % 11 == 0 else n % 13
    inscrit = n % 17 != 0
    statut = "NON_INSCRIT" if not inscrit else ("INSCRIT" if not voeux else ["AVEC_VOEUX", "CONFIRME"][n % 2])
    return {
        "eleve_id": eleve_id(uai, n),
        "nom": NOMS[n % 9].upper(),
        "prenom": PRENOMS[n % 7],
        "classe": f"T{serie[0]}{n % 5 + 1}",
        "serie": serie,
        "statut": statut,
        "voeux": voeux if inscrit else 0,
        "voeux_confirmes": (voeux // 2) if inscrit else 0,
        "propositions": 0,
        "boursier": n % 4 == 0,
        "ine": "123456789AB",
    }


def _liste(uai: str, liste: str) -> list[dict[str, Any]]:
    garder: dict[str, Callable[[dict[str, Any]], bool]] = {
        "tous": bool,
        "non_inscrits": lambda e: e["statut"] == "NON_INSCRIT",
        "inscrits_sans_voeu": lambda e: e["statut"] == "INSCRIT",
    }.get(liste, lambda _: False)
    return [e for e in sorted(_eleves(uai), key=lambda e: (e["nom"], e["eleve_id"])) if garder(e)]


def _voeux(n: int) -> list[dict[str, Any]]:
    commun = {"famille": "BTS", "voie": "ETUDIANT", "etat": "CONFIRME", "proposition": None, "reponse": None}
    tous = [
        {
            **commun,
            "cle": "V1",
            "voeu_id": "V1",
            "sous_voeu_id": None,
            "formation_id": "F1",
            "formation": "Licence - Droit",
            "etablissement": "Université Jean Moulin Lyon 3",
            "famille": "LICENCE",
        },
        {
            **commun,
            "cle": "V2/S1",
            "voeu_id": "V2",
            "sous_voeu_id": "S1",
            "formation_id": "F2",
            "formation": "BTS - Management commercial opérationnel",
            "etablissement": "Lycée Édouard Herriot",
            "proposition": "OUI",
            "reponse": "ACCEPTEE_EN_MAINTENANT",
        },
        {
            **commun,
            "cle": "V3",
            "voeu_id": "V3",
            "sous_voeu_id": None,
            "formation_id": "F3",
            "formation": "CPGE - MPSI",
            "etablissement": None,
            "famille": "CPGE",
            "etat": "SUPPRIME",
        },
    ]
    return tous if n else []


def _bloc(code: str, libelle: str, base: int) -> dict[str, Any]:
    parts = (("participation", base, base - base // 10), ("sans_voeu", base - base // 10, base // 20))
    noms = {
        "participation": "Taux de participation",
        "sans_voeu": "Taux d’élèves n’ayant formulé aucun vœu",
        "l1_pass": "Au moins un vœu en L1 ou PASS",
        "que_l1_pass": "Uniquement des vœux en L1 ou PASS",
    }
    inscrits = base - base // 10
    parts = (*parts, ("l1_pass", inscrits, inscrits // 2), ("que_l1_pass", inscrits, inscrits // 7))
    return {
        "serie": code,
        "libelle": libelle,
        "vivier": base,
        "vivier_initial": base and base + 2,
        "indicateurs": [
            {
                "code": c,
                "libelle": noms[c],
                "definition": f"Définition de « {noms[c]} », en une phrase claire pour le lycée.",
                "numerateur": n,
                "denominateur": sur,
                "taux": n / sur if sur else None,
            }
            for c, sur, n in parts
        ],
    }


def _indicateurs(base: int) -> dict[str, Any]:
    series = [_bloc("GENERALE", "Générale", base), _bloc("STMG", "STMG", 4), _bloc("STHR", "STHR", 0)]
    return {"series": series, "ensemble": _bloc("ENSEMBLE", "Ensemble", base + 4)}


router = APIRouter()


def _amont(request: Request) -> Amont:
    found: Amont = request.app.state.amont
    return found


def _appelant(request: Request, authorization: Annotated[str, Header()] = "") -> Perimetre:
    service, amont = request.url.path.split("/")[1], _amont(request)
    amont.appels.append((request.method, request.url.path))
    if service in amont.en_panne:
        raise Refus(500, "panne", "panne")
    return verifier(authorization.removeprefix("Bearer "), SERVICE_TOKEN_KEY, service)


Appelant = Annotated[Perimetre, Depends(_appelant)]


def lycee_de(eleve: str, perimetre: Perimetre) -> tuple[str, int]:
    for uai in perimetre.lycees:
        for n in range(130):
            if eleve_id(uai, n) == eleve:
                return uai, n
    raise introuvable()


def exiger(perimetre: Perimetre, uai: str) -> None:
    if not perimetre.voit_lycee(uai):
        raise introuvable()


@router.get("/{service}/health/ready")
async def ready(request: Request, service: str) -> dict[str, Any]:
    if service in _amont(request).en_panne:
        raise Refus(503, "panne", "panne")
    return {"status": "ready", "reasons": []}


_SITUATION = {
    "situation_au": "2026-03-14T17:05:00+00:00",
    "comparaisons_au": "2026-03-14T17:05:00+00:00",
    "faits": 812,
}


def _catalogue() -> list[dict[str, Any]]:
    """The indicators of the pretended lycée, all of them before admission."""
    return [
        {
            "code": un["code"],
            "libelle": un["libelle"],
            "definition": un["definition"],
            "moment": "AVANT",
            "base": "inscrits",
            "base_libelle": "élèves inscrits sur Parcoursup",
        }
        for un in _bloc("ENSEMBLE", "Ensemble", 20)["indicateurs"]
    ]


def _situe(bloc: dict[str, Any], uai: str) -> dict[str, Any]:
    """The same with what it is compared with, and parts."""
    for un in bloc["indicateurs"]:
        un |= {"academie": [1500, 2000], "nation": [None, 9000], "precedente": [3, 4], "place": [4, 18]}
        un |= {"quartiles_academie": [0.5, 0.7, 0.9, 31]}
        if un["code"] == "sans_voeu":
            un["objectif"] = {
                "version": 1,
                "cible": 0.02,
                "continuum": -2,
                "note": "Relancer avant les vacances",
            }
    figures = {un["code"]: [2, 30] for un in bloc["indicateurs"]}
    parts = [{"modalite": "TG1", "vivier": 30, "figures": figures}]
    return {**bloc, "declinaisons": [{"dimension": "classe", "modalites": parts}] if uai else []}


@router.get("/indicators/interne/v1/sessions/{s}/lycees/{uai}/indicateurs")
async def indicateurs(
    s: int, uai: str, p: Appelant, jour: str = "", jour_precedent: str = ""
) -> dict[str, Any]:
    exiger(p, uai)
    dits = _indicateurs(117)
    series = [_situe(bloc, uai) for bloc in dits["series"]]
    le = {"jour": jour or None, "jour_precedent": jour_precedent or None}
    return {"uai": uai, **_SITUATION, **le, "indicateurs": _catalogue(), **dits, "series": series}


@router.get("/indicators/interne/v1/sessions/{s}/lycees/{uai}/courbe")
async def courbe(s: int, uai: str, p: Appelant) -> dict[str, Any]:
    exiger(p, uai)
    points = [{"jour": f"2026-03-0{n}", "figures": {"sans_voeu": [20 - 2 * n, 100]}} for n in range(1, 6)]
    return {"uai": uai, "series": [{"serie": "GENERALE", "libelle": "Générale", "points": points}]}


@router.get("/indicators/interne/v1/sessions/{s}/lycees/{uai}/intentions")
async def intentions(s: int, uai: str, p: Appelant) -> dict[str, Any]:
    exiger(p, uai)
    suite = {"voeu": 8, "proposition": 4, "acceptation": 3, "voeu_seul": 1, "acceptation_seule": 0}
    lignes = [
        {"serie": serie, "periode": 1, "famille": "BTS", "intention": 10, **suite}
        for serie in ("GENERALE", "STMG")
    ]
    return {"uai": uai, "lignes": lignes}


@router.get("/indicators/interne/v1/sessions/{s}/academies/{code}/indicateurs")
async def academie(request: Request, s: int, code: str, p: Appelant) -> dict[str, Any]:
    if not p.voit_academie(code):
        raise introuvable()
    masque = _bloc("STMG", "STMG", 4)
    masque["vivier"] = None
    for un in masque["indicateurs"]:
        un |= {"numerateur": None, "denominateur": None, "taux": None}
    dits = _indicateurs(117)
    dits["series"][1] = masque
    lycees = [{"uai": LYCEE_A, **dits}, {"uai": LYCEE_B, **_indicateurs(60)}]
    suite = {
        "objectifs": [versions[-1] for versions in _amont(request).objectifs.values()],
        "departements": [{"lieu": "departement 001", **_indicateurs(117)}],
        "nation": {"lieu": "nation", **_indicateurs(900)},
    }
    return {
        "academie": code,
        **_SITUATION,
        "indicateurs": _catalogue(),
        "lycees": lycees,
        **suite,
        **_indicateurs(177),
    }


objectif = "/indicators/interne/v1/sessions/{s}/academies/{code}/objectifs/{indicateur}/{serie}"


@router.get(objectif)
async def versions_de_l_objectif(
    request: Request, s: int, code: str, *, indicateur: str, serie: str, p: Appelant
) -> dict[str, Any]:
    if not p.voit_academie(code):
        raise introuvable()
    return {"versions": _amont(request).objectifs.get((indicateur, serie), [])[::-1]}


@router.put(objectif)
async def poser_objectif(
    request: Request,
    s: int,
    code: str,
    *,
    indicateur: str,
    serie: str,
    p: Appelant,
    saisie: dict[str, Any],
    if_match: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    if not p.voit_academie(code) or p.nation:
        raise introuvable()
    versions = _amont(request).objectifs.setdefault((indicateur, serie), [])
    actuel = versions[-1] if versions else None
    exiger_version(if_match, len(versions), quoi="cet objectif", actuel=actuel, propose=saisie)
    le = datetime.now(UTC).isoformat()
    suite = {"version": len(versions) + 1, "auteur": p.acteur, "modifie_le": le}
    versions.append({**saisie, "indicateur": indicateur, "serie": serie, **suite})
    return versions[-1]


@router.get("/indicators/interne/v1/sessions/{s}/nation/indicateurs")
async def nation(s: int, p: Appelant) -> dict[str, Any]:
    if not p.nation:
        raise introuvable()
    dits = {
        "indicateurs": _catalogue(),
        "regions": [{"lieu": "region Auvergne-Rhône-Alpes", **_indicateurs(177)}],
    }
    academies = [{"lieu": "academie 10", **_indicateurs(177)}, {"lieu": "academie 01", **_indicateurs(90)}]
    return {**_SITUATION, **dits, "academies": academies, **_indicateurs(267)}


COLONNES = [
    {"code": code, "titre": titre, "centree": code == "voeux", "tri": code}
    for code, titre in (("classe", "Classe"), ("nom", "Nom"), ("statut", "Statut"), ("voeux", "Vœux"))
]


le_lycee = "/eleves/interne/v1/sessions/{s}/lycees/{uai}"


@router.post(le_lycee + "/file")
async def file(request: Request, s: int, uai: str, p: Appelant, corps: dict[str, Any]) -> dict[str, Any]:
    exiger(p, uai)
    _amont(request).recherches.append(corps)
    raison = {
        "code": "que_des_non",
        "poids": 80,
        "phrase": "Que des refus (9) : CAES à préparer avec l’élève.",
    }
    premier = {**_eleve(uai, 3), "score": 80, "raisons": [raison]}
    assignes = [{"nom": None, "eleves": 40}, {"nom": "Mme Faÿ", "eleves": 17}]
    suivant = None if corps.get("curseur") else "file-1"
    return {"total": 57, "eleves": [premier], "suivant": suivant, "assignes": assignes}


@router.get(le_lycee + "/listes")
async def listes(request: Request, s: int, uai: str, p: Appelant) -> dict[str, Any]:
    exiger(p, uai)
    visite = {"nouveaux": 2, "depuis": "2026-03-13T17:00:00+00:00"} if _amont(request).visites else {}
    comptees = [
        {
            "code": liste.code,
            "titre": liste.titre,
            "fenetre": liste.fenetre.value,
            "pourquoi": liste.pourquoi,
            "definition": liste.definition,
            "attend": liste.attend,
            "eleves": len(_liste(uai, liste.code)),
            **visite,
        }
        for liste in LISTES.values()
        if liste.code in {"tous", "non_inscrits", "inscrits_sans_voeu", "admis"}
    ]
    return {"a_la_date": "2026-03-14T17:05:00+00:00", "fenetre": "AVANT", "listes": comptees}


@router.get(le_lycee + "/filtres")
async def filtres(s: int, uai: str, p: Appelant) -> dict[str, Any]:
    exiger(p, uai)
    return {
        "classe": [{"code": f"T{x[0]}{n}", "eleves": 10} for x in SERIES for n in (2, 10)],
        "serie": [{"code": x, "eleves": 43} for x in SERIES],
        "famille": [{"code": "BTS", "eleves": 12}],
    }


@router.post(le_lycee + "/listes/{code}/visites")
async def visiter(
    request: Request, s: int, uai: str, code: str, p: Appelant, *, corps: dict[str, Any]
) -> dict[str, Any]:
    exiger(p, uai)
    _amont(request).visites.append((code, corps["tout_vu"]))
    nouveaux = 0 if corps["tout_vu"] else 2
    return {"liste": code, "depuis": "2026-03-13T17:00:00+00:00", "eleves": 9, "nouveaux": nouveaux}


@router.get(le_lycee + "/vues")
async def vues(request: Request, s: int, uai: str, p: Appelant) -> dict[str, Any]:
    exiger(p, uai)
    return {"vues": list(_amont(request).vues.values()), "maximum": 30}


@router.post(le_lycee + "/vues", status_code=201)
async def creer_vue(request: Request, s: int, uai: str, p: Appelant, corps: dict[str, Any]) -> dict[str, Any]:
    exiger(p, uai)
    gardees = _amont(request).vues
    if any(vue["nom"] == corps["nom"] for vue in gardees.values()):
        raise Refus(409, "nom_pris", "Vous avez déjà une vue de ce nom : choisissez-en un autre.")
    le = datetime.now(UTC).isoformat()
    vue = {**corps, "id": eleve_id(uai, 3000 + len(gardees)), "version": 1, "cree_le": le, "modifie_le": le}
    gardees[vue["id"]] = vue
    return vue


@router.put(le_lycee + "/vues/{vue}")
async def changer_vue(
    request: Request,
    s: int,
    uai: str,
    vue: str,
    p: Appelant,
    *,
    corps: dict[str, Any],
    if_match: Annotated[str, Header()] = "",
) -> dict[str, Any]:
    gardee = _version(request, uai, vue, p, if_match)
    gardee.update(corps, version=gardee["version"] + 1)
    return gardee


@router.delete(le_lycee + "/vues/{vue}", status_code=204)
async def supprimer_vue(
    request: Request, s: int, uai: str, vue: str, p: Appelant, *, if_match: Annotated[str, Header()] = ""
) -> None:
    del _amont(request).vues[_version(request, uai, vue, p, if_match)["id"]]


def _version(request: Request, uai: str, vue: str, p: Perimetre, if_match: str) -> dict[str, Any]:
    exiger(p, uai)
    gardee: dict[str, Any] | None = _amont(request).vues.get(vue)
    if gardee is None:
        raise introuvable()
    if if_match != f'"{gardee["version"]}"':
        raise Refus(412, "vue_modifiee_entre_temps", "Cette vue a été modifiée entre-temps.", actuel=gardee)
    return gardee


@router.post(le_lycee + "/eleves/recherche")
async def lister(request: Request, s: int, uai: str, p: Appelant, corps: dict[str, Any]) -> dict[str, Any]:
    """The cursor is a place in the list; the real one is proved with the service itself."""
    exiger(p, uai)
    _amont(request).recherches.append(corps)
    q, tri = corps.get("q", "").upper(), corps.get("tri") or "nom"
    series = corps["filtres"].get("serie")
    tous = [e for e in _liste(uai, corps["liste"]) if (not series or e["serie"] in series) and q in e["nom"]]
    tous.sort(key=lambda e: e[tri], reverse=corps["descendant"])
    debut = corps.get("curseur") or f"{tri}-0"
    if not debut.startswith(f"{tri}-"):
        raise Refus(422, "curseur_invalide", "Cette page de la liste n’existe plus : reprenez au début.")
    rang = int(debut.removeprefix(f"{tri}-"))
    fin = rang + corps["limite"]
    return {
        "total": len(tous),
        "nouveaux": 1,
        "colonnes": COLONNES,
        "eleves": [
            {**e, "nouveau": i == 0, "cellules": {c["code"]: e[c["code"]] for c in COLONNES}}
            for i, e in enumerate(tous[rang:fin])
        ],
        "suivant": f"{tri}-{fin}" if fin < len(tous) else None,
    }


@router.get("/eleves/interne/v1/sessions/{s}/eleves/{eleve}")
async def dossier(request: Request, s: int, eleve: str, p: Appelant) -> dict[str, Any]:
    uai, n = lycee_de(eleve, p)
    autres = _amont(request).dossiers.get(eleve, {})
    base = {"uai": uai, "naissance": "2008-05-01", "specialites": ["Mathématiques", "SES"]}
    return {**_eleve(uai, n), **base, "sorti_le": None, "voeux": _voeux(n), **autres}


@router.get("/avenir/interne/v1/sessions/{s}/eleves/{eleve}/avis")
async def lire_avis(request: Request, s: int, eleve: str, p: Appelant) -> dict[str, Any]:
    lycee_de(eleve, p)
    return {"avis": [avis for (qui, _), avis in _amont(request).avis.items() if qui == eleve]}


@router.put("/avenir/interne/v1/sessions/{s}/eleves/{eleve}/avis/{cible:path}")
async def rendre(
    request: Request,
    s: int,
    eleve: str,
    cible: str,
    p: Appelant,
    *,
    corps: dict[str, Any],
    if_match: Annotated[str, Header()] = "",
) -> dict[str, Any]:
    lycee_de(eleve, p)
    if cible not in {"V1", "V2/S1"}:
        raise Refus(409, "formation_non_demandee", "L’élève n’a pas demandé cette formation.")
    actuel = _amont(request).avis.get((eleve, cible))
    version = actuel["version"] if actuel else 0
    if version and if_match != f'"{version}"':
        raise Refus(412, "avis_modifie_entre_temps", "Modifié entre-temps.", actuel=actuel)
    le = datetime.now(UTC).isoformat()
    nouveau = {
        "cible": cible,
        "formation_id": "F1",
        "capacite": corps["capacite"],
        "version": version + 1,
        "auteur": p.acteur,
        "modifie_le": le,
    }
    _amont(request).avis[eleve, cible] = nouveau
    return nouveau


base = "/exports/interne/v1/sessions/{s}/lycees/{uai}/exports"


@router.post(base, status_code=202)
async def demander(request: Request, s: int, uai: str, p: Appelant, corps: dict[str, str]) -> dict[str, Any]:
    exiger(p, uai)
    export = {
        "id": eleve_id(uai, 1000 + len(_amont(request).exports)),
        "etat": "PRET",
        "liste": corps["liste"],
    }
    _amont(request).exports[export["id"]] = export
    return export


@router.get(base + "/{export}")
async def etat(request: Request, s: int, uai: str, export: str, p: Appelant) -> dict[str, Any]:
    exiger(p, uai)
    return _amont(request).exports[export]


@router.get(base + "/{export}/fichier")
async def fichier(request: Request, s: int, uai: str, export: str, p: Appelant) -> Response:
    exiger(p, uai)
    if export not in _amont(request).exports:
        raise introuvable()
    entete = {"Content-Disposition": 'attachment; filename="liste.xlsx"'}
    return Response(b"PK-classeur" * 10_000, media_type="application/xlsx", headers=entete)


@router.post("/ingest/interne/v1/sessions/{s}/lycees/{uai}/siecle", status_code=202)
async def siecle(s: int, uai: str, request: Request, p: Appelant) -> dict[str, Any]:
    exiger(p, uai)
    contenu = b"".join([morceau async for morceau in request.stream()])
    if b"BEE_ELEVES" not in contenu and not contenu.startswith(b"PK"):
        raise Refus(422, "PAS_SIECLE", "Ce fichier n’est pas un export « Élèves » de SIECLE.")
    _amont(request).fichiers.append(contenu)
    numero = eleve_id(uai, 2000 + len(_amont(request).imports))
    _amont(request).imports[numero] = {
        "id": numero,
        "uai": uai,
        "etat": "ESSAI" if request.query_params.get("essai") == "true" else "TERMINE",
        "questions": [
            {"code": "PLUS_ANCIEN", "phrase": "Un export plus récent a été intégré.", "chiffres": {"n": 1}}
        ],
        "compte_rendu": {
            "compteurs": {"lus": 130, "traites": 128, "rejetes": 1, "ignores": 1},
            "lignes": [
                {
                    "rang": 12,
                    "gravite": "REJET",
                    "code": "INE",
                    "phrase": "L’INE n’est pas valide.",
                    "ine": "•••••••89AB",
                }
            ],
            "lignes_en_plus": 0,
            "refus": None,
        },
    }
    return {"import_id": numero, "etat": "DEPOSE", "url": f"/interne/{numero}"}


@router.get("/ingest/interne/v1/sessions/{s}/imports/{numero}")
async def remontee(request: Request, s: int, numero: str, p: Appelant) -> dict[str, Any]:
    found = _amont(request).imports.get(numero)
    if found is None or not p.voit_lycee(found["uai"]):
        raise introuvable()
    return found


imports = "/ingest/interne/v1/sessions/{s}/imports"


@router.get(imports)
async def lister_imports(request: Request, s: int, p: Appelant) -> dict[str, Any]:
    tous = _amont(request).imports.values()
    return {"imports": [recu for recu in tous if p.role is Role.OPERATEUR or p.voit_lycee(recu["uai"])]}


@router.get(imports + "/{numero}/lignes")
async def lignes(request: Request, s: int, numero: str, p: Appelant) -> dict[str, Any]:
    recu = await remontee(request, s, numero, p)
    return {"lignes": recu["compte_rendu"]["lignes"], "suivant": request.query_params.get("apres", "12_x")}


@router.get(imports + "/{numero}/compte-rendu.xlsx")
async def compte_rendu(request: Request, s: int, numero: str, p: Appelant) -> Response:
    await remontee(request, s, numero, p)
    return Response(b"PK-compte-rendu" * 1_000, media_type="application/xlsx")


@router.post(imports + "/{numero}/{verbe}", status_code=202)
async def repondre(request: Request, s: int, numero: str, verbe: str, p: Appelant) -> dict[str, Any]:
    recu = await remontee(request, s, numero, p)
    if recu["etat"] != "ESSAI":
        raise Refus(409, "etat", "Ce dépôt n’attend plus de réponse.", etat=recu["etat"])
    recu["etat"] = "ANNULE" if verbe == "annuler" else "DEPOSE"
    recu["confirme"] = request.query_params.get("confirme")
    return recu


@router.get("/ingest/interne/v1/sessions/{s}/lycees/{uai}/absents")
async def absents(s: int, uai: str, p: Appelant) -> dict[str, Any]:
    exiger(p, uai)
    commun = {"classe": "TG1", "serie": "GENERALE", "depuis": "2026-01-13"}
    return {
        "absents": [{"eleve_id": eleve_id(uai, 3), **commun}, {"eleve_id": str(uuid5(_NS, "x")), **commun}]
    }


rejets = "/ingest/interne/v1/sessions/{s}/rejets"


def _rejet(numero: str, rang: int) -> dict[str, Any]:
    return {
        "import_id": numero,
        "rang": rang,
        "nature": "FAITS",
        "code": "CHAMP_INVALIDE",
        "phrase": "Le champ n’a pas une valeur permise.",
        "explication": "Correct the line, then replay it.",
        "etat": "A_TRAITER",
        "rejouable": True,
        "corrige": False,
        "rejete_le": "2026-01-13T08:00:00+00:00",
        "modifie_le": "2026-01-13T08:00:00+00:00",
    }


@router.get(rejets)
async def lister_rejets(s: int, p: Appelant) -> dict[str, Any]:
    return {"rejets": [_rejet(str(uuid5(_NS, "i")), 7)], "suivant": None}


@router.get(rejets + "/{numero}/{rang}")
async def lire_rejet(s: int, numero: str, rang: int, p: Appelant) -> dict[str, Any]:
    return {**_rejet(numero, rang), "valeur": '{"nom":"ŒUVRARD"}'}


@router.put(rejets + "/{numero}/{rang}/correction", status_code=204)
async def corriger(request: Request, s: int, numero: str, rang: int, p: Appelant) -> Response:
    _amont(request).fichiers.append(await request.body())
    return Response(status_code=204)


@router.post(rejets + "/{numero}/rejouer", status_code=202)
async def rejouer(s: int, numero: str, p: Appelant, corps: dict[str, Any]) -> dict[str, Any]:
    return {"import_id": numero, "lignes": len(corps["rangs"] or ()), "url": "/interne"}


@router.post(rejets + "/{numero}/abandonner")
async def abandonner(s: int, numero: str, p: Appelant, corps: dict[str, Any]) -> dict[str, Any]:
    return {"abandonnes": len(corps["rangs"] or ())}


session_geree = "/ingest/interne/v1/sessions/{s}"


def _operateur(p: Perimetre) -> None:
    if p.role is not Role.OPERATEUR:
        raise introuvable()


@router.get(session_geree + "/calendrier")
async def calendrier(request: Request, s: int, p: Appelant, a_la_date: str = "") -> dict[str, Any]:
    del p
    pose = _amont(request).calendrier
    etapes, version = pose.get("etapes", {}), int(bool(pose))
    return {"session": s, "version": version, "etapes": etapes, "phase": "VOEUX" if a_la_date else None}


@router.put(session_geree + "/calendrier")
async def poser(request: Request, s: int, p: Appelant, corps: dict[str, Any]) -> dict[str, Any]:
    _operateur(p)
    if "VOEUX_LIMITE" not in corps["etapes"]:
        raise Refus(422, "calendrier_refuse", "Il manque une étape.", phrases=["Il manque une étape."])
    _amont(request).calendrier = corps
    return {"session": s, "version": 1, "modifiees": sorted(corps["etapes"])}


@router.get(session_geree + "/vie")
async def vie(request: Request, s: int, p: Appelant) -> dict[str, Any]:
    del p
    return {"session": s, "etat": _amont(request).vie, "version": 1}


@router.post(session_geree + "/vie")
async def changer_vie(request: Request, s: int, p: Appelant, corps: dict[str, Any]) -> dict[str, Any]:
    _operateur(p)
    _amont(request).vie = corps["etat"]
    return {"session": s, "etat": corps["etat"], "version": 2, "motif": corps["motif"]}


@router.get(session_geree + "/referentiels")
async def referentiels(s: int, p: Appelant) -> dict[str, Any]:
    _operateur(p)
    connus = [{"objet": "formation", "version": 3, "lignes": 14_252}]
    return {"referentiels": connus, "corrections": [], "attendues": []}


@router.post(session_geree + "/referentiels/{objet}", status_code=202)
async def deposer_referentiel(request: Request, s: int, objet: str, p: Appelant) -> dict[str, Any]:
    _operateur(p)
    _amont(request).fichiers.append(b"".join([morceau async for morceau in request.stream()]))
    return {"import_id": eleve_id("0010014K", 1), "etat": "DEPOSE", "url": f"/{objet}"}


def creer(amont: Amont) -> FastAPI:
    app = FastAPI()
    app.state.amont = amont
    app.include_router(router)
    install_error_handlers(app)
    return app


@asynccontextmanager
async def amont_en_ecoute() -> AsyncIterator[tuple[Amont, str]]:
    amont = Amont()
    async with en_ecoute(creer(amont)) as url:
        yield amont, url

"""A lycée's settings as JSON: by fiche and field, what is in force, what others say, what was typed here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.eleves.etablissement.champs import CHAMPS, Objet
from services.eleves.etablissement.conseils import LigneLue
from services.eleves.etablissement.domain import Cle, Locale
from services.eleves.etablissement.sources import Lycee
from shared.domaine.calendrier import jour_de
from shared.domaine.etapes import Etape
from shared.domaine.tri import cle_de_classe

_NOMS = {2: "semestre", 3: "trimestre"}


def etablissement(lycee: Lycee) -> dict[str, Any]:
    """Everything that the page shows."""
    cadre = lycee.cadre
    classes = sorted(cadre.classes, key=cle_de_classe)
    return {
        "uai": lycee.uai,
        "session": lycee.session,
        "periodes": [{"numero": n, "libelle": _periode(n, cadre.periodes)} for n in _numeros(cadre.periodes)],
        "sources": {
            "structures": lycee.structures is not None,
            "communs": lycee.communs is not None,
            "notes": bool(lycee.enseignants),
        },
        "coordonnees": fiche(lycee, Cle(Objet.COORDONNEES)),
        "classes": [
            {**fiche(lycee, Cle(Objet.CLASSE, classe)), "effectif": _effectif(lycee, classe)}
            for classe in classes
        ],
        "enseignements": [fiche(lycee, cle) for cle in _enseignements(lycee, classes)],
        "conseils": [
            fiche(lycee, Cle(Objet.CONSEIL, classe, str(n)))
            for classe in classes
            for n in _numeros(cadre.periodes)
        ],
        "contacts": [fiche(lycee, cle) for cle in _contacts(lycee)],
    }


def fiche(lycee: Lycee, cle: Cle) -> dict[str, Any]:
    """``version``: what ``If-Match`` expects, 0 when nothing was ever typed. ``alerte``: a sentence, or null."""
    dits, connue = lycee.dits(cle), lycee.fiche(cle)
    valeurs = lycee.valeurs(cle)
    return {
        "objet": cle.objet.value,
        "classe": cle.classe,
        "detail": cle.detail,
        "version": connue.version,
        "alerte": _alerte(lycee, cle, valeurs),
        "champs": [
            {
                "champ": champ.code,
                "libelle": champ.libelle,
                "valeur": valeurs.get(champ.code, ""),
                "siecle": dits[champ.code].valeur if champ.code in dits else None,
                "origine": dits[champ.code].origine if champ.code in dits else None,
                "local": _locale(connue.locales.get(champ.code)),
            }
            for champ in CHAMPS[cle.objet]
        ],
    }


def tableau(lignes: Sequence[LigneLue], changes: Collection[Cle], *, essai: bool) -> dict[str, Any]:
    """The report of a pasted calendar."""
    montrees = [_ligne(ligne, changes) for ligne in lignes]
    return {
        "essai": essai,
        "pris": sum(ligne["etat"] == "PRIS" for ligne in montrees),
        "inchanges": sum(ligne["etat"] == "INCHANGE" for ligne in montrees),
        "refuses": sum(ligne["etat"] == "REFUSE" for ligne in montrees),
        "lignes": montrees,
    }


def actes(lignes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The history: by act, the fields that changed, from what to what; None: SIECLE's value."""
    return [
        {
            "objet": ligne["objet"],
            "classe": ligne["classe"],
            "detail": ligne["detail"],
            "par": ligne["par"],
            "le": ligne["le"].isoformat(),
            "champs": _differences(ligne),
        }
        for ligne in lignes
    ]


def _differences(ligne: Mapping[str, Any]) -> list[dict[str, Any]]:
    avant, apres = ligne["avant"], ligne["apres"]
    libelles = {champ.code: champ.libelle for champ in CHAMPS[Objet(ligne["objet"])]}
    return [
        {
            "libelle": libelles.get(champ, champ),
            "avant": avant.get(champ, {}).get("valeur"),
            "apres": apres.get(champ, {}).get("valeur"),
        }
        for champ in sorted(avant.keys() | apres.keys())
        if avant.get(champ) != apres.get(champ)
    ]


def _ligne(ligne: LigneLue, changes: Collection[Cle]) -> dict[str, Any]:
    if ligne.cle is None:
        return {"numero": ligne.numero, "etat": "REFUSE", "phrase": ligne.phrase}
    return {
        "numero": ligne.numero,
        "etat": "PRIS" if ligne.cle in changes else "INCHANGE",
        "classe": ligne.cle.classe,
        "periode": int(ligne.cle.detail),
        **{champ: valeur for champ, valeur in ligne.valeurs.items() if valeur},
    }


def _alerte(lycee: Lycee, cle: Cle, valeurs: Mapping[str, str]) -> str | None:
    """A conseil of the period that the avis come from, after the last day to give them."""
    limite = lycee.calendrier.dates.get(Etape.CONSEILS_LIMITE)
    periode_des_avis = str(lycee.cadre.periodes - 1)
    if cle.objet is not Objet.CONSEIL or cle.detail != periode_des_avis or limite is None:
        return None
    dernier = jour_de(limite)
    if not valeurs.get("date") or date.fromisoformat(valeurs["date"]) <= dernier:
        return None
    return f"Les avis sont à saisir avant le {dernier:%d/%m/%Y} : ce conseil vient trop tard."


def _enseignements(lycee: Lycee, classes: Sequence[str]) -> list[Cle]:
    """Those of the notes file and those typed here, by classe then by the matière's name."""
    typees = {c for c, f in lycee.fiches.items() if c.objet is Objet.ENSEIGNEMENT and f.locales}
    toutes = lycee.enseignements.keys() | typees
    rangs = {classe: rang for rang, classe in enumerate(classes)}
    connues = [cle for cle in toutes if cle.classe in rangs]
    return sorted(
        connues, key=lambda c: (rangs[c.classe], lycee.valeurs(c).get("libelle", c.detail), c.detail)
    )


def _contacts(lycee: Lycee) -> list[Cle]:
    vivants = [c for c, f in lycee.fiches.items() if c.objet is Objet.CONTACT and f.locales]
    return sorted(
        vivants, key=lambda c: (lycee.valeurs(c).get("fonction", ""), lycee.valeurs(c).get("nom", ""))
    )


def _effectif(lycee: Lycee, classe: str) -> int:
    vue = lycee.classes.get(classe)
    return vue.effectif if vue else 0


def _locale(locale: Locale | None) -> dict[str, Any] | None:
    if locale is None:
        return None
    return {"valeur": locale.valeur, "par": locale.par, "le": locale.le.isoformat(), "motif": locale.motif}


def _numeros(periodes: int) -> range:
    return range(1, periodes + 1)


def _periode(numero: int, periodes: int) -> str:
    return f"{numero}{'er' if numero == 1 else 'e'} {_NOMS[periodes]}"

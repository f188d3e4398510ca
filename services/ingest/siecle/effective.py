"""What is published of a pupil, from all that is said of him: pure (facts_and_effects §1).

For each lycée, its own entries go over its SIECLE file field by field; among the lycées, the latest
entry without sortie is the effective one.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from services.ingest.dispositifs.domain import Complement

GELES = ("codes_bourse", "cordees", "dispositif")
"""What a file no longer moves once the remontée is closed (facts_and_effects §1)."""
CORRIGEABLES = (
    "classe",
    "mef",
    "serie",
    "specialites",
    "regime",
    "statut_scolaire",
    "date_entree",
)
_encoder = msgspec.json.Encoder(order="deterministic").encode
_decoder = msgspec.json.Decoder(dict[str, Any]).decode
_SPECIALITES_DE = "GENERALE"


class Sortie(Struct, frozen=True):
    """A leaving entered by the lycée. ``motif`` stays here, it is not published."""

    date: date
    motif: str


class Renonce(Struct, frozen=True):
    """« Il n’est pas chez nous »: holds for the entry dated ``date_entree``, not for a later one."""

    date_entree: date | None


class Locale(Struct, frozen=True, omit_defaults=True):
    """What a lycée entered itself of one pupil. ``champs``: fields of EleveRemonte, as JSON values."""

    ajout: bool = False
    champs: dict[str, Any] = {}
    sortie: Sortie | None = None
    renonce: Renonce | None = None

    @property
    def vide(self) -> bool:
        return not (self.ajout or self.champs or self.sortie or self.renonce)


encoder_locale = msgspec.json.Encoder(order="deterministic").encode
decoder_locale = msgspec.json.Decoder(Locale).decode


class Inscrite(NamedTuple):
    """A pupil as one lycée last told him. ``contenu``: JSON of EleveRemonte without id and version.

    ``gele``: JSON of his Cordées and bourse at the closing of the remontée, when it is closed.
    """

    uai: str
    date_entree: date | None
    date_sortie: date | None
    version: int
    contenu: bytes
    gele: str | None = None


class Dite(NamedTuple):
    """All that one lycée says of one pupil; at least one of the first two.

    ``complement``: échelon and dispositif that come by other files than the pupils'.
    """

    uai: str
    siecle: Inscrite | None
    locale: Locale | None
    complement: Complement | None = None


class Vivier(NamedTuple):
    """Where the pupil was when the remontée of his lycée was closed."""

    uai: str
    serie: str
    le: date


class Composee(NamedTuple):
    """What a lycée says once its sources are merged. ``renonce``: it says that he is not there."""

    uai: str
    date_entree: date | None
    date_sortie: date | None
    contenu: bytes
    renonce: bool


class Effective(NamedTuple):
    """``contenu``: JSON of EleveRemonte without id and version; ``egalite``: UAI that tie, or none."""

    uai: str
    contenu: bytes
    sorti: bool
    egalite: tuple[str, ...]


def effective(dites: Sequence[Dite], vivier: Vivier | None, courante: str | None) -> Effective:
    """The effective scolarité of one pupil; ``courante``: the lycée of the one last published.

    A tie keeps ``courante`` when it is one of them: a person decides, nothing is guessed.
    """
    composees = [composer(dite) for dite in dites]
    if len(composees) == 1:
        [seule] = composees
        sorti = seule.date_sortie is not None
        return Effective(seule.uai, estampiller(seule.contenu, vivier), sorti, egalite=())
    tenues = [composee for composee in composees if not composee.renonce] or composees
    presents = [composee for composee in tenues if composee.date_sortie is None]
    if not presents:
        choisie = max(tenues, key=lambda c: (c.date_sortie or date.min, c.uai))
        return Effective(choisie.uai, estampiller(choisie.contenu, vivier), sorti=True, egalite=())
    derniere = max(composee.date_entree or date.min for composee in presents)
    premieres = {c.uai: c for c in presents if (c.date_entree or date.min) == derniere}
    uai = courante if courante in premieres else min(premieres)
    egalite = tuple(sorted(premieres)) if len(premieres) > 1 else ()
    return Effective(uai, estampiller(premieres[uai].contenu, vivier), sorti=False, egalite=egalite)


def composer(dite: Dite) -> Composee:
    """The lycée's own entries over its file, field by field."""
    siecle, locale = dite.siecle, dite.locale
    intact = dite.complement is None and (locale is None or locale.vide)
    if siecle is not None and siecle.gele is None and intact:
        return Composee(dite.uai, siecle.date_entree, siecle.date_sortie, siecle.contenu, renonce=False)
    champs = valeurs(dite)
    entree, sortie = _date(champs.get("date_entree")), _date(champs.get("date_sortie"))
    renonce = locale is not None and locale.renonce is not None and locale.renonce.date_entree == entree
    return Composee(dite.uai, entree, sortie, _encoder(champs), renonce)


def valeurs(dite: Dite) -> dict[str, Any]:
    """Effective fields of what one lycée says, as JSON values."""
    champs = valeurs_siecle(dite.siecle) if dite.siecle else {}
    champs |= _valeurs_du_complement(dite.complement)
    if dite.locale is None:
        return champs
    champs |= dite.locale.champs
    if not champs.get("cordees"):
        champs.pop("dispositif", None)
    if champs.get("serie") != _SPECIALITES_DE and "specialites" not in dite.locale.champs:
        champs.pop("specialites", None)
    if dite.locale.sortie:
        champs["date_sortie"] = dite.locale.sortie.date.isoformat()
    return champs


def _valeurs_du_complement(complement: Complement | None) -> dict[str, Any]:
    champs: dict[str, Any] = {}
    if complement and complement.echelon_bourse:
        champs["echelon_bourse"] = complement.echelon_bourse
    if complement and complement.dispositif:
        champs |= {"cordees": True, "dispositif": complement.dispositif}
    return champs


def valeurs_siecle(siecle: Inscrite) -> dict[str, Any]:
    """What the file says, Cordées and bourse as they were frozen."""
    champs = _decoder(siecle.contenu)
    if siecle.gele is not None:
        for champ in GELES:
            champs.pop(champ, None)
        champs |= _decoder(siecle.gele)
    return champs


def ecart_gele(siecle: Inscrite) -> dict[str, tuple[Any, Any]]:
    """Field → (frozen, in the file) where the latest file differs from what was frozen."""
    if siecle.gele is None:
        return {}
    fige, lu = _decoder(siecle.gele), _decoder(siecle.contenu)
    paires = {champ: (fige.get(champ) or None, lu.get(champ) or None) for champ in GELES}
    return {champ: paire for champ, paire in paires.items() if paire[0] != paire[1]}


def estampiller(contenu: bytes, vivier: Vivier | None) -> bytes:
    """The content with the stamp of the frozen base, which nothing takes away."""
    if vivier is None:
        return contenu
    timbre = {"uai": vivier.uai, "serie": vivier.serie, "date": vivier.le.isoformat()}
    return _encoder({**_decoder(contenu), "vivier_initial": timbre})


def a_reporter(dite: Dite) -> dict[str, tuple[Any, Any]]:
    """Field → (in SIECLE, entered here) where the lycée should still correct SIECLE."""
    if dite.locale is None:
        return {}
    lus = _decoder(dite.siecle.contenu) if dite.siecle else {}
    entres = {champ: v for champ, v in dite.locale.champs.items() if champ in CORRIGEABLES}
    if dite.locale.sortie:
        entres["date_sortie"] = dite.locale.sortie.date.isoformat()
    return {champ: (lus.get(champ), v) for champ, v in entres.items() if lus.get(champ) != v}


def fusionner(garde: Locale | None, venu: Locale) -> Locale:
    """Entries of one lycée on two pupils who are one: what is said of the kept one stands."""
    if garde is None:
        return venu
    return Locale(
        ajout=garde.ajout and venu.ajout,
        champs={**venu.champs, **garde.champs},
        sortie=garde.sortie,
        renonce=garde.renonce,
    )


def empreinte(contenu: bytes, eleve_id: str) -> bytes:
    """What tells a changed content from an unchanged one; salted by the pupil."""
    return empreinte_salee(contenu, sel_de(eleve_id))


def sel_de(eleve_id: str) -> bytes:
    return bytes.fromhex(eleve_id.replace("-", ""))


def empreinte_salee(contenu: bytes, sel: bytes) -> bytes:
    """Same, for who hashes several contents of one pupil."""
    return blake2b(contenu, digest_size=16, salt=sel).digest()


def version_suivante(version: int, derniere: int) -> int:
    """The source's order; above the last one when a confirmed or equally dated file says otherwise."""
    return max(version, derniere + 1)


def decoder_contenu(contenu: bytes) -> Mapping[str, Any]:
    return _decoder(contenu)


def _date(valeur: Any) -> date | None:
    return date.fromisoformat(valeur) if valeur else None

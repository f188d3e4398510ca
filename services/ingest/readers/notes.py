"""Streaming reader of the notes file that gradebooks write, ``{UAI}_E{n}.xml`` (siecle_reference §4.1).

Elements are swept away once read. What is kept is bounded: ``NOTES_MAX`` marks, ``LISTE_MAX`` of each list.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from lxml import etree

from services.ingest.bulletins.brut import (
    AnneeBrute,
    BulletinBrut,
    ClasseBrute,
    EleveBrut,
    EnseignantBrut,
    EnteteBrut,
    FichierBrut,
    MatiereBrute,
    NoteBrute,
    ServiceBrut,
)
from services.ingest.readers.encodage import PROLOGUE_MAX, Prologue, lire_prologue
from services.ingest.refus import FichierRefuse

K = TypeVar("K")
T = TypeVar("T")
RACINE = "fichier"
NOTES_MAX = 400_000
"""A lycée of 2,000 terminales × 14 matières × 6 périodes has 168,000."""
LISTE_MAX = 50_000
_MORCEAU = 1 << 16
_ENFANTS_MAX = 2_000
_ENTETE_AVANT = 1 << 20
_ELEMENT_MAX = 8 << 20
_TEXTE_MAX = 4_000
_LISTES = {
    "classe": "classes",
    "service-notation": "services-notations",
    "matiere": "matieres",
    "langue-vivante": "langues-vivantes",
    "enseignant": "enseignants",
    "eleve": "eleves",
}
_TAGS = ("etablissement", *_LISTES)


class Flux(Protocol):
    """Anything that gives bytes by chunks."""

    def read(self, taille: int, /) -> bytes: ...


def lire(flux: Flux, controler: Callable[[EnteteBrut], None]) -> FichierBrut:
    """Read a whole file; ``controler`` judges its header as soon as it is read.

    Raises:
        FichierRefuse: not this XML, truncated, too big, or refused by ``controler``.
    """
    debut = _debut(flux)
    prologue = lire_prologue(debut)
    if prologue.racine != RACINE:
        raise FichierRefuse(
            "RACINE",
            "Ce fichier XML n’est pas l’export des notes du logiciel de notes (fichier) : vérifiez le fichier.",
        )
    lecteur = _Lecteur(_parser(prologue), controler)
    try:
        lecteur.prendre(debut[prologue.saut :])
        while morceau := flux.read(_MORCEAU):
            lecteur.prendre(morceau)
        return lecteur.finir()
    except etree.XMLSyntaxError as erreur:
        raise FichierRefuse(
            "XML",
            f"Le fichier XML est abîmé ou coupé (ligne {erreur.lineno or '?'}) : refaites l’export et le dépôt.",
        ) from erreur


def _debut(flux: Flux) -> bytes:
    debut = b""
    while len(debut) < PROLOGUE_MAX and (morceau := flux.read(PROLOGUE_MAX - len(debut))):
        debut += morceau
    if not debut.strip():
        raise FichierRefuse("VIDE", "Le fichier est vide : refaites l’export.")
    return debut


def _parser(prologue: Prologue) -> "etree.XMLPullParser":
    try:
        return etree.XMLPullParser(
            events=("start", "end"),
            tag=_TAGS,
            encoding=prologue.encodage,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    except LookupError as erreur:
        raise FichierRefuse(
            "ENCODAGE", f"L’encodage « {prologue.encodage} » n’est pas lu : refaites l’export."
        ) from erreur


class _Lecteur:
    def __init__(self, parser: "etree.XMLPullParser", controler: Callable[[EnteteBrut], None]) -> None:
        self._parser = parser
        self._controler = controler
        self._fichier: FichierBrut | None = None
        self._racine: etree._Element | None = None
        self._octets = 0
        self._ouvert: etree._Element | None = None
        self._ouvert_a = 0
        self._notes = 0
        self._eleves = 0
        self._preneurs: dict[str, Callable[[FichierBrut, etree._Element], None]] = {
            "classe": _prendre_classe,
            "service-notation": _prendre_service,
            "matiere": _prendre_matiere,
            "langue-vivante": _prendre_langue,
            "enseignant": _prendre_enseignant,
            "eleve": self._prendre_eleve,
        }

    def prendre(self, morceau: bytes) -> None:
        self._parser.feed(morceau)
        self._octets += len(morceau)
        self._evenements()
        self._balayer()

    def finir(self) -> FichierBrut:
        self._parser.close()
        self._evenements()
        if self._fichier is None:
            raise _sans_etablissement()
        return self._fichier

    def _evenements(self) -> None:
        for quand, lu in self._parser.read_events():
            element = cast("etree._Element", lu)  # noqa: SLF001 - the type's only name
            if element.tag == "etablissement":
                self._prendre_etablissement(quand, element)
            elif quand == "end" and _est_d_une_liste(element):
                if self._fichier is None:
                    raise _sans_etablissement()
                self._preneurs[element.tag](self._fichier, element)
        if self._fichier is None and self._octets > _ENTETE_AVANT:
            raise _sans_etablissement()

    def _prendre_etablissement(self, quand: str, element: "etree._Element") -> None:
        racine = element.getparent()
        if quand != "start" or racine is None or racine.getparent() is not None:
            return
        if self._fichier is not None:
            raise FichierRefuse(
                "PLUSIEURS_UAI", "Le fichier contient plusieurs établissements : faites un export par lycée."
            )
        self._racine = racine
        entete = EnteteBrut(
            _attribut(racine, "logiciel"),
            _attribut(racine, "version"),
            _attribut(racine, "date-creation"),
            _attribut(element, "rne"),
        )
        self._controler(entete)
        self._fichier = FichierBrut(entete)

    def _balayer(self) -> None:
        """Forget every element that is complete: memory is that of what is kept."""
        noeud, profondeur = self._racine, 0
        while noeud is not None and len(noeud):
            if profondeur < 3:  # noqa: PLR2004 - fichier, etablissement, list
                del noeud[:-1]
            elif len(noeud) > _ENFANTS_MAX:
                raise _anormal()
            noeud, profondeur = noeud[-1], profondeur + 1
            if profondeur == 3:  # noqa: PLR2004 - same
                self._surveiller(noeud)

    def _surveiller(self, element: "etree._Element") -> None:
        """One element of a list that never ends would fill the memory."""
        if element is not self._ouvert:
            self._ouvert, self._ouvert_a = element, self._octets
        elif self._octets - self._ouvert_a > _ELEMENT_MAX:
            raise _anormal()

    def _prendre_eleve(self, fichier: FichierBrut, element: "etree._Element") -> None:
        self._eleves += 1
        annees = [_annee(annee) for annee in element.iter("annee-scolaire")]
        self._notes += sum(len(bulletin.notes) for annee in annees for bulletin in annee.bulletins)
        if self._notes > NOTES_MAX or self._eleves > LISTE_MAX:
            raise _anormal()
        eleve = EleveBrut(
            self._eleves,
            _attribut(element, "code"),
            _attribut(element, "ine").upper(),
            _attribut(element, "nom"),
            _attribut(element, "prenom"),
            _attribut(element, "date-naissance"),
            annees,
        )
        fichier.eleves.append(eleve)


def _est_d_une_liste(element: "etree._Element") -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == _LISTES[element.tag]


def _prendre_classe(fichier: FichierBrut, element: "etree._Element") -> None:
    classe = ClasseBrute(
        _attribut(element, "annee"),
        _attribut(element, "nom"),
        _attribut(element, "niveau").lower(),
        _attribut(element, "decoupage"),
    )
    _ajouter(fichier.classes, (_attribut(element, "code"), classe.annee), classe)


def _prendre_service(fichier: FichierBrut, element: "etree._Element") -> None:
    service = ServiceBrut(
        annee=_attribut(element, "annee"),
        periode=_attribut(element, "trimestre"),
        enseignants=tuple(_attribut(element, "code-enseignant").split()),
        matiere=_attribut(element, "code-matiere"),
        langue=_valeur(element, "niveau-langue-vivante", "langue-vivante", "niveau").upper(),
        groupe=_valeur(element, "nom-groupe", "groupe"),
        effectif=_valeur(element, "effectif"),
        haute=_valeur(element, "moyenne-haute"),
        basse=_valeur(element, "moyenne-basse"),
        moyenne=_valeur(element, "moyenne-classe"),
    )
    _ajouter(fichier.services, (_attribut(element, "code"), service.annee), service)


def _prendre_matiere(fichier: FichierBrut, element: "etree._Element") -> None:
    matiere = MatiereBrute(_attribut(element, "code-sconet").upper(), _attribut(element, "libelle"))
    _ajouter(fichier.matieres, _attribut(element, "code"), matiere)


def _prendre_langue(fichier: FichierBrut, element: "etree._Element") -> None:
    _ajouter(fichier.langues, _attribut(element, "code"), _attribut(element, "libelle"))


def _prendre_enseignant(fichier: FichierBrut, element: "etree._Element") -> None:
    enseignant = EnseignantBrut(_attribut(element, "nom"), _attribut(element, "prenom"))
    _ajouter(fichier.enseignants, _attribut(element, "code"), enseignant)


def _ajouter(liste: dict[K, T], cle: K, valeur: T) -> None:
    """The last of a code wins."""
    if len(liste) >= LISTE_MAX:
        raise _anormal()
    liste[cle] = valeur


def _annee(element: "etree._Element") -> AnneeBrute:
    bulletins = [
        BulletinBrut(
            _attribut(bulletin, "trimestre"), [_note(note) for note in bulletin.iterchildren("notes")]
        )
        for bulletin in element.iter("bulletin")
    ]
    return AnneeBrute(_attribut(element, "annee"), _attribut(element, "code-classe"), bulletins)


def _note(element: "etree._Element") -> NoteBrute:
    textes = {enfant.tag: (enfant.text or "").strip() for enfant in element}
    return NoteBrute(
        _attribut(element, "code-service-notation"),
        _attribut(element, "etat").upper(),
        textes.get("moyenne", ""),
        textes.get("rang", ""),
        textes.get("coefficient", ""),
        textes.get("appreciation", "")[:_TEXTE_MAX],
    )


def _attribut(element: "etree._Element", nom: str) -> str:
    return (element.get(nom) or "").strip()


def _valeur(element: "etree._Element", *noms: str) -> str:
    """The specification has these as children, some gradebooks as attributes."""
    return next((lu for nom in noms if (lu := (element.findtext(nom) or element.get(nom) or "").strip())), "")


def _anormal() -> FichierRefuse:
    return FichierRefuse("XML", "La structure du fichier XML est anormale : refaites l’export.")


def _sans_etablissement() -> FichierRefuse:
    return FichierRefuse(
        "RNE",
        "Le fichier ne dit pas de quel établissement il vient (etablissement, rne) : refaites l’export.",
    )

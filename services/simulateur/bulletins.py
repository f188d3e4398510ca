"""Notes files as gradebooks write them, ``{UAI}_E{n}.xml`` (siecle_reference §4.1): seeded, written list by list.

Marks are drawn per pupil, so that a later file with one more period repeats the earlier ones byte for byte.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BufferedIOBase
from pathlib import Path
from random import Random
from statistics import fmean
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.simulateur.eleves import Eleve
from services.simulateur.noms import NOMS, PRENOMS_F, PRENOMS_M
from shared.nomenclatures.lycees import Lycee
from shared.nomenclatures.matieres import specialite_de_la_matiere
from shared.nomenclatures.series import Serie

LOGICIEL, VERSION = "simulateur", "1"
_ECHAPPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_COMMUNES = (
    ("010300", "Philosophie", 4.0, -1.6),
    ("043700", "Histoire-géographie", 3.0, 0.0),
    ("043800", "Enseignement moral et civique", 1.0, 0.8),
    ("100100", "Éducation physique et sportive", 2.0, 2.2),
)
_PROPRES = {
    "G": (),
    "T": (("061300", "Mathématiques", 3.0, -0.8), ("062300", "Physique-chimie", 4.0, -0.5)),
    "P": (("061300", "Mathématiques", 2.0, -0.6), ("071100", "Enseignement professionnel", 8.0, 1.0)),
}
_OPTIONS = (
    ("024100", "Latin", 1.0, 1.5),
    ("275700", "Histoire des arts", 1.0, 1.6),
    ("278500", "Théâtre", 1.0, 2.0),
    ("083200", "Musique", 1.0, 1.8),
)
_LANGUES = {"02": "Anglais", "04": "Chinois", "06": "Espagnol", "09": "Italien", "01": "Allemand"}
_NIVEAUX = {"G": 13.1, "T": 12.2, "P": 12.4}
"""Means of a terminale by voie: hypothesis, of the order that lycées publish."""
_APPRECIATIONS = (
    (16.0, ("Excellent trimestre, travail approfondi et participation active.", "Très bon ensemble, bravo.")),
    (
        13.0,
        ("Bon travail, sérieux et régulier.", "Ensemble satisfaisant ; continuez ainsi, cœur à l’ouvrage."),
    ),
    (
        10.0,
        (
            "Résultats corrects, mais le travail personnel doit être plus régulier.",
            "Peut mieux faire à l’écrit.",
        ),
    ),
    (0.0, ("Des difficultés : il faut revoir les bases et demander de l’aide.", "Travail trop irrégulier.")),
)
_CLASSES_PAR_ENSEIGNANT = 3
_ECART_ELEVE, _ECART_MATIERE, _ECART_PERIODE = 2.2, 1.5, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportNotes:
    """One file. ``periodes``: how many of this year it holds; ``premiere``: last year's too, where they were.

    ``decoupage``: 3 trimestres or 2 semestres. ``options``: further matières of each pupil, up to four.
    """

    graine: int
    lycee: Lycee
    session: int
    creation: date
    periodes: int = 2
    decoupage: int = 3
    numero: int = 1
    premiere: bool = True
    options: int = 0
    encodage: str = "utf-8"

    @property
    def nom(self) -> str:
        return f"{self.lycee.uai}_E{self.numero}.xml"


@dataclass(frozen=True, slots=True)
class _Matiere:
    code: str
    libelle: str
    coefficient: float
    ecart: float
    langue: str = ""


@dataclass(frozen=True, slots=True)
class _Note:
    """``moyenne`` None unless ``etat`` is S."""

    matiere: _Matiere
    etat: str
    moyenne: float | None
    appreciation: str


@dataclass(frozen=True, slots=True)
class _Bulletin:
    """Marks of one pupil over one period; ``classe``: name, of that year."""

    annee: int
    periode: int
    classe: str
    notes: tuple[_Note, ...]


Services = dict[tuple[int, str, str, int], list[_Note]]
"""(année, classe, code matière, période) → its notes."""


def ecrire(export: ExportNotes, eleves: Sequence[Eleve], dossier: Path, *, compresse: bool = False) -> Path:
    """``dossier/{UAI}_E{n}.xml``, or the same in a zip; the same arguments give the same bytes."""
    dossier.mkdir(parents=True, exist_ok=True)
    chemin = dossier / export.nom
    if not compresse:
        with chemin.open("wb") as sortie:
            _verser(export, eleves, sortie)
        return chemin
    jour = export.creation
    entree = ZipInfo(export.nom, (jour.year, jour.month, jour.day, 0, 0, 0))
    entree.compress_type, entree.create_system = ZIP_DEFLATED, 3
    archive_ = chemin.with_suffix(".zip")
    with ZipFile(archive_, "w") as archive, archive.open(entree, "w") as dans:
        for morceau in octets(export, eleves):
            dans.write(morceau)
    return archive_


def _verser(export: ExportNotes, eleves: Sequence[Eleve], sortie: BufferedIOBase) -> None:
    sortie.writelines(octets(export, eleves))


def octets(export: ExportNotes, eleves: Sequence[Eleve]) -> Iterator[bytes]:
    """The file itself, piece by piece; memory is that of one lycée's services."""
    for texte in _textes(export, eleves):
        yield texte.encode(export.encodage, errors="xmlcharrefreplace")


def notes_attendues(export: ExportNotes, eleves: Sequence[Eleve]) -> int:
    """How many marks the file holds."""
    return sum(
        len(bulletin.notes) for eleve in _terminales(export, eleves) for bulletin in _bulletins(export, eleve)
    )


def _terminales(export: ExportNotes, eleves: Iterable[Eleve]) -> list[Eleve]:
    """Pupils of terminale who are there on the day of the file."""
    return [eleve for eleve in eleves if eleve.serie is not None and eleve.scolarise(export.creation)]


def _textes(export: ExportNotes, eleves: Sequence[Eleve]) -> Iterator[str]:
    presents = _terminales(export, eleves)
    services: Services = {}
    for eleve in presents:
        for bulletin in _bulletins(export, eleve):
            for note in bulletin.notes:
                cle = (bulletin.annee, bulletin.classe, note.matiere.code, bulletin.periode)
                services.setdefault(cle, []).append(note)
    lycee = export.lycee
    yield f'<?xml version="1.0" encoding="{export.encodage}"?>\n'
    yield f'<fichier logiciel="{LOGICIEL}" version="{VERSION}" date-creation="{export.creation:%Y-%m-%d}">\n'
    yield f'<etablissement rne="{lycee.uai}" nom="{_attribut(lycee.nom)}" cp="{lycee.departement[-2:]}000">\n'
    yield from _classes(export, services)
    yield from _services(services)
    yield from _matieres(services)
    yield '<langues-vivantes>\n<langue-vivante code="LV-ANG" libelle="Anglais"/>\n</langues-vivantes>\n'
    yield from _enseignants(export, services)
    yield "<eleves>\n"
    for eleve in presents:
        yield _eleve(export, eleve)
    yield "</eleves>\n</etablissement>\n</fichier>\n"


def _classes(export: ExportNotes, services: Services) -> Iterator[str]:
    yield "<classes>\n"
    for annee, classe in sorted({(annee, classe) for annee, classe, _, _ in services}, reverse=True):
        niveau = "terminale" if annee == export.session else "premiere"
        yield (
            f'<classe code="C-{_code(classe)}" annee="{annee}" nom="{_attribut(classe)}" niveau="{niveau}"'
            f' decoupage="{export.decoupage}"/>\n'
        )
    yield "</classes>\n"


def _services(services: Services) -> Iterator[str]:
    rangs = _rangs(services)
    yield "<services-notations>\n"
    for (annee, classe, code, periode), notes in services.items():
        moyennes = [note.moyenne for note in notes if note.moyenne is not None]
        langue = notes[0].matiere.langue
        stats = ""
        if moyennes:
            stats = (
                f"<moyenne-classe>{fmean(moyennes):.2f}</moyenne-classe><moyenne-haute>{max(moyennes):.2f}"
                f"</moyenne-haute><moyenne-basse>{min(moyennes):.2f}</moyenne-basse>"
            )
        if langue:
            stats += f"<niveau-langue-vivante>{langue}</niveau-langue-vivante>"
        yield (
            f'<service-notation code="{_service(annee, classe, code, periode)}" annee="{annee}"'
            f' trimestre="{periode}" code-enseignant="{_enseignant(code, rangs[classe])}"'
            f' code-matiere="M-{code}"><effectif>{len(notes)}</effectif>{stats}</service-notation>\n'
        )
    yield "</services-notations>\n"


def _matieres(services: Services) -> Iterator[str]:
    connues = {code: notes[0].matiere.libelle for (_, _, code, _), notes in services.items()}
    yield "<matieres>\n"
    for code, libelle in sorted(connues.items()):
        yield f'<matiere code="M-{code}" code-sconet="{code}" libelle="{_attribut(libelle)}"/>\n'
    yield "</matieres>\n"


def _enseignants(export: ExportNotes, services: Services) -> Iterator[str]:
    rangs = _rangs(services)
    yield "<enseignants>\n"
    for code in sorted({_enseignant(code, rangs[classe]) for _, classe, code, _ in services}):
        alea = Random(f"{export.graine}/{export.lycee.uai}/{code}")
        prenom = alea.choice(alea.choice((PRENOMS_F, PRENOMS_M)))
        nom = alea.choice(NOMS)
        yield f'<enseignant code="{code}" nom="{_attribut(nom)}" prenom="{_attribut(prenom)}"/>\n'
    yield "</enseignants>\n"


def _rangs(services: Services) -> dict[str, int]:
    return {classe: rang for rang, classe in enumerate(sorted({classe for _, classe, _, _ in services}))}


def _enseignant(code_matiere: str, rang: int) -> str:
    """One teacher for a few classes of a matière, over the years."""
    return f"P-{code_matiere}-{rang // _CLASSES_PAR_ENSEIGNANT + 1}"


def _service(annee: int, classe: str, code: str, periode: int) -> str:
    return f"S-{annee}-{_code(classe)}-{code}_{periode}"


def _eleve(export: ExportNotes, eleve: Eleve) -> str:
    ine = f' ine="{eleve.ine}"' if eleve.ine else ' ine=""'
    annees: dict[tuple[int, str], list[_Bulletin]] = {}
    for bulletin in _bulletins(export, eleve):
        annees.setdefault((bulletin.annee, bulletin.classe), []).append(bulletin)
    corps = "".join(
        f'<annee-scolaire annee="{annee}" code-classe="C-{_code(classe)}"><bulletins>'
        f"{''.join(_bulletin(bulletin) for bulletin in bulletins)}</bulletins></annee-scolaire>\n"
        for (annee, classe), bulletins in annees.items()
    )
    return (
        f'<eleve code="E-{eleve.eleve_id}"{ine} nom="{_attribut(eleve.nom)}" prenom="{_attribut(eleve.prenom)}"'
        f' date-naissance="{eleve.naissance:%Y-%m-%d}"><annees-scolaires>\n{corps}</annees-scolaires></eleve>\n'
    )


def _bulletin(bulletin: _Bulletin) -> str:
    notes = "".join(_note(bulletin, note) for note in bulletin.notes)
    return f'<bulletin trimestre="{bulletin.periode}">{notes}</bulletin>'


def _note(bulletin: _Bulletin, note: _Note) -> str:
    service = _service(bulletin.annee, bulletin.classe, note.matiere.code, bulletin.periode)
    moyenne = f"<moyenne>{note.moyenne:.2f}</moyenne>" if note.moyenne is not None else ""
    return (
        f'<notes code-service-notation="{service}" etat="{note.etat}">{moyenne}'
        f"<coefficient>{note.matiere.coefficient:.1f}</coefficient>"
        f"<appreciation>{_attribut(note.appreciation)}</appreciation></notes>\n"
    )


def _bulletins(export: ExportNotes, eleve: Eleve) -> Iterator[_Bulletin]:
    """This year's, then last year's; drawn from the pupil alone."""
    voie = eleve.serie.voie if eleve.serie else "G"
    niveau = _NIVEAUX[voie] + Random(f"{export.graine}/{eleve.indice}/niveau").gauss(0, _ECART_ELEVE)
    matieres = list(_matieres_de(eleve, voie, export.options))
    classe = eleve.division or ""
    yield from _annee(export, eleve, export.session, classe, (niveau, matieres, export.periodes))
    if export.premiere and not eleve.doublement:
        avant = classe.replace("T", "1", 1)
        yield from _annee(
            export, eleve, export.session - 1, avant, (niveau + 0.3, matieres, export.decoupage)
        )


def _annee(
    export: ExportNotes, eleve: Eleve, annee: int, classe: str, quoi: tuple[float, Sequence[_Matiere], int]
) -> Iterator[_Bulletin]:
    """``quoi``: the pupil's level, his matières, how many periods."""
    niveau, matieres, periodes = quoi
    gouts = Random(f"{export.graine}/{eleve.indice}/{annee}/gouts")
    forces = [niveau + matiere.ecart + gouts.gauss(0, _ECART_MATIERE) for matiere in matieres]
    for periode in range(1, periodes + 1):
        alea = Random(f"{export.graine}/{eleve.indice}/{annee}/{periode}")
        notes = tuple(_tirer(alea, matiere, force) for matiere, force in zip(matieres, forces, strict=True))
        yield _Bulletin(annee, periode, classe, notes)


def _matieres_de(eleve: Eleve, voie: str, options: int) -> Iterator[_Matiere]:
    for communes in (_COMMUNES, _PROPRES[voie], _OPTIONS[:options]):
        for code, libelle, coefficient, ecart in communes:
            yield _Matiere(code, libelle, coefficient, ecart)
    for code in dict.fromkeys(code for _, code in eleve.options):
        specialite = specialite_de_la_matiere(code)
        if code.startswith("03") and code[4:] in {"01", "02"}:
            libelle = f"{_LANGUES.get(code[2:4], 'Langue vivante')} LV{'A' if code.endswith('1') else 'B'}"
            yield _Matiere(code, libelle, 3.0, 0.2, f"LV{code[-1]}")
        elif specialite is not None and eleve.serie is Serie.GENERALE:
            yield _Matiere(code, specialite.libelle, 16.0, -0.2)


def _tirer(alea: Random, matiere: _Matiere, force: float) -> _Note:
    etat = alea.choices("SNAD", (96.5, 2.0, 1.0, 2.5 if matiere.code == "100100" else 0.5))[0]
    moyenne = round(min(20.0, max(0.5, force + alea.gauss(0, _ECART_PERIODE))), 2)
    if etat != "S":
        return _Note(matiere, etat, None, "Non évalué ce trimestre." if etat == "N" else "")
    phrases = next(phrases for seuil, phrases in _APPRECIATIONS if moyenne >= seuil)
    return _Note(matiere, etat, moyenne, alea.choice(phrases))


def _code(classe: str) -> str:
    return _attribut(classe.replace(" ", ""))


def _attribut(texte: str) -> str:
    return texte.translate(_ECHAPPES)

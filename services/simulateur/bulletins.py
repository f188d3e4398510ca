"""Notes files as gradebooks write them, ``{UAI}_E{n}.xml`` (siecle_reference §4.1): seeded, written list by list.

Marks are drawn per pupil, so that a later file with one more period repeats the earlier ones byte for byte.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BufferedIOBase
from pathlib import Path
from random import Random
from statistics import fmean
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.simulateur.bulletins_tirage import Bulletin, Note, tirer
from services.simulateur.eleves import Eleve
from services.simulateur.noms import NOMS, PRENOMS_F, PRENOMS_M
from shared.nomenclatures.lycees import Lycee

LOGICIEL, VERSION = "simulateur", "1"
_ECHAPPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_CLASSES_PAR_ENSEIGNANT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportNotes:
    """One file. ``periodes``: how many of this year it holds; ``premiere``: last year's too, where they were.

    ``decoupage``: 3 trimestres or 2 semestres. ``options``: further matières of each pupil, up to four.
    ``decalage``: days between the date that is written and ``creation``, which tells who is in it.
    ``lacunes``: one pupil in so many lacks this year's last period.
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
    decalage: int = 0
    lacunes: int = 0

    @property
    def nom(self) -> str:
        return f"{self.lycee.uai}_E{self.numero}.xml"


Services = dict[tuple[int, str, str, int], list[Note]]
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


def _bulletins(export: ExportNotes, eleve: Eleve) -> Iterator[Bulletin]:
    lacunaire = bool(export.lacunes) and eleve.elenoet % export.lacunes == 0
    for bulletin in tirer(export, eleve):
        derniere = (bulletin.annee, bulletin.periode) == (export.session, export.periodes)
        if not (lacunaire and derniere):
            yield bulletin


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
    yield f'<fichier logiciel="{LOGICIEL}" version="{VERSION}" date-creation="{export.creation + timedelta(days=export.decalage):%Y-%m-%d}">\n'
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
    annees: dict[tuple[int, str], list[Bulletin]] = {}
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


def _bulletin(bulletin: Bulletin) -> str:
    notes = "".join(_note(bulletin, note) for note in bulletin.notes)
    return f'<bulletin trimestre="{bulletin.periode}">{notes}</bulletin>'


def _note(bulletin: Bulletin, note: Note) -> str:
    service = _service(bulletin.annee, bulletin.classe, note.matiere.code, bulletin.periode)
    moyenne = f"<moyenne>{note.moyenne:.2f}</moyenne>" if note.moyenne is not None else ""
    return (
        f'<notes code-service-notation="{service}" etat="{note.etat}">{moyenne}'
        f"<coefficient>{note.matiere.coefficient:.1f}</coefficient>"
        f"<appreciation>{_attribut(note.appreciation)}</appreciation></notes>\n"
    )


def _code(classe: str) -> str:
    return _attribut(classe.replace(" ", ""))


def _attribut(texte: str) -> str:
    return texte.translate(_ECHAPPES)

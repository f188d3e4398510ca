"""Small notes files made by hand: each test says only what is special in its own."""

from collections.abc import Iterable, Mapping

from tests.ingest._fichiers import UAI, ine

MATIERES = {"PHILO": ("010300", "Philosophie"), "MATHS": ("061300", "Mathématiques")}


def note(
    service: str = "MATHS",
    etat: str = "S",
    moyenne: str | None = "12.5",
    appreciation: str = "Bien.",
    periode: int = 1,
    **champs: str,
) -> str:
    """One ``notes``; ``service``: key of the matière, taught to the whole class."""
    enfants = {"moyenne": moyenne if etat == "S" else None, **champs, "appreciation": appreciation}
    corps = "".join(f"<{nom}>{valeur}</{nom}>" for nom, valeur in enfants.items() if valeur is not None)
    return f'<notes code-service-notation="S-{service}_{periode}" etat="{etat}">{corps}</notes>'


def bulletin(periode: int = 1, *notes: str) -> str:
    """By default philosophie and mathématiques, whole."""
    corps = notes or (note("PHILO", periode=periode), note("MATHS", periode=periode))
    return f'<bulletin trimestre="{periode}">{"".join(corps)}</bulletin>'


def annee(*bulletins: str, annee_: int | str = 2026, classe: str = "TG1") -> str:
    return (
        f'<annee-scolaire annee="{annee_}" code-classe="C-{classe}"><bulletins>'
        f"{''.join(bulletins or (bulletin(1), bulletin(2)))}</bulletins></annee-scolaire>"
    )


def eleve(
    rang: int = 1,
    *annees: str,
    code: str | None = None,
    ine_: str | None = None,
    nom: str = "",
    naissance: str = "2008-05-07",
) -> str:
    """Pupil ``rang`` of the SIECLE files of ``_fichiers``, who has the same ELEVE_ID and INE."""
    return (
        f'<eleve code="E-{rang if code is None else code}" ine="{ine(rang) if ine_ is None else ine_}"'
        f' nom="{nom or f"NOM{rang}"}" prenom="Prénom{rang}" date-naissance="{naissance}">'
        f"<annees-scolaires>{''.join(annees or (annee(),))}</annees-scolaires></eleve>"
    )


def classe(nom: str = "TG1", annee_: int = 2026, niveau: str = "terminale", decoupage: str = "3") -> str:
    return f'<classe code="C-{nom}" annee="{annee_}" nom="{nom}" niveau="{niveau}" decoupage="{decoupage}"/>'


def service(
    code: str,
    periode: int = 1,
    annee_: int | str = 2026,
    *,
    matiere: str | None = None,
    enseignant: str = "P-1",
    suite: str = "<effectif>30</effectif>",
    **attributs: str,
) -> str:
    plus = "".join(f' {nom.replace("_", "-")}="{valeur}"' for nom, valeur in attributs.items())
    return (
        f'<service-notation code="S-{code}_{periode}" annee="{annee_}" trimestre="{periode}"'
        f' code-enseignant="{enseignant}" code-matiere="{f"M-{code}" if matiere is None else matiere}"{plus}>'
        f"{suite}</service-notation>"
    )


def services(annee_: int = 2026, periodes: Iterable[int] = (1, 2, 3)) -> str:
    return "".join(service(code, periode, annee_) for periode in periodes for code in MATIERES)


def matieres(connues: Mapping[str, tuple[str, str]] = MATIERES) -> str:
    return "".join(
        f'<matiere code="M-{code}" code-sconet="{sconet}" libelle="{libelle}"/>'
        for code, (sconet, libelle) in connues.items()
    )


def notes(
    *eleves: str,
    uai: str = UAI,
    creation: str = "2026-03-20",
    classes: str | None = None,
    services_: str | None = None,
    matieres_: str | None = None,
    enseignants: str = '<enseignant code="P-1" nom="LŒUVRE" prenom="Anaïs"/>',
    langues: str = '<langue-vivante code="LV-1" libelle="Anglais"/>',
    encodage: str = "utf-8",
    entete: str | None = None,
    suite: str = "",
) -> bytes:
    """A whole file; ``suite`` comes after the six lists."""
    tete = f'<?xml version="1.0" encoding="{encodage}"?>' if entete is None else entete
    texte = (
        f'{tete}<fichier logiciel="test" version="1" date-creation="{creation}">'
        f'<etablissement rne="{uai}" nom="Lycée" cp="75000">'
        f"<classes>{classe() if classes is None else classes}</classes>"
        f"<services-notations>{services() if services_ is None else services_}</services-notations>"
        f"<matieres>{matieres() if matieres_ is None else matieres_}</matieres>"
        f"<langues-vivantes>{langues}</langues-vivantes>"
        f"<enseignants>{enseignants}</enseignants>"
        f"<eleves>{''.join(eleves or (eleve(),))}</eleves>{suite}</etablissement></fichier>"
    )
    return texte.encode(encodage)

"""Each marginal of what was drawn beside its source: value, reference, relative gap, verdict.

Counts of a part of the nation are compared with the same part of the reference, by number of terminales.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from services.simulateur.nation.reference import chiffres, serie, valeur
from shared.nomenclatures.academies import academies

TOLERANCE: Final = 0.02
LYCEENS, TOUS = "GTP", "GTPA"
VOIES = {"G": "générale", "T": "technologique", "P": "professionnelle"}
JOURS_DE_LA_COURBE: Final = (0, 1, 2, 3, 4, 5, 7, 10, 14, 21, 28, 37)


@dataclass(frozen=True, slots=True)
class Marge:
    """``effectif``: how many drawn things the figure rests on, from which chance is judged."""

    chapitre: str
    libelle: str
    obtenu: float
    reference: float
    statut: str
    source: str
    effectif: float
    part: bool

    @property
    def ecart(self) -> float:
        return self.obtenu / self.reference - 1 if self.reference else 0.0

    @property
    def hasard(self) -> float:
        """Three standard errors, relative, of a count or a share of that size."""
        return 3 / sqrt(max(self.effectif, 1))

    def tenue(self, tolerance: float = TOLERANCE) -> bool:
        """Within the tolerance, or nearer than chance allows to tell."""
        return abs(self.ecart) <= max(tolerance, self.hasard)


class Rapport:
    """The rows of the report. ``n``: what ``comptage`` counted."""

    def __init__(self, n: Mapping[str, int]) -> None:
        self.n = Counter(n)
        self.terminales = self._tous("terminales", LYCEENS)
        self.echelle = self.terminales / valeur("terminales")

    @property
    def national(self) -> bool:
        return self.n["lycees"] == valeur("lycees")

    def _tous(self, nom: str, voies: str) -> int:
        return sum(self.n[f"{nom}/{voie}"] for voie in voies)

    def _somme(self, prefixe: str) -> int:
        return sum(compte for cle, compte in self.n.items() if cle.startswith(prefixe))

    def marges(self) -> Iterator[Marge]:
        yield from self._vivier()
        yield from self._dossiers()
        yield from self._voeux()
        if self.n["caes"] or self._somme("premiere/"):
            yield from self._admission()
            yield from self._jours()

    def _compte(self, chapitre: str, libelle: str, obtenu: float, grandeur: str, cle: str = "") -> Marge:
        chiffre = chiffres()[grandeur, cle]
        reference = chiffre.valeur * self.echelle
        return Marge(chapitre, libelle, obtenu, reference, chiffre.statut, chiffre.source, obtenu, part=False)

    def _part(
        self, chapitre: str, libelle: str, fraction: tuple[float, float], grandeur: str, cle: str = ""
    ) -> Marge:
        haut, bas = fraction
        chiffre, obtenu = chiffres()[grandeur, cle], haut / max(bas, 1)
        return Marge(
            chapitre, libelle, obtenu, chiffre.valeur, chiffre.statut, chiffre.source, haut, part=True
        )

    def _vivier(self) -> Iterator[Marge]:
        chapitre, n = "vivier", self.n
        yield self._compte(chapitre, "lycées", n["lycees"], "lycees")
        yield self._compte(chapitre, "classes de terminale", n["classes"], "classes")
        yield self._compte(chapitre, "terminales", self.terminales, "terminales")
        for nom in serie("serie"):
            yield self._compte(chapitre, f"série {nom}", n[f"serie/{nom}"], "serie", nom)
        if self.national:
            for code in serie("academie"):
                libelle = f"académie {academies()[code].nom}"
                yield self._compte(chapitre, libelle, n[f"academie/{code}"], "academie", code)
        for voie, nom in VOIES.items():
            tous = n[f"terminales/{voie}"]
            yield self._part(chapitre, f"filles, voie {nom}", (n[f"filles/{voie}"], tous), "filles", voie)
            yield self._part(
                chapitre, f"boursiers, voie {nom}", (n[f"boursiers/{voie}"], tous), "boursiers", voie
            )
            yield self._part(chapitre, f"Cordées, voie {nom}", (n[f"cordees/{voie}"], tous), "cordees", voie)

    def _dossiers(self) -> Iterator[Marge]:
        chapitre, n, inscrits = "dossiers", self.n, self._tous("inscrits", LYCEENS)
        yield self._compte(chapitre, "terminales inscrites", inscrits, "inscrits")
        for voie, nom in VOIES.items():
            tous, eux = n[f"terminales/{voie}"], n[f"inscrits/{voie}"]
            yield self._part(chapitre, f"inscrits, voie {nom}", (eux, tous), "participation", voie)
            confirmes = n[f"confirmes/{voie}"]
            yield self._part(chapitre, f"confirment, voie {nom}", (confirmes, eux), "confirmation", voie)
        yield self._part(
            chapitre, "inscrits qui confirment", (self._tous("confirmes", LYCEENS), inscrits), "confirmation"
        )
        yield self._part(
            chapitre, "inscrits sans vœu", (self._tous("sans_voeu", LYCEENS), inscrits), "sans_voeu"
        )
        candidats = self._tous("confirmes", TOUS)
        yield self._compte(chapitre, "candidats, tous profils", candidats, "candidats")
        for profil in serie("profil"):
            libelle, eux = f"profil {profil} parmi les autres candidats", n[f"profil/{profil}"]
            yield self._part(chapitre, libelle, (eux, n["inscrits/A"]), "profil", profil)

    def _voeux(self) -> Iterator[Marge]:
        chapitre, n = "vœux", self.n
        for voie, nom in VOIES.items():
            lignes, listes = n[f"lignes/{voie}"], n[f"confirmes/{voie}"]
            yield self._part(chapitre, f"vœux et sous-vœux, voie {nom}", (lignes, listes), "lignes", voie)
        yield self._part(
            chapitre,
            "vœux et sous-vœux par élève",
            (self._tous("lignes", LYCEENS), self._tous("confirmes", LYCEENS)),
            "lignes",
        )
        yield self._compte(
            chapitre, "candidatures, tous profils", self._tous("candidatures", TOUS), "candidatures"
        )
        terminales = self._tous("candidatures", LYCEENS)
        yield self._compte(chapitre, "candidatures des terminales", terminales, "candidatures_terminales")
        for famille in serie("famille"):
            yield self._compte(
                chapitre, f"famille {famille}", self._somme(f"famille/{famille}/"), "famille", famille
            )
        yield from self._choix()

    def _choix(self) -> Iterator[Marge]:
        chapitre, n = "vœux", self.n
        for voie, nom in VOIES.items():
            listes = n[f"listes/{voie}"]
            un, que = n[f"un_l1_pass/{voie}"], n[f"que_l1_pass/{voie}"]
            yield self._part(
                chapitre, f"au moins un L1/PASS, voie {nom}", (un, listes), "au_moins_un_l1_pass", voie
            )
            yield self._part(
                chapitre, f"uniquement L1/PASS, voie {nom}", (que, listes), "uniquement_l1_pass", voie
            )
        for cle, chiffre in ((c, x) for (g, c), x in chiffres().items() if g == "au_moins_un"):
            if chiffre.statut == "publie":
                voie, famille = cle.split("/")
                libelle = f"au moins un {famille}, voie {VOIES[voie]}"
                yield self._part(
                    chapitre, libelle, (n[f"au_moins_un/{cle}"], n[f"listes/{voie}"]), "au_moins_un", cle
                )
        hors, tous = self._tous("hors_academie", TOUS), self._tous("confirmes", TOUS)
        yield self._part(chapitre, "au moins un vœu hors de l’académie", (hors, tous), "hors_academie")
        brs = self._tous("candidatures_boursiers", LYCEENS)
        yield self._part(
            chapitre,
            "candidatures de boursiers",
            (brs, self._tous("candidatures", LYCEENS)),
            "boursiers_candidatures",
        )
        yield self._compte(
            chapitre,
            "candidats en apprentissage",
            self._tous("apprentissage", TOUS),
            "apprentissage_candidats",
        )
        yield self._compte(
            chapitre, "vœux en apprentissage", self._tous("apprentissage_voeux", TOUS), "apprentissage_voeux"
        )

    def _admission(self) -> Iterator[Marge]:
        chapitre, n = "admission", self.n
        candidats, admis = self._tous("candidats_admission", LYCEENS), self._tous("admis", LYCEENS)
        premier = self._somme("propositions/0/")
        yield self._compte(chapitre, "propositions du premier jour", premier, "propositions_premier_jour")
        yield self._compte(
            chapitre, "propositions de la session", self._somme("propositions/"), "propositions"
        )
        des_le_debut = sum(n[f"premiere/0/{v}"] for v in LYCEENS)
        yield self._part(
            chapitre,
            "lycéens servis le premier jour",
            (des_le_debut, candidats),
            "avec_proposition_premier_jour",
        )
        servis = sum(n[f"premiere/{jour}/{v}"] for v in LYCEENS for jour in range(60))
        yield self._part(chapitre, "lycéens servis à la fin", (servis, candidats), "avec_proposition")
        sans = self._tous("sans_proposition", LYCEENS)
        yield self._part(chapitre, "lycéens sans proposition", (sans, candidats), "sans_proposition")
        partis, eux = self._tous("partis", TOUS), self._tous("candidats_admission", TOUS)
        yield self._part(
            chapitre, "partis avant toute proposition", (partis, eux), "partis_avant_proposition"
        )
        yield self._part(chapitre, "lycéens admis", (admis, candidats), "acceptation")
        for voie, nom in VOIES.items():
            eux = n[f"admis/{voie}"]
            yield self._part(chapitre, f"part des admis, voie {nom}", (eux, admis), "part_des_admis", voie)
        yield self._compte(chapitre, "admis, tous profils", self._tous("admis", TOUS), "admis")
        boursiers = self._tous("admis_boursiers", LYCEENS)
        yield self._part(chapitre, "boursiers parmi les admis", (boursiers, admis), "boursiers_admis")
        yield self._compte(chapitre, "demandes aux commissions", n["caes"], "caes")

    def _jours(self) -> Iterator[Marge]:
        """Share of the lycéens served by day: the curve of 2023 between the two ends of 2025."""
        courbe = serie("courbe_propositions")
        source = chiffres()["courbe_propositions", "0"].source
        debut, fin = valeur("avec_proposition_premier_jour"), valeur("avec_proposition")
        candidats, servis, jour = self._tous("candidats_admission", LYCEENS), 0, 0
        for vise in JOURS_DE_LA_COURBE:
            while jour <= vise:
                servis += sum(self.n[f"premiere/{jour}/{v}"] for v in LYCEENS)
                jour += 1
            reference = debut + (fin - debut) * courbe[str(vise)]
            yield Marge(
                "admission",
                f"lycéens servis à J+{vise}",
                servis / max(candidats, 1),
                reference,
                "calcule",
                source,
                servis,
                part=True,
            )

"""Counts of what was drawn, kept lycée by lycée and summed: the marginals of the report."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from services.simulateur.eleves import Eleve
from services.simulateur.nation.admission import Issue
from services.simulateur.nation.candidats import Candidat
from services.simulateur.nation.catalogue import L1_PASS, catalogue
from shared.nomenclatures.lycees import Lycee

PROPOSEES = frozenset({"OUI", "OUI_SI", "RETENU_SOUS_RESERVE"})


class Comptage:
    """``n``: counts by name (``serie/STMG``, ``famille/BTS/TERMINALE``…)."""

    def __init__(self, ouverture: int) -> None:
        self.n: Counter[str] = Counter()
        self._ouverture = ouverture // 86_400
        self._familles = catalogue().familles
        self._academies = catalogue().academies

    def vivier(self, lycee: Lycee, eleves: Iterable[Eleve], export: date) -> None:
        """Élèves scolarisés of the SIECLE file."""
        n, divisions = self.n, set()
        for eleve in eleves:
            if eleve.serie is None or not eleve.scolarise(export):
                continue
            n[f"serie/{eleve.serie}"] += 1
            n[f"filles/{eleve.serie.voie}"] += eleve.sexe == "2"
            n[f"boursiers/{eleve.serie.voie}"] += eleve.boursier
            n[f"cordees/{eleve.serie.voie}"] += eleve.cordees
            n[f"terminales/{eleve.serie.voie}"] += 1
            n[f"academie/{lycee.academie}"] += 1
            divisions.add(eleve.division)
        n["lycees"] += 1
        n["classes"] += len(divisions)

    def candidat(self, candidat: Candidat, issue: Issue | None, profil: str) -> None:
        n, voie = self.n, candidat.voie
        n[f"inscrits/{voie}"] += 1
        n[f"profil/{profil}"] += 1
        n[f"sans_voeu/{voie}"] += not candidat.lignes
        self._lignes(candidat)
        if issue is not None and candidat.confirme:
            self._issue(candidat, issue)

    def _lignes(self, candidat: Candidat) -> None:
        n, voie = self.n, candidat.voie
        confirmees, hors, familles, scolaires = 0, False, set(), 0
        for ligne in candidat.lignes:
            if ligne.en_alternance:
                n[f"apprentissage_voeux/{voie}"] += 1
                continue
            famille = self._familles[ligne.formation]
            n[f"famille/{famille}/{voie}"] += 1
            familles.add(famille)
            scolaires += 1
            if ligne.confirmee and not ligne.complementaire:
                confirmees += 1
                hors = hors or self._academies[ligne.formation] != candidat.academie
        n[f"candidatures/{voie}"] += scolaires
        n[f"candidatures_boursiers/{voie}"] += scolaires if candidat.boursier else 0
        n[f"apprentissage/{voie}"] += any(ligne.en_alternance for ligne in candidat.lignes)
        if confirmees:
            n[f"confirmes/{voie}"] += 1
            n[f"lignes/{voie}"] += confirmees
            n[f"hors_academie/{voie}"] += hors
        if candidat.lignes:
            n[f"listes/{voie}"] += 1
            n[f"un_l1_pass/{voie}"] += bool(familles & L1_PASS)
            n[f"que_l1_pass/{voie}"] += familles <= L1_PASS
            for famille in familles:
                n[f"au_moins_un/{voie}/{famille}"] += 1

    def _issue(self, candidat: Candidat, issue: Issue) -> None:
        n, voie = self.n, candidat.voie
        n[f"candidats_admission/{voie}"] += 1
        for decision in issue.decisions:
            if decision.decision in PROPOSEES and not decision.ligne.en_alternance:
                jour = decision.instant // 86_400 - self._ouverture
                n[f"propositions/{jour}/{voie}"] += 1
        for reponse in issue.reponses:
            n[f"reponses/{reponse.reponse}/{voie}"] += 1
        if issue.premier is not None:
            n[f"premiere/{issue.premier}/{voie}"] += 1
        elif candidat.dossier[-1][1] == "DEMISSION":
            n[f"partis/{voie}"] += 1
        else:
            n[f"sans_proposition/{voie}"] += 1
        if issue.accepte is not None and candidat.dossier[-1][1] != "DEMISSION":
            n[f"admis/{voie}"] += 1
            n[f"admis_boursiers/{voie}"] += candidat.boursier
        n["caes"] += bool(issue.caes)

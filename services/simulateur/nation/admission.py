"""What happens to one candidate from June on: the formations' answers, his own, the rest of the procedure.

Day one, the end and acceptance by voie come from the reference population; the days between follow the
curve of 2023, stretched between the two (parcoursup_reference §2.6).
"""

from bisect import bisect
from random import Random
from typing import Final, NamedTuple

from services.simulateur.calendrier import HEURE, JOUR, Calendrier
from services.simulateur.nation.candidats import Candidat, Ligne
from services.simulateur.nation.catalogue import SANS_SELECTION, catalogue
from services.simulateur.nation.population import acceptation
from services.simulateur.nation.reference import serie, valeur

CHANCE_DU_PREMIER_JOUR: Final = {"G": 0.654, "T": 0.654, "P": 0.654, "A": 0.58}
PROMUS_DE_LA_LISTE: Final = {"G": 0.222, "T": 0.222, "P": 0.222, "A": 0.125}
PARTIS_SANS_PROPOSITION: Final = {"G": 0.035, "T": 0.035, "P": 0.035, "A": 0.42}
REFUS, OUI_SI, OUBLI, DEMISSION_APRES_REFUS = 0.3, 0.08, 0.4, 0.2
JOURS_DE_LISTE_D_ATTENTE: Final = 36
DEMANDE_A_LA_COMMISSION: Final = 0.451
EN_PHASE_COMPLEMENTAIRE: Final = 0.5


class Decision(NamedTuple):
    instant: int
    ligne: Ligne
    decision: str
    rang_attente: int | None = None
    date_limite: int | None = None


class Reponse(NamedTuple):
    instant: int
    ligne: Ligne
    reponse: str
    maintenus: tuple[str, ...] = ()


class Issue:
    """All that admission adds. ``premier``: days after the opening of the first proposition, if any."""

    __slots__ = ("accepte", "accuses", "caes", "decisions", "premier", "reponses")

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.reponses: list[Reponse] = []
        self.caes: list[tuple[int, str]] = []
        self.accuses: list[tuple[int, str, str]] = []
        self.premier: int | None = None
        self.accepte: Ligne | None = None


class Admissions:
    """Draws the issue of each candidature of a lycée; its own generator, so that the vœux stay the same."""

    def __init__(self, calendrier: Calendrier, alea: Random) -> None:
        self.alea = alea
        self.calendrier = calendrier
        self.catalogue = catalogue()
        self.ouverture = calendrier.phase_principale
        self.jour_un = self.ouverture // JOUR
        self.courbe = list(serie("courbe_propositions").values())
        self.departs = list(serie("courbe_departs").values())
        self.acceptation = {voie: acceptation(voie) for voie in "GTPA"}

    def tirer(self, candidat: Candidat) -> Issue:
        """May add to ``candidat`` vœux of the phase complémentaire, ranks of June and a DEMISSION."""
        issue = Issue()
        confirmees = [ligne for ligne in candidat.lignes if ligne.confirmee]
        if candidat.eleve is not None:
            self._accuses(candidat, issue, avec_fiche=bool(confirmees))
        if not confirmees:
            return issue
        sort = self.alea.random()
        if sort < valeur("avec_proposition_premier_jour", candidat.voie):
            issue.premier = 0
            self._premier_jour(candidat, confirmees, issue)
        elif sort < valeur("avec_proposition", candidat.voie):
            issue.premier = max(1, bisect(self.courbe, self.alea.random()))
            self._plus_tard(candidat, confirmees, issue, issue.premier)
        else:
            self._sans(candidat, confirmees, issue)
        return issue

    def _accuses(self, candidat: Candidat, issue: Issue, *, avec_fiche: bool) -> None:
        """The platform acknowledges the fiche Avenir of all, bourse and Cordées of those concerned."""
        jour = self.calendrier.fin_des_confirmations + 2 * JOUR
        objets = [("BOURSE", candidat.bourse is not None), ("FICHE_AVENIR", avec_fiche)]
        objets.append(("CORDEES", candidat.eleve is not None and candidat.eleve.cordees))
        for objet, concerne in objets:
            if concerne:
                resultat = "REFUSE" if self.alea.random() < 0.01 else "ACCEPTE"  # noqa: PLR2004
                issue.accuses.append((jour + int(self.alea.random() * 8 * HEURE), objet, resultat))

    def _premier_jour(self, candidat: Candidat, confirmees: list[Ligne], issue: Issue) -> None:
        hasard, acces = self.alea.random, self.catalogue.acces
        chance = CHANCE_DU_PREMIER_JOUR[candidat.voie]
        elue, arrivees, promus = self._elue(confirmees), [], []
        for ligne in confirmees:
            if ligne is elue or hasard() < chance * acces[ligne.formation]:
                arrivees.append((self.ouverture, ligne))
                issue.decisions.append(self._proposition(ligne, self.ouverture))
            elif self._attend(ligne, issue) and hasard() < PROMUS_DE_LA_LISTE[candidat.voie]:
                promus.append((self._jour(1 + int(JOURS_DE_LISTE_D_ATTENTE * hasard() ** 2)), ligne))
        self._suite(candidat, arrivees, promus, issue)

    def _plus_tard(self, candidat: Candidat, confirmees: list[Ligne], issue: Issue, premier: int) -> None:
        hasard, elue = self.alea.random, self._elue(confirmees)
        promus: list[tuple[int, Ligne]] = [(self._jour(premier), elue)]
        for ligne in confirmees:
            attend = self._attend(ligne, issue, certaine=ligne is elue)
            if attend and ligne is not elue and hasard() < PROMUS_DE_LA_LISTE[candidat.voie]:
                jours = premier + int((JOURS_DE_LISTE_D_ATTENTE + 1 - premier) * hasard() ** 2)
                promus.append((self._jour(jours), ligne))
        self._suite(candidat, [], promus, issue)

    def _suite(
        self,
        candidat: Candidat,
        arrivees: list[tuple[int, Ligne]],
        promus: list[tuple[int, Ligne]],
        issue: Issue,
    ) -> None:
        promus.sort(key=lambda p: p[0])
        issue.decisions.extend(self._proposition(ligne, instant) for instant, ligne in promus)
        arrivees = arrivees + promus
        taux = self.acceptation[candidat.voie][candidat.boursier]
        if self.alea.random() < taux:
            self._accepter(arrivees, promus, issue)
        else:
            self._laisser(candidat, arrivees, issue)

    def _elue(self, confirmees: list[Ligne]) -> Ligne:
        possibles = [ligne for ligne in confirmees if not ligne.en_alternance] or confirmees
        return possibles[int(self.alea.random() * len(possibles))]

    def _jour(self, jours: int) -> int:
        """Propositions after the first ones are there in the morning."""
        return (self.jour_un + jours) * JOUR + 7 * HEURE

    def _proposition(self, ligne: Ligne, instant: int) -> Decision:
        if ligne.en_alternance:
            return Decision(instant, ligne, "RETENU_SOUS_RESERVE")
        famille = self.catalogue.familles[ligne.formation]
        decision = "OUI_SI" if famille in SANS_SELECTION and self.alea.random() < OUI_SI else "OUI"
        return Decision(instant, ligne, decision, None, self._limite(instant))

    def _limite(self, instant: int) -> int:
        """Three days at the opening, then the day after (calendar of 2025)."""
        return (max(self.jour_un + 3, instant // JOUR + 1) + 1) * JOUR - 1

    def _attend(self, ligne: Ligne, issue: Issue, *, certaine: bool = False) -> bool:
        """True when the line is on a waiting list; a refusal otherwise."""
        hasard = self.alea.random
        selective = self.catalogue.selectives[ligne.formation]
        if not certaine and (ligne.en_alternance or (selective and hasard() < REFUS)):
            issue.decisions.append(Decision(self.ouverture, ligne, "NON"))
            return False
        if not ligne.en_alternance:
            rang = 1 + int(hasard() ** 2 * 900)
            issue.decisions.append(Decision(self.ouverture, ligne, "EN_ATTENTE", rang))
        return True

    def _repond(self, instant: int) -> int:
        limite = self._limite(instant)
        quand = instant + HEURE + int((limite - instant - HEURE) * self.alea.random() ** 1.5)
        return min(limite, quand + 7 * HEURE) if quand % JOUR < 6 * HEURE else quand

    def _accepter(
        self, arrivees: list[tuple[int, Ligne]], promus: list[tuple[int, Ligne]], issue: Issue
    ) -> None:
        """Keeps one proposition at a time; a better one releases the one that was held."""
        hasard, tenue, dernier = self.alea.random, None, 0
        ensemble = [ligne for instant, ligne in arrivees if instant == arrivees[0][0]]
        prise = ensemble[int(hasard() * len(ensemble))]
        for instant, ligne in arrivees:
            quand = max(self._repond(instant), dernier + 1)
            if (tenue is None and ligne is not prise) or (tenue is not None and hasard() < 0.5):  # noqa: PLR2004
                issue.reponses.append(Reponse(quand, ligne, "REFUSEE"))
                continue
            if tenue is not None:
                issue.reponses.append(Reponse(quand, tenue, "REFUSEE"))
                quand += 1
            tenue, dernier = ligne, quand
            maintenus = tuple(autre.cle for arrivee, autre in promus if arrivee > quand)
            genre = "ACCEPTEE_EN_MAINTENANT" if maintenus else "ACCEPTEE"
            issue.reponses.append(Reponse(quand, ligne, genre, maintenus))
            self._classer(quand, promus)
        issue.accepte = tenue

    def _classer(self, quand: int, promus: list[tuple[int, Ligne]]) -> None:
        """The vœux kept en attente are ranked once, in June."""
        instant = max(self.calendrier.classement, quand) + int(self.alea.random() * 9 * HEURE)
        for rang, (arrivee, ligne) in enumerate(promus, 1):
            if arrivee > instant and ligne.rangs is None:
                ligne.rangs = (instant + rang, rang)

    def _laisser(self, candidat: Candidat, arrivees: list[tuple[int, Ligne]], issue: Issue) -> None:
        """Refuses each proposition or lets it expire; a few leave the procedure."""
        hasard, dernier = self.alea.random, 0
        for instant, ligne in arrivees:
            expiree = hasard() < OUBLI and not ligne.en_alternance
            quand = self._limite(instant) + 1 if expiree else self._repond(instant)
            issue.reponses.append(Reponse(quand, ligne, "EXPIREE" if expiree else "REFUSEE"))
            dernier = max(dernier, quand)
        if hasard() < DEMISSION_APRES_REFUS:
            candidat.dossier.append((dernier + 8 * HEURE, "DEMISSION"))
            issue.reponses.append(Reponse(dernier + 8 * HEURE, arrivees[-1][1], "DEMISSION"))

    def _sans(self, candidat: Candidat, confirmees: list[Ligne], issue: Issue) -> None:
        hasard = self.alea.random
        for ligne in confirmees:
            self._attend(ligne, issue)
        if hasard() < PARTIS_SANS_PROPOSITION[candidat.voie]:
            jours = 1 + bisect(self.departs, hasard())
            candidat.dossier.append((self._jour(jours) + int(hasard() * 12 * HEURE), "DEMISSION"))
            return
        if hasard() < EN_PHASE_COMPLEMENTAIRE:
            self._phase_complementaire(candidat)
        if candidat.eleve is not None and hasard() < DEMANDE_A_LA_COMMISSION:
            self._commission(issue)

    def _phase_complementaire(self, candidat: Candidat) -> None:
        """One to three new vœux of the famille he asked for most; never one already asked for."""
        alea, deja = self.alea, {ligne.formation for ligne in candidat.lignes}
        famille = self.catalogue.familles[candidat.lignes[0].formation]
        numero = 1 + max(int(ligne.sujet[22:24]) for ligne in candidat.lignes)
        for rang in range(1 + int(alea.random() * 3)):
            formation = self.catalogue.tirer(famille.value, candidat.academie, 0.75, alea)
            if formation not in deja:
                deja.add(formation)
                instant = self.calendrier.phase_complementaire + int(alea.random() * 20) * JOUR
                sujet = f'"voeu_id":"V{candidat.numero}{numero + rang:02d}"'
                nouvelle = Ligne(sujet, formation, [(instant + int(alea.random() * 8 * HEURE), "CONFIRME")])
                nouvelle.complementaire = True
                candidat.lignes.append(nouvelle)

    def _commission(self, issue: Issue) -> None:
        instant, hasard = self.calendrier.fin_principale - 8 * JOUR, self.alea.random
        for etat in ("SAISIE", "PROPOSITION", "ACCEPTEE", "CLOSE"):
            issue.caes.append((instant - int(hasard() * 8 * HEURE), etat))
            if hasard() < 0.25:  # noqa: PLR2004 - stays where it is
                return
            instant += JOUR + int(hasard() * 9) * JOUR

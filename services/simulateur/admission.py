"""What happens from June on: answers of the formations, answers of the candidate, the rest of the procedure.

Shares of the first day, of the end and of acceptance come from ``calibration.csv``.
"""

from dataclasses import dataclass, field
from random import Random

from services.simulateur.calendrier import HEURE, JOUR, Calendrier
from services.simulateur.candidatures import Candidature, Etape, Ligne
from services.simulateur.voeux import Panier, choix
from shared.nomenclatures.calibration import taux
from shared.nomenclatures.familles import Famille

SANS_SELECTION = frozenset({Famille.LICENCE, Famille.LAS, Famille.PASS})
DELAI = 2 * JOUR
REFUS = 0.3
PROMUS_DE_LA_LISTE = 0.2
JOURS_DE_LISTE_D_ATTENTE = 36


@dataclass(slots=True)
class Decision:
    instant: int
    ligne: Ligne
    decision: str
    rang_attente: int | None = None
    date_limite: int | None = None


@dataclass(slots=True)
class Reponse:
    instant: int
    ligne: Ligne
    reponse: str
    maintenus: tuple[str, ...] = ()


@dataclass(slots=True)
class Issue:
    """All that admission adds to one candidature. ``accuses``: (instant, objet, resultat)."""

    decisions: list[Decision] = field(default_factory=list)
    reponses: list[Reponse] = field(default_factory=list)
    caes: list[Etape] = field(default_factory=list)
    accuses: list[tuple[int, str, str]] = field(default_factory=list)


class Admissions:
    """Draws the issue of each candidature of a lycée; its own seed, so that the vœux stay the same."""

    def __init__(self, graine: int, calendrier: Calendrier, uai: str, tour: int) -> None:
        self.alea = Random(f"{graine}/{calendrier.session}/{uai}/{tour}/admission")
        self.calendrier = calendrier
        self.premier_jour = taux("proposition_premier_jour")
        self.en_fin = taux("proposition_en_fin")
        self.acceptation = taux("acceptation") / self.en_fin

    def tirer(self, candidature: Candidature, academie: str) -> Issue:
        """Adds to ``candidature`` its ranking of June and its vœux of the phase complémentaire."""
        issue = Issue()
        self._accuses(candidature, issue)
        confirmees = [ligne for ligne in candidature.lignes if ligne.confirmee]
        if not confirmees:
            return issue
        sort = self.alea.random()
        if sort < self.en_fin:
            self._avec_proposition(candidature, confirmees, issue, des_l_ouverture=sort < self.premier_jour)
        else:
            self._sans_proposition(candidature, confirmees, issue, academie)
        return issue

    def _accuses(self, candidature: Candidature, issue: Issue) -> None:
        """The platform acknowledges the fiche Avenir of all, bourse and Cordées of those concerned."""
        jour = self.calendrier.fin_des_confirmations + 2 * JOUR
        objets = [("BOURSE", candidature.bourse is not None), ("CORDEES", candidature.eleve.cordees)]
        objets.append(("FICHE_AVENIR", any(ligne.confirmee for ligne in candidature.lignes)))
        for objet, concerne in objets:
            if concerne:
                resultat = "REFUSE" if self.alea.random() < 0.01 else "ACCEPTE"  # noqa: PLR2004
                issue.accuses.append((jour + int(self.alea.random() * 8 * HEURE), objet, resultat))

    def _avec_proposition(
        self, candidature: Candidature, confirmees: list[Ligne], issue: Issue, *, des_l_ouverture: bool
    ) -> None:
        ouverture = self.calendrier.phase_principale
        elue = self.alea.choice([x for x in confirmees if x.voie == "ETUDIANT"] or confirmees)
        arrivees: list[tuple[int, Ligne]] = []
        for ligne in confirmees:
            certaine = ligne is elue
            if des_l_ouverture and (certaine or self.alea.random() < self._chance(ligne)):
                instant = ouverture
            elif self._attente_ou_refus(ligne, issue, certaine=certaine) and (
                certaine or self.alea.random() < PROMUS_DE_LA_LISTE
            ):
                jour = 1 + int(JOURS_DE_LISTE_D_ATTENTE * self.alea.random() ** 2)
                instant = ouverture + jour * JOUR - 12 * HEURE
            else:
                continue
            issue.decisions.append(self._proposition(ligne, instant))
            arrivees.append((instant, ligne))
        self._repondre(candidature, sorted(arrivees, key=lambda a: (a[0], a[1].voeu_id)), confirmees, issue)

    def _chance(self, ligne: Ligne) -> float:
        return 0.35 * (ligne.formation.taux_acces or 0.5)

    def _proposition(self, ligne: Ligne, instant: int) -> Decision:
        if ligne.voie == "APPRENTISSAGE":
            return Decision(instant, ligne, "RETENU_SOUS_RESERVE")
        oui_si = ligne.formation.famille in SANS_SELECTION and self.alea.random() < 0.08  # noqa: PLR2004
        limite = (instant // JOUR) * JOUR + DELAI + JOUR - 1
        return Decision(instant, ligne, "OUI_SI" if oui_si else "OUI", date_limite=limite)

    def _attente_ou_refus(self, ligne: Ligne, issue: Issue, *, certaine: bool = False) -> bool:
        """True when the line is left on a waiting list; ``certaine`` ones are never refused."""
        ouverture, en_alternance = self.calendrier.phase_principale, ligne.voie == "APPRENTISSAGE"
        if not certaine and (en_alternance or (ligne.formation.selective and self.alea.random() < REFUS)):
            issue.decisions.append(Decision(ouverture, ligne, "NON"))
            return False
        if not en_alternance:
            rang = 1 + int(self.alea.random() ** 2 * 900)
            issue.decisions.append(Decision(ouverture, ligne, "EN_ATTENTE", rang_attente=rang))
        return True

    def _repondre(
        self,
        candidature: Candidature,
        arrivees: list[tuple[int, Ligne]],
        confirmees: list[Ligne],
        issue: Issue,
    ) -> None:
        """Keeps at most one proposal at a time; a better one releases the one that was held."""
        if self.alea.random() >= self.acceptation:
            self._laisser(candidature, arrivees, issue)
            return
        tenue: Ligne | None = None
        gout = {id(ligne): self.alea.random() for ligne in confirmees}
        arrivee_de = {id(ligne): instant for instant, ligne in arrivees}
        for instant, ligne in arrivees:
            quand = instant + HEURE + int(self.alea.random() * (DELAI - HEURE))
            if tenue is not None and gout[id(ligne)] < gout[id(tenue)]:
                issue.reponses.append(Reponse(quand, ligne, "REFUSEE"))
                continue
            if tenue is not None:
                derniere = max(r.instant for r in issue.reponses if r.ligne is tenue)
                quand = max(quand, derniere + 1)
                issue.reponses.append(Reponse(quand, tenue, "REFUSEE"))
            tenue = ligne
            maintenus = tuple(
                x.sous_voeu_id or x.voeu_id
                for x in confirmees
                if gout[id(x)] > gout[id(ligne)] and arrivee_de.get(id(x), quand + 1) > quand
            )
            genre = "ACCEPTEE_EN_MAINTENANT" if maintenus else "ACCEPTEE"
            issue.reponses.append(Reponse(quand, ligne, genre, maintenus))
            self._classer(maintenus, confirmees, quand)

    def _classer(self, maintenus: tuple[str, ...], confirmees: list[Ligne], quand: int) -> None:
        """The vœux kept en attente are ranked once, in June."""
        for ligne in confirmees:
            cle = ligne.sous_voeu_id or ligne.voeu_id
            if cle in maintenus and ligne.etapes[-1].rang is None:
                instant = max(self.calendrier.classement, quand) + int(self.alea.random() * 9 * HEURE)
                ligne.etapes.append(Etape(instant, "CONFIRME", rang=maintenus.index(cle) + 1))

    def _laisser(self, candidature: Candidature, arrivees: list[tuple[int, Ligne]], issue: Issue) -> None:
        """Refuses or lets each proposal expire; a few leave the procedure."""
        for instant, ligne in arrivees:
            expiree = self.alea.random() < 0.4  # noqa: PLR2004
            quand = instant + DELAI + JOUR if expiree else instant + HEURE + int(self.alea.random() * DELAI)
            issue.reponses.append(Reponse(quand, ligne, "EXPIREE" if expiree else "REFUSEE"))
        if self.alea.random() < 0.2:  # noqa: PLR2004
            instant = max(r.instant for r in issue.reponses) + HEURE
            candidature.dossier.append(Etape(instant, "DEMISSION"))
            issue.reponses.append(Reponse(instant, arrivees[-1][1], "DEMISSION"))

    def _sans_proposition(
        self, candidature: Candidature, confirmees: list[Ligne], issue: Issue, academie: str
    ) -> None:
        for ligne in confirmees:
            self._attente_ou_refus(ligne, issue)
        if self.alea.random() < 0.5:  # noqa: PLR2004
            self._phase_complementaire(candidature, academie)
        if self.alea.random() < 0.4:  # noqa: PLR2004
            self._caes(issue)

    def _phase_complementaire(self, candidature: Candidature, academie: str) -> None:
        """A few new vœux on vacant places, never one already asked for."""
        serie = candidature.eleve.serie
        panier = choix(serie.voie).tirer(academie, self.alea) if serie else Panier()
        deja = {ligne.formation.formation_id for ligne in candidature.lignes}
        numero = 1 + max(int(ligne.voeu_id[-2:]) for ligne in candidature.lignes)
        nouvelles = [f for membres in panier.voeux.values() for f in membres if f.formation_id not in deja]
        for rang, formation in enumerate(nouvelles[:3]):
            instant = self.calendrier.phase_complementaire + int(self.alea.random() * 20 * JOUR)
            voeu_id = f"V{candidature.numero}{numero + rang:02d}"
            candidature.lignes.append(
                Ligne(
                    voeu_id=voeu_id,
                    sous_voeu_id=None,
                    formation=formation,
                    voie="ETUDIANT",
                    phase="COMPLEMENTAIRE",
                    internat=False,
                    etapes=[Etape(instant, "CONFIRME")],
                )
            )

    def _caes(self, issue: Issue) -> None:
        instant = self.calendrier.fin_principale - 8 * JOUR
        for etat in ("SAISIE", "PROPOSITION", "ACCEPTEE", "CLOSE"):
            issue.caes.append(Etape(instant, etat))
            if self.alea.random() < 0.25:  # noqa: PLR2004 - stays where it is
                return
            instant += JOUR + int(self.alea.random() * 9 * JOUR)

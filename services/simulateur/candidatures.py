"""What a pupil does before admission: opens a dossier, asks, completes, confirms, drops."""

from dataclasses import dataclass, field
from random import Random

from services.simulateur.calendrier import HEURE, JOUR, Calendrier
from services.simulateur.eleves import Eleve
from services.simulateur.identifiants import numero_de_dossier
from services.simulateur.voeux import choix, formation_en_apprentissage
from shared.nomenclatures.calibration import taux
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.formations import Formation
from shared.nomenclatures.lycees import lycees

JOURS_D_OUVERTURE = 52
PART_SANS_VOEU = 0.5
PART_SUPPRIMEE = 0.06
PART_NON_CONFIRMEE = 0.05
AVEC_INTERNAT = frozenset({Famille.CPGE, Famille.BTS})


@dataclass(slots=True)
class Etape:
    """A state from an instant on. ``rang``: place given to a vœu en attente, after June."""

    instant: int
    etat: str
    rang: int | None = None


@dataclass(slots=True)
class Ligne:
    """One vœu without sous-vœu, or one sous-vœu. ``etapes`` in the order of time, one per version."""

    voeu_id: str
    sous_voeu_id: str | None
    formation: Formation
    voie: str
    phase: str
    internat: bool
    etapes: list[Etape]

    def etat_au(self, instant: int) -> str | None:
        """None when it is not formulated yet."""
        etat = None
        for etape in self.etapes:
            if etape.instant <= instant:
                etat = etape.etat
        return etat

    @property
    def confirmee(self) -> bool:
        return self.etapes[-1].etat == "CONFIRME"


@dataclass(slots=True)
class Candidature:
    """``dossier``: its etapes (OUVERT, COMPLET, DEMISSION). ``bourse``: instants of the signal, if any."""

    eleve: Eleve
    numero: str
    dossier: list[Etape]
    bulletins_saisis: tuple[str, ...] = ()
    bourse: int | None = None
    lignes: list[Ligne] = field(default_factory=list)


class Scolaires:
    """Draws the candidatures of the terminales of one lycée, pupil after pupil."""

    def __init__(self, graine: int, calendrier: Calendrier, uai: str, tour: int) -> None:
        self.alea = Random(f"{graine}/{calendrier.session}/{uai}/{tour}/candidatures")
        self.calendrier = calendrier
        self.academie = lycees()[uai].academie

    def tirer(self, eleve: Eleve) -> Candidature | None:
        """None for a pupil who never opens a dossier."""
        if eleve.serie is None or eleve.ine is None or self._parti_avant_l_ouverture(eleve):
            return None
        voie, alea = eleve.serie.voie, self.alea
        if alea.random() >= taux("participation", voie):
            return None
        candidature = self._dossier(eleve)
        devient = alea.random()
        renonce = 1 - taux("confirmation", voie)
        if devient >= renonce * PART_SANS_VOEU:
            self._voeux(candidature, voie, confirme=devient >= renonce)
        return candidature

    def _parti_avant_l_ouverture(self, eleve: Eleve) -> bool:
        return eleve.date_sortie is not None and eleve.date_sortie.year < self.calendrier.session

    def _dossier(self, eleve: Eleve) -> Candidature:
        alea = self.alea
        jour = int(JOURS_D_OUVERTURE * alea.random() ** 1.8)
        matin = -6 * HEURE if jour else 0
        ouverture = self.calendrier.ouverture + jour * JOUR + alea.randrange(matin, 8 * HEURE)
        complet = self._apres(ouverture, self.calendrier.fin_des_confirmations)
        return Candidature(
            eleve,
            numero_de_dossier(self.calendrier.session, eleve.indice),
            [Etape(ouverture, "OUVERT"), *([Etape(complet, "COMPLET")] if alea.random() < 0.95 else [])],  # noqa: PLR2004
            ("T1",) if alea.random() < 0.02 else (),  # noqa: PLR2004 - a few type their marks themselves
            self._apres(ouverture, self.calendrier.fin_des_voeux) if eleve.signale else None,
        )

    def _apres(self, debut: int, fin: int) -> int:
        """An hour of the day between two instants; ``debut`` plus a little when there is no room."""
        jours = max(1, (fin - debut) // JOUR)
        jour = (debut // JOUR + int(self.alea.random() * jours)) * JOUR
        return min(
            max(jour + 7 * HEURE + int(self.alea.random() * 16 * HEURE), debut + 60), max(fin, debut + 60)
        )

    def _voeux(self, candidature: Candidature, voie: str, *, confirme: bool) -> None:
        panier = choix(voie).tirer(self.academie, self.alea)
        fin = self.calendrier.fin_des_voeux
        for rang, membres in enumerate(panier.voeux.values(), 1):
            formule = self._apres(candidature.dossier[0].instant, fin)
            voeu_id = f"V{candidature.numero}{rang:02d}"
            for sous_rang, formation in enumerate(membres, 1):
                sous_voeu_id = f"{voeu_id}S{sous_rang:02d}" if formation.groupe else None
                etapes = self._etapes(formule, confirme=confirme)
                candidature.lignes.append(self._ligne(voeu_id, sous_voeu_id, formation, "ETUDIANT", etapes))
                formule = min(formule + 20 + int(self.alea.random() * 300), fin)
        self._apprentissage(candidature, voie, confirme=confirme, apres=len(panier.voeux))

    def _apprentissage(self, candidature: Candidature, voie: str, *, confirme: bool, apres: int) -> None:
        if self.alea.random() >= taux("apprentissage", voie):
            return
        debut = candidature.dossier[0].instant
        for rang in range(apres + 1, apres + 2 + int(self.alea.random() * 3)):
            formation = formation_en_apprentissage(voie, self.academie, self.alea)
            etapes = self._etapes(self._apres(debut, self.calendrier.fin_des_voeux), confirme=confirme)
            voeu_id = f"V{candidature.numero}{rang:02d}"
            candidature.lignes.append(self._ligne(voeu_id, None, formation, "APPRENTISSAGE", etapes))

    def _ligne(
        self, voeu_id: str, sous: str | None, formation: Formation, voie: str, etapes: list[Etape]
    ) -> Ligne:
        internat = formation.famille in AVEC_INTERNAT and self.alea.random() < 0.15  # noqa: PLR2004
        return Ligne(voeu_id, sous, formation, voie, "PRINCIPALE", internat, etapes)

    def _etapes(self, formule: int, *, confirme: bool) -> list[Etape]:
        """FORMULE → COMPLET → CONFIRME, or dropped on the way, or left at the deadline."""
        fin, sort = self.calendrier.fin_des_confirmations, self.alea.random()
        etapes = [Etape(formule, "FORMULE")]
        if sort < PART_SUPPRIMEE:
            etapes.append(Etape(self._apres(formule, fin), "SUPPRIME"))
            return etapes
        if sort < PART_SUPPRIMEE + PART_NON_CONFIRMEE or not confirme:
            etapes.append(Etape(fin + HEURE, "NON_CONFIRME"))
            return etapes
        complet = self._apres(formule, fin)
        etapes += [Etape(complet, "COMPLET"), Etape(self._apres(complet, fin), "CONFIRME")]
        return etapes

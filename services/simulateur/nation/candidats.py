"""What one candidate does before admission, as a plan of instants; nothing is written here."""

from collections.abc import Iterator
from random import Random
from typing import Final

from services.simulateur.calendrier import HEURE, JOUR, Calendrier
from services.simulateur.eleves import Eleve
from services.simulateur.identifiants import numero_de_dossier
from services.simulateur.nation.catalogue import AVEC_INTERNAT, catalogue
from services.simulateur.nation.paniers import Lieu, Panier, menu
from services.simulateur.nation.population import (
    LIGNES_EN_MOINS_DES_BOURSIERS,
    PART_NON_CONFIRMEE,
    PART_PERDUE,
    PART_SANS_VOEU,
    PROXIMITE,
    SEDENTAIRES,
)
from services.simulateur.nation.reference import valeur
from services.simulateur.voeux import VOEUX_MAX
from shared.nomenclatures.familles import Famille

EN_DEUX_FOIS: Final = 0.25  # completes one day, confirms another
VOEUX_EN_APPRENTISSAGE: Final = 5.24  # 1.1 M vœux of 210,000 candidates
Etape = tuple[int, str]


class Ligne:
    """One vœu without sous-vœu, or one sous-vœu. ``etapes``: (instant, état), one per version."""

    __slots__ = (
        "complementaire",
        "confirmee",
        "en_alternance",
        "etapes",
        "formation",
        "internat",
        "rangs",
        "sujet",
    )

    def __init__(
        self, sujet: str, formation: int, etapes: list[Etape], *, en_alternance: bool = False
    ) -> None:
        self.sujet = sujet
        self.formation = formation
        self.etapes = etapes
        self.en_alternance = en_alternance
        self.internat = False
        self.complementaire = False
        self.confirmee = etapes[-1][1] == "CONFIRME"
        self.rangs: tuple[int, int] | None = None  # instant and place given to a vœu kept en attente

    @property
    def cle(self) -> str:
        """The sous-vœu, or the vœu when it has none."""
        return self.sujet.rsplit('"', 2)[1]


class Candidat:
    """``voie``: G, T, P, or A outside the terminales. ``dossier``: its étapes, then DEMISSION if any."""

    __slots__ = ("academie", "bourse", "dossier", "eleve", "identite", "lignes", "numero", "saisis", "voie")

    def __init__(self, numero: str, voie: str, academie: str, eleve: Eleve | None) -> None:
        self.numero = numero
        self.voie = voie
        self.academie = academie
        self.eleve = eleve
        self.identite: dict[str, str | None] = {}
        self.dossier: list[Etape] = []
        self.saisis = False
        self.bourse: int | None = None
        self.lignes: list[Ligne] = []

    @property
    def boursier(self) -> bool:
        return self.eleve is not None and self.eleve.boursier

    @property
    def confirme(self) -> bool:
        return any(ligne.confirmee for ligne in self.lignes)


class Candidatures:
    """Draws the candidatures of one lycée, pupil after pupil, from a generator of its own."""

    def __init__(self, calendrier: Calendrier, alea: Random, academie: str) -> None:
        self.alea = alea
        self.calendrier = calendrier
        self.academie = academie
        self.familles = catalogue().familles

    def de_l_eleve(self, eleve: Eleve) -> Candidat | None:
        """None for a pupil outside terminale, gone before the opening, or who never opens a dossier."""
        if eleve.serie is None or (eleve.date_sortie and eleve.date_sortie.year < self.calendrier.session):
            return None
        voie, hasard = eleve.serie.voie, self.alea.random
        if hasard() >= valeur("participation", voie):
            return None
        numero = numero_de_dossier(self.calendrier.session, eleve.indice)
        candidat = Candidat(numero, voie, self.academie, eleve)
        self._ouvrir(candidat)
        candidat.saisis = hasard() < 0.02  # noqa: PLR2004 - a few type their marks themselves
        if eleve.signale:
            candidat.bourse = self._quand(candidat.dossier[0][0], self.calendrier.fin_des_voeux)
        renonce, devient = 1 - valeur("confirmation", voie), hasard()
        if devient >= renonce * PART_SANS_VOEU:
            self._demander(candidat, confirme=devient >= renonce)
        return candidat

    def d_un_autre(self, numero: str) -> Candidat:
        """Somebody of another profile, who always confirms."""
        candidat = Candidat(numero, "A", self.academie, None)
        self._ouvrir(candidat)
        self._demander(candidat, confirme=True)
        return candidat

    def _ouvrir(self, candidat: Candidat) -> None:
        calendrier, hasard = self.calendrier, self.alea.random
        jours = (calendrier.fin_des_voeux - calendrier.ouverture) // JOUR
        jour = int(jours * hasard() ** 1.8)
        ouverture = (
            calendrier.ouverture
            + jour * JOUR
            + int((8 * hasard() if jour == 0 else 14 * hasard() - 6) * HEURE)
        )
        candidat.dossier = [(ouverture, "OUVERT")]
        if hasard() < 0.95:  # noqa: PLR2004 - the rest never sends the last document
            candidat.dossier.append((self._quand(ouverture, calendrier.fin_des_confirmations), "COMPLET"))

    def _quand(self, debut: int, fin: int) -> int:
        """Between two instants, in daytime, the more often the nearer to the end."""
        hasard = self.alea.random
        premier = debut // JOUR
        jour = premier + int((fin // JOUR - premier + 1) * max(hasard(), hasard()))
        instant = jour * JOUR + 7 * HEURE + int(hasard() * 16 * HEURE)
        return min(max(instant, debut + 60), max(fin, debut + 60))

    def _demander(self, candidat: Candidat, *, confirme: bool) -> None:
        alea, fin = self.alea, self.calendrier.fin_des_voeux
        proximite = 1.0 if alea.random() < SEDENTAIRES else PROXIMITE
        panier = menu(candidat.voie).tirer(Lieu(candidat.academie, proximite), alea)
        if candidat.boursier:
            panier = self._ecourter(panier)
        debut, demandes = candidat.dossier[0][0], []
        for rang, (cle, membres) in enumerate(panier.items(), 1):
            formule = self._quand(debut, fin)
            voeu = f'"voeu_id":"V{candidat.numero}{rang:02d}"'
            multiple = isinstance(cle, str)
            for sous, formation in enumerate(membres, 1):
                sujet = (
                    f'{voeu},"sous_voeu_id":"V{candidat.numero}{rang:02d}S{sous:02d}"' if multiple else voeu
                )
                demandes.append((formule, sujet, formation, False))
                formule = min(formule + 20 + int(alea.random() * 300), fin)
        demandes += self._en_apprentissage(candidat, proximite, len(panier))
        self._suivre(candidat, demandes, confirme=confirme)

    def _ecourter(self, panier: Panier) -> Panier:
        """Boursiers ask for a little less; never for nothing."""
        hasard = self.alea.random
        gardes = {
            cle: restants
            for cle, membres in panier.items()
            if (restants := [x for x in membres if hasard() >= LIGNES_EN_MOINS_DES_BOURSIERS])
        }
        return gardes or panier

    def _en_apprentissage(
        self, candidat: Candidat, proximite: float, apres: int
    ) -> Iterator[tuple[int, str, int, bool]]:
        alea = self.alea
        if alea.random() >= valeur("apprentissage", candidat.voie):
            return
        nombre = min(VOEUX_MAX, 1 + int(2 * alea.random() * (VOEUX_EN_APPRENTISSAGE - 0.5)))
        for rang in range(apres + 1, apres + 1 + nombre):
            en_but = candidat.voie != "P" and alea.random() < 0.3  # noqa: PLR2004 - a guess
            famille = Famille.BUT if en_but else Famille.BTS
            formation = catalogue().tirer(famille.value, candidat.academie, proximite, alea)
            formule = self._quand(candidat.dossier[0][0], self.calendrier.fin_des_voeux)
            yield formule, f'"voeu_id":"V{candidat.numero}{rang:02d}"', formation, True

    def _suivre(
        self, candidat: Candidat, demandes: list[tuple[int, str, int, bool]], *, confirme: bool
    ) -> None:
        """FORMULE → (COMPLET →) CONFIRME in one or two sittings, or dropped, or left at the deadline."""
        alea, fin = self.alea, self.calendrier.fin_des_confirmations
        seance = self._quand(max(d[0] for d in demandes), fin)
        prealable = seance if alea.random() < EN_DEUX_FOIS else None
        if prealable is not None:
            seance = self._quand(prealable + 600, fin)
        for rang, (formule, sujet, formation, en_alternance) in enumerate(demandes):
            etapes: list[Etape] = [(formule, "FORMULE")]
            sort = alea.random()
            if confirme and sort >= PART_PERDUE:
                if prealable is not None:
                    etapes.append((prealable + 4 * rang, "COMPLET"))
                etapes.append((seance + 5 * rang, "CONFIRME"))
            elif PART_NON_CONFIRMEE <= sort < PART_PERDUE:
                etapes.append((self._quand(formule, fin), "SUPPRIME"))
            else:
                etapes.append((fin + HEURE, "NON_CONFIRME"))
            ligne = Ligne(sujet, formation, etapes, en_alternance=en_alternance)
            ligne.internat = self.familles[formation] in AVEC_INTERNAT and alea.random() < 0.15  # noqa: PLR2004
            candidat.lignes.append(ligne)

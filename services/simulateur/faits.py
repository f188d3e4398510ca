"""The candidate feed: facts of facts_and_effects §4 as dictionaries, in the order in which they come."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from services.simulateur.admission import Issue
from services.simulateur.calendrier import HEURE, JOUR, Calendrier
from services.simulateur.candidatures import Candidature, Ligne
from services.simulateur.identifiants import PLACES_PAR_LYCEE, ine_d_autre, numero_de_dossier
from services.simulateur.noms import NOMS, PRENOMS_F, PRENOMS_M
from services.simulateur.voeux import choix

Fait = dict[str, Any]
Date = tuple[int, Fait]
AUTRES_PROFILS = ("REORIENTATION", "REPRISE", "ETRANGER")
COMMENTAIRES = (
    "Notification reçue en septembre.",
    "Bourse attribuée après l’appel d’octobre, à vérifier s’il vous plaît.",
    "Nouveau dans le lycée cette année.",
)
_INDICE_DES_AUTRES = 50_000_000


class Stade(StrEnum):
    """AVANT: the window of the vœux, to the end of the confirmations. APRES: that, and admission."""

    AVANT = "avant"
    APRES = "apres"


@dataclass(frozen=True, slots=True)
class Desordre:
    """Shares of the facts of a lycée that come elsewhere than at their time.

    ``melange``: anywhere. ``doublons``: a second time, later. ``retards``: versions that have been
    superseded, after everything else.
    """

    melange: float = 0.0
    doublons: float = 0.0
    retards: float = 0.0

    @property
    def actif(self) -> bool:
        return bool(self.melange or self.doublons or self.retards)


class Ecrivain:
    """Turns candidatures into dated facts."""

    def __init__(self, calendrier: Calendrier) -> None:
        self.calendrier = calendrier
        self.session = calendrier.session

    def _fait(self, genre: str, sequence: int, instant: int, numero: str) -> Fait:
        return {
            "session": self.session,
            "type": genre,
            "sequence": sequence,
            "time": self.calendrier.iso(instant),
            "numero_dossier": numero,
        }

    def candidature(self, candidature: Candidature, issue: Issue | None) -> Iterator[Date]:
        yield from self._dossier(candidature)
        if candidature.bourse is not None:
            fait = self._fait("bourse_signalee", 1, candidature.bourse, candidature.numero)
            if candidature.eleve.indice % 2:
                fait["commentaire"] = COMMENTAIRES[candidature.eleve.indice % len(COMMENTAIRES)]
            yield candidature.bourse, fait
        for ligne in candidature.lignes:
            yield from self._ligne(candidature.numero, ligne)
        if issue is not None:
            yield from self._issue(candidature.numero, issue)

    def _dossier(self, candidature: Candidature) -> Iterator[Date]:
        eleve = candidature.eleve
        for sequence, etape in enumerate(candidature.dossier, 1):
            manque = etape.etat == "OUVERT" and sequence == 1
            yield (
                etape.instant,
                self._fait("dossier", sequence, etape.instant, candidature.numero)
                | {
                    "ine": eleve.ine,
                    "nom": eleve.nom,
                    "prenom": eleve.prenom,
                    "naissance": eleve.naissance.isoformat(),
                    "uai": eleve.uai,
                    "profil": "TERMINALE",
                    "etat": etape.etat,
                    "bulletins_saisis": list(candidature.bulletins_saisis),
                    "pieces_manquantes": ["BULLETIN_T2"] if manque else [],
                },
            )

    def _ligne(self, numero: str, ligne: Ligne) -> Iterator[Date]:
        for sequence, etape in enumerate(ligne.etapes, 1):
            fait = self._fait("voeu", sequence, etape.instant, numero)
            fait["voeu_id"] = ligne.voeu_id
            if ligne.sous_voeu_id:
                fait["sous_voeu_id"] = ligne.sous_voeu_id
            fait["formation_id"] = ligne.formation.formation_id
            fait["voie"] = ligne.voie
            fait["phase"] = ligne.phase
            fait["etat"] = etape.etat
            fait["internat"] = ligne.internat
            fait["projet_motive"] = etape.etat in ("COMPLET", "CONFIRME")
            if etape.rang is not None:
                fait["rang"] = etape.rang
            yield etape.instant, fait

    def _issue(self, numero: str, issue: Issue) -> Iterator[Date]:
        yield from self._decisions(numero, issue)
        yield from self._reponses(numero, issue)
        for sequence, etape in enumerate(issue.caes, 1):
            yield etape.instant, self._fait("caes", sequence, etape.instant, numero) | {"etat": etape.etat}
        for instant, objet, resultat in issue.accuses:
            suite = {"objet": objet, "version": 1, "resultat": resultat}
            yield instant, self._fait("accuse", 1, instant, numero) | suite

    def _sujet(self, genre: str, sequence: int, instant: int, numero: str, ligne: Ligne) -> Fait:
        fait = self._fait(genre, sequence, instant, numero)
        fait["voeu_id"] = ligne.voeu_id
        if ligne.sous_voeu_id:
            fait["sous_voeu_id"] = ligne.sous_voeu_id
        return fait

    def _decisions(self, numero: str, issue: Issue) -> Iterator[Date]:
        rangs: dict[int, int] = {}
        for decision in sorted(issue.decisions, key=lambda d: d.instant):
            sequence = rangs[id(decision.ligne)] = rangs.get(id(decision.ligne), 0) + 1
            fait = self._sujet("proposition", sequence, decision.instant, numero, decision.ligne)
            fait["decision"] = decision.decision
            if decision.rang_attente is not None:
                fait["rang_attente"] = decision.rang_attente
            if decision.date_limite is not None:
                fait["date_limite"] = self.calendrier.iso(decision.date_limite)
            yield decision.instant, fait

    def _reponses(self, numero: str, issue: Issue) -> Iterator[Date]:
        rangs: dict[int, int] = {}
        for reponse in sorted(issue.reponses, key=lambda r: r.instant):
            sequence = rangs[id(reponse.ligne)] = rangs.get(id(reponse.ligne), 0) + 1
            fait = self._sujet("reponse", sequence, reponse.instant, numero, reponse.ligne)
            fait["reponse"] = reponse.reponse
            if reponse.maintenus:
                fait["voeux_maintenus"] = list(reponse.maintenus)
            yield reponse.instant, fait

    def autre_profil(self, alea: Random, indice: int) -> Iterator[Date]:
        """A candidate who is in no terminale: dropped and counted by who reads the feed."""
        numero = numero_de_dossier(self.session, _INDICE_DES_AUTRES + indice)
        profil = alea.choices(AUTRES_PROFILS, (60, 30, 10))[0]
        debut = self.calendrier.ouverture + int(alea.random() * 40) * JOUR + int(alea.random() * 6 * HEURE)
        yield debut, self._fait("dossier", 1, debut, numero) | self._autre_identite(alea, profil, indice)
        panier = choix("T").tirer(alea.choice(("25", "10", "09", "17")), alea)
        for rang, membres in enumerate(panier.voeux.values(), 1):
            instant = min(debut + rang * 2 * HEURE, self.calendrier.fin_des_voeux)
            suite = {
                "voeu_id": f"V{numero}{rang:02d}",
                "formation_id": membres[0].formation_id,
                "voie": "ETUDIANT",
                "phase": "PRINCIPALE",
                "etat": "FORMULE",
                "internat": False,
                "projet_motive": False,
            }
            yield instant, self._fait("voeu", 1, instant, numero) | suite

    def _autre_identite(self, alea: Random, profil: str, indice: int) -> Fait:
        annee = self.session - 19 - int(alea.random() * 6)
        return {
            "ine": None if profil == "ETRANGER" else ine_d_autre(indice % (10_000 * PLACES_PAR_LYCEE)),
            "nom": alea.choice(NOMS),
            "prenom": alea.choice(PRENOMS_F if alea.random() < 0.55 else PRENOMS_M),  # noqa: PLR2004
            "naissance": f"{annee}-{1 + int(alea.random() * 12):02d}-{1 + int(alea.random() * 28):02d}",
            "uai": None,
            "profil": profil,
            "etat": "OUVERT",
            "bulletins_saisis": [],
            "pieces_manquantes": [],
        }


def sujet(fait: Fait) -> tuple[str, ...]:
    """What the versions of a fact are counted for."""
    cles = ("type", "numero_dossier", "voeu_id", "sous_voeu_id", "objet")
    return tuple(str(fait.get(cle, "")) for cle in cles)


def ordonner(dates: list[Date], desordre: Desordre, alea: Random) -> list[Fait]:
    """By time, except what ``desordre`` displaces."""
    dates.sort(key=lambda date: date[0])
    faits = [fait for _, fait in dates]
    return _deranger(faits, desordre, alea) if desordre.actif else faits


def _deranger(faits: list[Fait], desordre: Desordre, alea: Random) -> list[Fait]:
    dernieres: dict[tuple[str, ...], int] = {}
    for fait in faits:
        cle = sujet(fait)
        dernieres[cle] = max(dernieres.get(cle, 0), fait["sequence"])
    places: list[tuple[float, Fait]] = []
    for rang, fait in enumerate(faits):
        perime = fait["sequence"] < dernieres[sujet(fait)]
        if perime and alea.random() < desordre.retards:
            place = len(faits) + alea.random()
        elif alea.random() < desordre.melange:
            place = alea.random() * len(faits)
        else:
            place = float(rang)
        places.append((place, fait))
        if alea.random() < desordre.doublons:
            places.append((place + alea.random() * (len(faits) - rang), fait))
    places.sort(key=lambda p: p[0])
    return [fait for _, fait in places]

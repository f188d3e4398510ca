"""A session as it is recorded: facts with the instant at which ingest took them, from January to June, cheap to make.

``melee``: few pupils, many facts, each vœu formulated then confirmed or withdrawn. ``nation``: the nation's own
ratios (parcoursup_reference §1.2, §2.6), each vœu once. In both, pupils take turns: the worst order for a cache.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.events import topics as t
from shared.events.enveloppe import Evenement, horodatage, identifiant
from tests.kit.services import World

Enregistre = tuple[int, Evenement]
"""A fact with its ``recordedtime`` in µs since the epoch."""
TERMINALES, VOEUX, PROPOSITIONS = 688_640, 8_800_000, 2_670_000
_PAR_LYCEE, _LYCEES_PAR_ACADEMIE = 189, 121
_SERIES = (
    "GENERALE",
    "GENERALE",
    "GENERALE",
    "GENERALE",
    "PROFESSIONNELLE",
    "PROFESSIONNELLE",
    "STMG",
    "STI2D",
)
_SPECIALITES = ("MATHS", "PHCHI", "SVT", "SES", "HGGSP", "HLP", "LLCER", "NSI")
_FAMILLES = ("LICENCE", "BTS", "BUT", "CPGE", "PASS", "IFSI", "LAS", "INGENIEUR")
_DECISIONS = ("OUI", "EN_ATTENTE", "OUI", "NON", "OUI_SI", "EN_ATTENTE")
_REPONSES = ("ACCEPTEE_EN_MAINTENANT", "ACCEPTEE", "REFUSEE")
_JOUR = 86_400_000_000


def _us(mois: int, jour: int) -> int:
    return int(datetime(2026, mois, jour, 6, tzinfo=UTC).timestamp() * 1e6)


REMONTEE, OUVERTURE, VOEUX_CLOS, CONFIRMES, JOUR_UN, FIN = (
    _us(*quand) for quand in ((1, 12), (1, 19), (3, 12), (4, 1), (6, 2), (6, 12))
)


@dataclass(frozen=True, slots=True)
class Session:
    """``faits``: how many in all, of a ``melee``."""

    world: World
    eleves: int
    faits: int = 0
    graine: int = 11

    def melee(self) -> Iterator[Enregistre]:
        hasard = random.Random(self.graine)
        yield from self._scolarites()
        yield from self._dossiers()
        reste = self.faits - 2 * self.eleves
        formules, decides, repondus = int(reste * 0.45), int(reste * 0.11), int(reste * 0.04)
        suivis = [0] * self.eleves
        voeux: list[tuple[int, int]] = []
        for _ in range(formules):
            rang = hasard.randrange(self.eleves)
            voeux.append((rang, suivis[rang]))
            suivis[rang] += 1
        yield from self._voeux(voeux, 1, "FORMULE", (OUVERTURE, VOEUX_CLOS - 10 * _JOUR))
        hasard.shuffle(voeux)
        fermes = reste - formules - decides - repondus
        retires = int(fermes * 0.08)
        yield from self._voeux(voeux[:retires], 2, "SUPPRIME", (VOEUX_CLOS - 9 * _JOUR, VOEUX_CLOS - _JOUR))
        confirmes = voeux[retires:fermes]
        yield from self._voeux(confirmes, 2, "CONFIRME", (VOEUX_CLOS, CONFIRMES))
        hasard.shuffle(confirmes)
        yield from self._propositions(confirmes[:decides], (JOUR_UN, JOUR_UN))
        yield from self._reponses(confirmes[:repondus], (JOUR_UN + _JOUR, FIN))

    def nation(self) -> Iterator[Enregistre]:
        yield from self._scolarites()
        yield from self._dossiers()
        voeux = list(self._tours("voeux", VOEUX / TERMINALES))
        yield from self._voeux(voeux, 1, "CONFIRME", (OUVERTURE, CONFIRMES))
        del voeux
        yield from self._propositions(
            list(self._tours("dites", PROPOSITIONS / TERMINALES)), (JOUR_UN, JOUR_UN)
        )
        yield from self._reponses(list(self._tours("reponses", 0.7)), (JOUR_UN + _JOUR, FIN))

    def _tours(self, quoi: str, moyenne: float) -> Iterator[tuple[int, int]]:
        """Rounds over the pupils until each has had his number of facts, ``moyenne`` on the average."""
        hasard = random.Random(f"{self.graine}{quoi}")
        nombres = bytes(
            min(40, max(0, round(hasard.gauss(moyenne, moyenne / 3)))) for _ in range(self.eleves)
        )
        for tour in range(max(nombres, default=0)):
            for rang, nombre in enumerate(nombres):
                if nombre > tour:
                    yield rang, tour

    def _scolarites(self) -> Iterator[Enregistre]:
        for rang in range(self.eleves):
            lycee, serie = rang // _PAR_LYCEE, _SERIES[rang * 5 % 8]
            paire = (
                f'"{_SPECIALITES[rang % 7]}","{_SPECIALITES[rang % 7 + 1]}"' if serie == "GENERALE" else ""
            )
            corps = (
                f'"uai":"{750_0000 + lycee:07d}A","academie":"{1 + lycee // _LYCEES_PAR_ACADEMIE:02d}",'
                f'"departement":"075","classe":"T{serie[0]}{rang % 6}","serie":"{serie}","mef":"20210019110",'
                f'"specialites":[{paire}],"sexe":"{"MF"[rang % 2]}","cordees":{("false", "true")[rang % 11 == 0]},'
                f'"codes_bourse":[{("", chr(34) + "BL" + chr(34))[rang % 4 == 0]}]'
            )
            yield REMONTEE + rang, self._fait(t.ELEVE, "EleveRemonte", rang, "", 1, corps, REMONTEE)

    def _dossiers(self) -> Iterator[Enregistre]:
        dit = '"profil":"TERMINALE","etat":"COMPLET"'
        for rang in range(self.eleves):
            quand = REMONTEE + 6 * _JOUR + rang * _JOUR // self.eleves
            yield quand, self._fait(t.DOSSIER, "DossierModifie", rang, "", 1, dit, OUVERTURE)

    def _voeux(
        self, voeux: list[tuple[int, int]], version: int, etat: str, bornes: tuple[int, int]
    ) -> Iterator[Enregistre]:
        for place, (rang, numero) in enumerate(voeux):
            dit = _VOEU % (
                numero,
                (rang * 31 + numero * 977) % 14_000,
                _FAMILLES[(rang * 7 + numero * 3) % (3, 8)[rang % 5 > 0]],
                "ETUDIANT" if (rang + numero) % 10 else "APPRENTISSAGE",
                etat,
            )
            quand = _entre(bornes, place, len(voeux))
            yield quand, self._fait(t.VOEU, "VoeuModifie", rang, f"v{numero}", version, dit, bornes[0])

    def _propositions(self, voeux: list[tuple[int, int]], bornes: tuple[int, int]) -> Iterator[Enregistre]:
        for place, (rang, numero) in enumerate(voeux):
            dit = f'"voeu_id":"v{numero}","decision":"{_DECISIONS[(rang + numero) % 6]}","date_limite":"{_LIMITE}"'
            quand = _entre(bornes, place, len(voeux))
            yield quand, self._fait(t.PROPOSITION, "PropositionRecue", rang, f"v{numero}", 1, dit, bornes[0])

    def _reponses(self, voeux: list[tuple[int, int]], bornes: tuple[int, int]) -> Iterator[Enregistre]:
        """Also to vœux that nobody proposed: such an answer says nothing."""
        for place, (rang, numero) in enumerate(voeux):
            dit = f'"voeu_id":"v{numero}","reponse":"{_REPONSES[rang % 3]}"'
            quand = _entre(bornes, place, len(voeux))
            yield quand, self._fait(t.REPONSE, "ReponseEnregistree", rang, f"v{numero}", 1, dit, bornes[0])

    def _fait(  # noqa: PLR0917 - called a million times
        self, topic: t.Topic, type_: str, rang: int, sujet: str, version: int, corps: str, quand: int
    ) -> Evenement:
        eleve_id = f"{rang * 2_654_435_761 % 4_294_967_296:08x}-0000-4000-8000-{rang:012x}"
        complet = topic.complet(self.world.prefix, self.world.session)
        cle = f"{eleve_id}/{sujet}" if sujet else eleve_id
        return Evenement(
            topic=complet,
            cle=cle,
            type=type_,
            id=identifiant(complet, cle, version),
            time=_ecrit(quand),
            source="/pilotage/ingest",
            donnees=(
                f'{{"session":{self.world.session},"eleve_id":"{eleve_id}","version":{version},{corps}}}'
            ).encode(),
        )


def _entre(bornes: tuple[int, int], place: int, nombre: int) -> int:
    """Spread over whole days; within a day, one µs after the other."""
    jours = (bornes[1] - bornes[0]) // _JOUR
    return bornes[0] + place * jours // max(1, nombre) * _JOUR + place


_ECRITS: dict[int, str] = {}


def _ecrit(quand: int) -> str:
    if quand not in _ECRITS:
        _ECRITS[quand] = horodatage(datetime.fromtimestamp(quand / 1e6, UTC))
    return _ECRITS[quand]


_VOEU = (
    '"voeu_id":"v%s","formation_id":"%s","famille":"%s","selective":true,'
    '"academie_formation":"01","voie":"%s","phase":"PRINCIPALE","etat":"%s","projet_motive":true'
)
_LIMITE = "2026-06-05T21:59:00Z"

"""A nation's facts in time order, cheap to make: the last state of each vœu, then day one, then answers.

Sizes of parcoursup_reference §1.2 and §2.6: 12.8 vœux per terminale, 3.88 propositions per terminale on
day one, 189 terminales per lycée. Pupils take turns at each vœu: the worst order for a cache of pupils.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.events import topics as t
from shared.events.enveloppe import Evenement, horodatage, identifiant
from tests.kit.services import World

TERMINALES, VOEUX, PROPOSITIONS = 688_640, 8_800_000, 2_670_000
_PAR_LYCEE, _LYCEES_PAR_ACADEMIE = 189, 121
_SERIES = ("GENERALE", "PROFESSIONNELLE", "STMG", "STI2D")
_FAMILLES = ("LICENCE", "BTS", "BUT", "CPGE", "PASS", "IFSI", "LAS", "INGENIEUR")
_LIMITE = "2026-06-05T21:59:00Z"


@dataclass(frozen=True, slots=True)
class Nation:
    """``eleves`` of it, at the nation's own ratios."""

    world: World
    eleves: int
    graine: int = 11

    def avant(self) -> Iterator[Evenement]:
        """Identities, scolarités, dossiers, then the vœux."""
        yield from self._identites()
        yield from self._scolarites()
        yield from self._dossiers()
        yield from self._voeux()

    def propositions(self) -> Iterator[Evenement]:
        """Day one: a decision OUI for the first vœux of each pupil."""
        yield from self._tours(
            t.PROPOSITION, "PropositionRecue", PROPOSITIONS / TERMINALES, _PROPOSITION, _JOUR_1
        )

    def reponses(self) -> Iterator[Evenement]:
        """One answer per pupil who got something: the first proposition is accepted, the others kept."""
        yield from self._tours(t.REPONSE, "ReponseEnregistree", 0.7, _REPONSE, _JOUR_2)

    def _identites(self) -> Iterator[Evenement]:
        for rang in range(self.eleves):
            corps = (
                f'"nom":"NOM{rang % 5003}","prenom":"Prénom{rang % 811}","naissance":"2008-05-01","sexe":"F"'
            )
            yield self._fait(t.IDENTITE, "IdentiteRemontee", rang, "", corps, _SIECLE)

    def _scolarites(self) -> Iterator[Evenement]:
        for rang in range(self.eleves):
            lycee, serie = rang // _PAR_LYCEE, _SERIES[rang % 7 % 4]
            corps = (
                f'"uai":"{750_0000 + lycee:07d}A","academie":"{1 + lycee // _LYCEES_PAR_ACADEMIE:02d}",'
                f'"departement":"075","classe":"T{serie[0]}{rang % 6}","serie":"{serie}","mef":"20210019110",'
                '"specialites":["MATHS","PHYSIQUE"],"sexe":"F"'
            )
            yield self._fait(t.ELEVE, "EleveRemonte", rang, "", corps, _SIECLE)

    def _dossiers(self) -> Iterator[Evenement]:
        for rang in range(self.eleves):
            yield self._fait(
                t.DOSSIER, "DossierModifie", rang, "", '"profil":"TERMINALE","etat":"COMPLET"', _SIECLE
            )

    def _voeux(self) -> Iterator[Evenement]:
        yield from self._tours(t.VOEU, "VoeuModifie", VOEUX / TERMINALES, _VOEU, _MARS)

    def _tours(
        self, topic: t.Topic, type_: str, moyenne: float, corps: str, quand: str
    ) -> Iterator[Evenement]:
        """Rounds over the pupils until each has had his number of facts, ``moyenne`` on the average."""
        hasard = random.Random(f"{self.graine}{topic.nom}")
        nombres = bytes(
            min(40, max(0, round(hasard.gauss(moyenne, moyenne / 3)))) for _ in range(self.eleves)
        )
        for tour in range(max(nombres, default=0)):
            for rang, nombre in enumerate(nombres):
                if nombre > tour:
                    famille = _FAMILLES[(rang * 7 + tour * 3) % 8]
                    dit = corps % {"v": tour, "f": (rang * 31 + tour * 977) % 14_000, "famille": famille}
                    yield self._fait(topic, type_, rang, f"v{tour}", dit, quand)

    def _fait(self, topic: t.Topic, type_: str, rang: int, sujet: str, corps: str, quand: str) -> Evenement:  # noqa: PLR0917
        eleve_id = f"{rang * 2_654_435_761 % 4_294_967_296:08x}-0000-4000-8000-{rang:012x}"
        complet = topic.complet(self.world.prefix, self.world.session)
        cle = f"{eleve_id}/{sujet}" if sujet else eleve_id
        return Evenement(
            topic=complet,
            cle=cle,
            type=type_,
            id=identifiant(complet, cle, 1),
            time=quand,
            source="/pilotage/ingest",
            donnees=f'{{"session":{self.world.session},"eleve_id":"{eleve_id}","version":1,{corps}}}'.encode(),
        )


_VOEU = (
    '"voeu_id":"v%(v)s","formation_id":"%(f)s","famille":"%(famille)s","selective":true,'
    '"academie_formation":"01","voie":"ETUDIANT","phase":"PRINCIPALE","etat":"CONFIRME","projet_motive":true'
)
_PROPOSITION = f'"voeu_id":"v%(v)s","decision":"OUI","date_limite":"{_LIMITE}"'
_REPONSE = '"voeu_id":"v%(v)s","reponse":"ACCEPTEE_EN_MAINTENANT"'
_SIECLE, _MARS, _JOUR_1, _JOUR_2 = (
    horodatage(datetime(2026, mois, jour, 12, tzinfo=UTC))
    for mois, jour in ((1, 20), (3, 10), (6, 2), (6, 3))
)

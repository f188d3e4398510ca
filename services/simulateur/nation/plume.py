"""Facts of the feed as lines of JSON, made from fragments: this is written tens of millions of times.

``time`` comes first in each line, then the dossier: sorting the lines as bytes is sorting by time, and the
offset of Paris never breaks the order, since nothing happens in the night of the change.
"""

from collections import defaultdict

from services.simulateur.calendrier import HEURE, JOUR, Calendrier
from services.simulateur.faits import COMMENTAIRES
from services.simulateur.nation.admission import Decision, Issue
from services.simulateur.nation.candidats import Candidat, Ligne
from services.simulateur.nation.catalogue import catalogue

Seaux = dict[int, list[bytes]]


class Plume:
    """Puts lines into buckets of one hour, numbered from the first of January.

    ``limite``: what happens after that instant is left out. ``condense``: each vœu once, in its last
    state before admission, for a feed of one fact per candidature.
    """

    def __init__(self, calendrier: Calendrier, limite: int | None, *, condense: bool = False) -> None:
        self.session = calendrier.session
        self.limite = limite if limite is not None else 400 * JOUR
        self.condense = condense
        self.seaux: Seaux = defaultdict(list)
        self.faits = 0
        self._jours = [calendrier.iso(n * JOUR)[:11].encode() for n in range(366)]
        self._decalages = [calendrier.iso(n * JOUR)[19:].encode() for n in range(366)]
        self._heures = [f"{s // 3600:02d}:{s % 3600 // 60:02d}:{s % 60:02d}".encode() for s in range(JOUR)]
        self._formations = catalogue().fragments
        self._tete = b""

    def vider(self) -> Seaux:
        seaux, self.seaux = self.seaux, defaultdict(list)
        return seaux

    def iso(self, instant: int) -> bytes:
        jour, reste = divmod(instant, JOUR)
        return self._jours[jour] + self._heures[reste] + self._decalages[jour]

    def _ecrire(self, instant: int, *morceaux: bytes) -> None:
        if instant <= self.limite:
            self.seaux[instant // HEURE].append(
                b"".join((b'{"time":"', self.iso(instant), self._tete, *morceaux, b"}\n"))
            )
            self.faits += 1

    def candidat(self, candidat: Candidat, issue: Issue | None) -> None:
        """All facts of one candidature, in no order."""
        self._tete = f'","numero_dossier":"{candidat.numero}","session":{self.session},"type":'.encode()
        self._dossier(candidat)
        if candidat.bourse is not None and candidat.eleve is not None:
            rang = candidat.eleve.indice
            texte = f',"commentaire":"{COMMENTAIRES[rang % len(COMMENTAIRES)]}"' if rang % 2 else ""
            self._ecrire(candidat.bourse, b'"bourse_signalee","sequence":1', texte.encode())
        for ligne in candidat.lignes:
            self._voeu(ligne)
        if issue is not None:
            self._issue(issue)

    def _dossier(self, candidat: Candidat) -> None:
        identite = "".join(
            f',"{cle}":' + ("null" if valeur is None else f'"{valeur}"')
            for cle, valeur in candidat.identite.items()
        ).encode()
        saisis = b',"bulletins_saisis":["T1"]' if candidat.saisis else b',"bulletins_saisis":[]'
        etapes = list(enumerate(candidat.dossier, 1))
        for sequence, (instant, etat) in etapes[-1:] if self.condense else etapes:
            manque = b'["BULLETIN_T2"]' if sequence == 1 else b"[]"
            suite = f'"dossier","sequence":{sequence}'.encode() + identite
            self._ecrire(
                instant, suite, f',"etat":"{etat}"'.encode(), saisis, b',"pieces_manquantes":', manque
            )

    def _voeu(self, ligne: Ligne) -> None:
        voie = b"APPRENTISSAGE" if ligne.en_alternance else b"ETUDIANT"
        phase = b"COMPLEMENTAIRE" if ligne.complementaire else b"PRINCIPALE"
        fixe = b"".join(
            (
                ligne.sujet.encode(),
                b",",
                self._formations[ligne.formation],
                b',"voie":"',
                voie,
                b'","phase":"',
                phase,
                b'","internat":true' if ligne.internat else b'","internat":false',
            )
        )
        etapes = list(enumerate(ligne.etapes, 1))
        for sequence, (instant, etat) in etapes[-1:] if self.condense else etapes:
            motive = etat in ("COMPLET", "CONFIRME")
            suite = b',"projet_motive":true,"etat":"' if motive else b',"projet_motive":false,"etat":"'
            self._ecrire(instant, b'"voeu","sequence":%d,' % sequence, fixe, suite, etat.encode(), b'"')
        if ligne.rangs is not None and not self.condense:
            fin = b',"projet_motive":true,"etat":"CONFIRME","rang":%d' % ligne.rangs[1]
            self._ecrire(ligne.rangs[0], b'"voeu","sequence":%d,' % (len(etapes) + 1), fixe, fin)

    def _issue(self, issue: Issue) -> None:
        rangs: dict[int, int] = {}
        for decision in issue.decisions:
            sequence = rangs[id(decision.ligne)] = rangs.get(id(decision.ligne), 0) + 1
            self._decision(decision, sequence)
        rangs.clear()
        for instant, ligne, genre, maintenus in issue.reponses:
            sequence = rangs[id(ligne)] = rangs.get(id(ligne), 0) + 1
            suite = f',"reponse":"{genre}"'
            if maintenus:
                suite += ',"voeux_maintenus":["' + '","'.join(maintenus) + '"]'
            self._ecrire(
                instant, b'"reponse","sequence":%d,' % sequence, ligne.sujet.encode(), suite.encode()
            )
        for sequence, (instant, etat) in enumerate(issue.caes, 1):
            self._ecrire(instant, f'"caes","sequence":{sequence},"etat":"{etat}"'.encode())
        for instant, objet, resultat in issue.accuses:
            suite = f'"accuse","sequence":1,"objet":"{objet}","version":1,"resultat":"{resultat}"'
            self._ecrire(instant, suite.encode())

    def _decision(self, decision: Decision, sequence: int) -> None:
        instant, ligne, genre, rang, limite = decision
        suite = b',"decision":"' + genre.encode() + b'"'
        if rang is not None:
            suite += b',"rang_attente":%d' % rang
        if limite is not None:
            suite += b',"date_limite":"' + self.iso(limite) + b'"'
        self._ecrire(instant, b'"proposition","sequence":%d,' % sequence, ligne.sujet.encode(), suite)

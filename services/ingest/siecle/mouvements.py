"""What a file changes of a lycée's known pupils: told pupil by pupil, and asked about when it is too much."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.refus import AConfirmer
from services.ingest.siecle.absents import Connue, Presents
from services.ingest.siecle.effective import Inscrite, decoder_contenu
from services.ingest.siecle.lu import EleveLu
from services.ingest.siecle.publication import Publiee
from shared.events import topics as t

LIBELLES: Mapping[str, str] = {
    "uai": "lycée",
    "classe": "classe",
    "serie": "série",
    "mef": "formation",
    "regime": "régime",
    "statut_scolaire": "statut",
    "specialites": "spécialités",
    "sexe": "sexe",
    "codes_bourse": "bourse",
    "date_entree": "date d’entrée",
    "date_sortie": "date de sortie",
    "identite": "identité",
}


@dataclass(slots=True)
class Mouvements:
    """Ids, so far, of known pupils that the file moves or says to have left."""

    deplaces: set[str] = field(default_factory=set)
    arrives: set[str] = field(default_factory=set)
    sortis: set[str] = field(default_factory=set)

    def noter(self, uai: str, eleve_id: str, lu: EleveLu, avant: Presents, ailleurs: Collection[str]) -> None:
        """``ailleurs``: UAI whose files already held him."""
        connue = avant.connus.get(eleve_id)
        if connue is None:
            if not lu.sorti and ailleurs and uai not in ailleurs:
                self.arrives.add(eleve_id)
        elif lu.sorti:
            self.sortis.add(eleve_id)
        elif connue != Connue(lu.scolarite.classe, lu.scolarite.serie.value):
            self.deplaces.add(eleve_id)

    def question(
        self, connus: int, lus: int, absents: int, *, part_max: float, part_min: int
    ) -> AConfirmer | None:
        """Asked when more than ``part_max`` of the lycée, and at least ``part_min`` pupils, would move."""
        touches = absents + len(self.deplaces) + len(self.arrives) + len(self.sortis)
        reference = connus or lus
        if touches < part_min or touches <= part_max * reference:
            return None
        return AConfirmer(
            "PART",
            f"Ce fichier changerait la situation de {touches} élèves sur {reference} : {absents} absents du "
            f"fichier, {len(self.deplaces)} changés de classe ou de série, {len(self.arrives)} venus d’un autre "
            f"lycée, {len(self.sortis)} sortis. Confirmez si c’est bien ce que vous voulez.",
            {
                "eleves": reference,
                "absents": absents,
                "deplaces": len(self.deplaces),
                "arrives": len(self.arrives),
                "sortis": len(self.sortis),
            },
        )


def modification(
    eleve_id: str, lu: EleveLu, uai: str, anciennes: Mapping[str, Inscrite], publies: Mapping[str, set[str]]
) -> Ligne | None:
    """The line of a known pupil of whom something new is published; field names only."""
    topics = publies.get(eleve_id, set[str]())
    champs = _champs(lu, anciennes.get(uai)) if t.ELEVE.nom in topics else []
    if t.IDENTITE.nom in topics:
        champs.append("identite")
    if not champs:
        return None
    montres = ", ".join(LIBELLES.get(champ, champ) for champ in champs)
    return Ligne(
        lu.rang,
        "MODCH",
        f"Modifié : {montres}.",
        Gravite.MODIFIE,
        lu.ine,
        lu.eleve_id_siecle,
        eleve_id,
        tuple(champs),
    )


def par_eleve(publiee: Publiee) -> dict[str, set[str]]:
    """eleve_id → short names of the topics that tell something new of him."""
    publies: dict[str, set[str]] = {}
    for fait in publiee.evenements:
        for topic in (t.ELEVE, t.IDENTITE):
            if fait.topic.endswith(topic.nom):
                publies.setdefault(fait.cle, set()).add(topic.nom)
    return publies


def absence(eleve_id: str, connue: Connue) -> Ligne:
    classe = f" (classe {connue.classe})" if connue.classe else ""
    phrase = f"Élève connu{classe}, absent de ce fichier : il reste inscrit. S’il a quitté le lycée, déclarez sa sortie."
    return Ligne(0, "ABSENT", phrase, Gravite.ABSENT, eleve_id=eleve_id)


def _champs(lu: EleveLu, ancienne: Inscrite | None) -> list[str]:
    if ancienne is None:
        return ["uai"]
    avant, apres = decoder_contenu(ancienne.contenu), decoder_contenu(lu.scolarite.contenu)
    return sorted(champ for champ in avant.keys() | apres.keys() if avant.get(champ) != apres.get(champ))

"""Rates by which pupils become candidates, and how many lists they make."""

from services.simulateur.nation.reference import serie, valeur

PART_SANS_VOEU = 0.5  # of those who confirm nothing; the others let their vœux go at the deadline
PART_SUPPRIMEE = 0.02
PART_NON_CONFIRMEE = 0.01
PART_PERDUE = PART_SUPPRIMEE + PART_NON_CONFIRMEE
LIGNES_EN_MOINS_DES_BOURSIERS = 0.157  # so that 24 % of the pupils make 19.5 % of the candidatures
ARRIVES_EN_HIVER = 0.0053  # one a lycée, on top of the table
EN_PHASE_COMPLEMENTAIRE = 0.0075  # share of the candidatures that come after the lists
ACCEPTATION_DES_BOURSIERS = 0.93  # so that they are 21.4 % of the admitted
SEDENTAIRES = 0.215
PROXIMITE = 0.67
_SERIES_PAR_VOIE = {"G": ("GENERALE",), "P": ("PROFESSIONNELLE",)}


def terminales(voie: str) -> float:
    effectifs = serie("serie")
    ailleurs = sum(effectifs[s] for v in "GP" for s in _SERIES_PAR_VOIE[v])
    return (
        sum(effectifs[s] for s in _SERIES_PAR_VOIE[voie])
        if voie != "T"
        else sum(effectifs.values()) - ailleurs
    )


def confirmants(voie: str) -> float:
    """Terminales with a confirmed vœu, expected over the nation."""
    return terminales(voie) * valeur("participation", voie) * valeur("confirmation", voie)


def autres_candidats() -> float:
    """Candidates of the nation who are in no terminale of the table."""
    return valeur("candidats") - sum(confirmants(v) for v in "GTP")


def listes_attendues(voie: str) -> float:
    """Lists formulated over the nation by pupils of ``voie``, or by the others for ``A``."""
    if voie == "A":
        return autres_candidats()
    inscrits = terminales(voie) * (1 + ARRIVES_EN_HIVER) * valeur("participation", voie)
    return inscrits * (1 - (1 - valeur("confirmation", voie)) * PART_SANS_VOEU)


def liste_des_autres(voie: str) -> float:
    """How much longer than the mean the list of who is no boursier is, since those of the boursiers are shorter."""
    return 1.0 if voie == "A" else 1 / (1 - LIGNES_EN_MOINS_DES_BOURSIERS * valeur("boursiers", voie))


def acceptation(voie: str) -> tuple[float, float]:
    """Of those with a proposition: chance of acceptance without and with a bourse."""
    if voie == "A":
        ailleurs = (valeur("admis") - _lyceens_admis()) / autres_candidats() / valeur("avec_proposition", "A")
        return ailleurs, ailleurs
    admis = _lyceens_admis() * valeur("part_des_admis", voie) / confirmants(voie)
    taux = min(0.985, admis / valeur("avec_proposition", voie))
    ecart = 1 - valeur("boursiers", voie) * (1 - ACCEPTATION_DES_BOURSIERS)
    return min(1.0, taux / ecart), taux / ecart * ACCEPTATION_DES_BOURSIERS


def _lyceens_admis() -> float:
    return valeur("acceptation") * sum(confirmants(voie) for voie in "GTP")

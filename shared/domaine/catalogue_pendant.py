"""Lists of the admission (parcoursup_reference §3.5)."""

from shared.domaine.admission import Acceptation, SansProposition
from shared.domaine.liste import Fenetre, Liste, TriListe
from shared.domaine.predicats import (
    ALaDate,
    Compare,
    EstNul,
    Non,
    Op,
    Ou,
    au_moins,
    connu,
    egal,
    et,
    vrai,
)

EN_PROCEDURE = Non(vrai("demission"))
SANS_PROPOSITION = et(EN_PROCEDURE, connu("sans_proposition"))
A_TEMPS = Ou((EstNul("a_repondre_avant"), Compare("a_repondre_avant", Op.PLUS, ALaDate())))
"""The nearest deadline is not over; the platform gave none to some propositions."""
A_REPONDRE = et(au_moins("a_repondre", 1), A_TEMPS)
A_REPONDRE_CE_SOIR = et(
    au_moins("a_repondre", 1),
    Compare("a_repondre_avant", Op.PLUS, ALaDate()),
    Compare("a_repondre_avant", Op.MOINS, ALaDate(1, debut=True)),
)
_REPONSES = ("en_attente", "refus")

PENDANT: tuple[Liste, ...] = (
    Liste(
        code="sans_proposition",
        titre="Sans proposition",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves auxquels des formations ont répondu, et dont aucune n’a fait de proposition.",
        pourquoi="Ils ont besoin du lycée maintenant : phase complémentaire, commission d’accès (CAES).",
        predicat=SANS_PROPOSITION,
        colonnes=("sans_proposition", "en_attente", "refus", "voeux_complementaires", "caes"),
        tri=TriListe("en_attente"),
    ),
    Liste(
        code="que_des_non",
        titre="Que des refus",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves dont toutes les réponses sont des refus, ou qui ont renoncé à tous leurs vœux en attente.",
        pourquoi="Plus rien ne peut venir de leurs vœux : la phase complémentaire et la CAES sont leurs seules voies.",
        predicat=et(EN_PROCEDURE, egal("sans_proposition", SansProposition.QUE_DES_NON.value)),
        colonnes=("refus", "voeux_complementaires", "caes"),
        tri=TriListe("refus", descendant=True),
    ),
    Liste(
        code="tous_en_attente",
        titre="Tous les vœux en attente",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves dont toutes les réponses sont « en attente ».",
        pourquoi="Leur rang dit s’ils peuvent espérer ; la phase complémentaire leur est ouverte sans rien perdre.",
        predicat=et(EN_PROCEDURE, egal("sans_proposition", SansProposition.TOUS_EN_ATTENTE.value)),
        colonnes=("en_attente", "voeux_complementaires"),
        tri=TriListe("en_attente"),
    ),
    Liste(
        code="attente_et_refus",
        titre="Des attentes et des refus",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves sans proposition dont certains vœux sont refusés et d’autres en attente.",
        pourquoi="Il leur reste peu de chances ; mieux vaut préparer la phase complémentaire avec eux.",
        predicat=et(EN_PROCEDURE, egal("sans_proposition", SansProposition.MIXTE.value)),
        colonnes=(*_REPONSES, "voeux_complementaires"),
        tri=TriListe("en_attente"),
    ),
    Liste(
        code="a_repondre_aujourdhui",
        titre="À répondre aujourd’hui",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves dont une proposition au moins expire aujourd’hui, à l’heure de Paris.",
        pourquoi="Une proposition sans réponse ce soir est perdue pour toujours.",
        predicat=A_REPONDRE_CE_SOIR,
        colonnes=("a_repondre", "a_repondre_avant", "propositions"),
        tri=TriListe("a_repondre_avant"),
    ),
    Liste(
        code="a_repondre",
        titre="Propositions sans réponse",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves qui n’ont pas répondu à une proposition au moins, et qui le peuvent encore.",
        pourquoi="Sans réponse à la date limite, la proposition est perdue.",
        predicat=A_REPONDRE,
        colonnes=("a_repondre", "a_repondre_avant", "propositions", "acceptation"),
        tri=TriListe("a_repondre_avant"),
    ),
    Liste(
        code="propositions_expirees",
        titre="Propositions expirées",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves qui ont laissé passer la date limite d’une proposition au moins.",
        pourquoi="Est-ce un choix ou un oubli ? L’élève a pu perdre sa seule proposition.",
        predicat=et(EN_PROCEDURE, au_moins("expirees", 1)),
        colonnes=("expirees", "expiree_le", "a_repondre", "en_attente", "acceptation"),
        tri=TriListe("expiree_le", descendant=True),
    ),
    Liste(
        code="attente_a_confirmer",
        titre="Vœux en attente à maintenir",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves qui ont laissé expirer une proposition depuis moins de trois jours et qui ont des vœux en "
        "attente.",
        pourquoi="Ils ont trois jours pour dire qu’ils gardent leurs vœux en attente ; sinon ceux-ci sont abandonnés.",
        predicat=et(
            EN_PROCEDURE,
            au_moins("expirees", 1),
            au_moins("en_attente", 1),
            EstNul("acceptation"),
            Compare("expiree_le", Op.PLUS, ALaDate(-3)),
        ),
        colonnes=("expiree_le", "expirees", "en_attente"),
        tri=TriListe("expiree_le"),
    ),
    Liste(
        code="acceptee_en_maintenant",
        titre="Acceptée en maintenant",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves qui ont accepté une proposition en gardant des vœux en attente.",
        pourquoi="Ils ont une place, et attendent mieux : à suivre jusqu’au classement de leurs vœux.",
        predicat=et(EN_PROCEDURE, egal("acceptation", Acceptation.EN_MAINTENANT.value)),
        colonnes=("formation_admise", "en_attente", "attente_non_classee"),
    ),
    Liste(
        code="attente_non_classee",
        titre="Vœux en attente non classés",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves qui ont accepté une proposition en maintenant des vœux en attente, et n’ont pas classé "
        "ceux-ci.",
        pourquoi="Un vœu en attente qui n’est pas classé à la date limite est supprimé.",
        predicat=et(EN_PROCEDURE, au_moins("attente_non_classee", 1)),
        colonnes=("attente_non_classee", "en_attente", "formation_admise"),
        tri=TriListe("attente_non_classee", descendant=True),
    ),
    Liste(
        code="oui_si",
        titre="Oui-si reçus",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves qui ont reçu une proposition « oui-si » : admis à condition de suivre un parcours "
        "d’accompagnement.",
        pourquoi="Ce qu’on leur demande est souvent mal compris : un entretien évite un refus par découragement.",
        predicat=au_moins("oui_si", 1),
        colonnes=("oui_si", "propositions", "acceptation"),
    ),
    Liste(
        code="sous_reserve",
        titre="Retenus sous réserve de contrat",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves qu’une formation en apprentissage retient, à condition qu’ils trouvent un employeur.",
        pourquoi="Ce n’est pas encore une place : sans contrat signé, l’élève n’a rien.",
        predicat=et(EN_PROCEDURE, au_moins("sous_reserve", 1), EstNul("acceptation")),
        colonnes=("sous_reserve", "propositions"),
    ),
    Liste(
        code="demissionnaires",
        titre="Ont quitté la procédure",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves qui ont démissionné de la procédure.",
        pourquoi="Un départ peut cacher un malentendu ; il peut aussi dire un projet hors Parcoursup, à consigner.",
        predicat=vrai("demission"),
        colonnes=("voeux", "propositions"),
    ),
    Liste(
        code="boursiers_sans_proposition",
        titre="Boursiers sans proposition",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves boursiers auxquels des formations ont répondu, et dont aucune n’a fait de proposition.",
        pourquoi="Ils sont prioritaires dans l’accompagnement et devant la CAES.",
        predicat=et(vrai("boursier"), SANS_PROPOSITION),
        colonnes=("sans_proposition", "en_attente", "refus", "caes"),
        tri=TriListe("en_attente"),
    ),
    Liste(
        code="cordees_sans_proposition",
        titre="Cordées sans proposition",
        fenetre=Fenetre.PENDANT,
        definition="Les élèves des Cordées de la réussite auxquels des formations ont répondu, et dont aucune n’a fait de "
        "proposition.",
        pourquoi="Ils ont été accompagnés vers le supérieur : ce n’est pas le moment de les lâcher.",
        predicat=et(vrai("cordees"), SANS_PROPOSITION),
        colonnes=("sans_proposition", "en_attente", "refus", "caes"),
        tri=TriListe("en_attente"),
    ),
)

"""Lists of after the admission (parcoursup_reference §3.5)."""

from shared.domaine.liste import Fenetre, Liste, TriListe
from shared.domaine.predicats import EstNul, Non, au_moins, connu, et, vrai

APRES: tuple[Liste, ...] = (
    Liste(
        code="admis",
        titre="Admis par formation",
        fenetre=Fenetre.APRES,
        definition="Les élèves qui ont accepté une proposition, définitivement ou en gardant des vœux en attente, rangés "
        "par filière.",
        pourquoi="Elle dit où vont les élèves du lycée, pour les conseils et pour les familles de l’an prochain.",
        predicat=et(Non(vrai("demission")), connu("acceptation")),
        colonnes=("famille_admise", "formation_admise", "acceptation"),
        tri=TriListe("famille_admise"),
    ),
    Liste(
        code="destinations",
        titre="Destinations par classe",
        fenetre=Fenetre.APRES,
        definition="Tous les élèves inscrits, classe par classe, avec la formation qu’ils ont acceptée s’il y en a une.",
        pourquoi="C’est le bilan de chaque classe, à donner aux professeurs principaux.",
        predicat=vrai("inscrit"),
        colonnes=("famille_admise", "formation_admise", "propositions"),
        tri=TriListe("classe_tri"),
    ),
    Liste(
        code="sans_affectation",
        titre="Sans affectation",
        fenetre=Fenetre.APRES,
        definition="Les élèves qui ont eu au moins un vœu confirmé, qui n’ont accepté aucune proposition et qui n’ont pas "
        "quitté la procédure.",
        pourquoi="Ils n’ont pas de place pour la rentrée : ce sont eux qu’il faut appeler en juillet.",
        predicat=et(
            vrai("inscrit"),
            Non(vrai("demission")),
            au_moins("voeux_confirmes", 1),
            EstNul("acceptation"),
        ),
        colonnes=("propositions", "expirees", "en_attente", "refus", "voeux_complementaires", "caes"),
        tri=TriListe("propositions"),
    ),
    Liste(
        code="phase_complementaire",
        titre="Phase complémentaire",
        fenetre=Fenetre.APRES,
        definition="Les élèves qui ont formulé au moins un vœu en phase complémentaire.",
        pourquoi="Les réponses y arrivent vite et les délais sont courts : à suivre tout l’été.",
        predicat=et(Non(vrai("demission")), au_moins("voeux_complementaires", 1)),
        colonnes=("voeux_complementaires", "a_repondre", "a_repondre_avant", "acceptation"),
        tri=TriListe("acceptation"),
    ),
    Liste(
        code="caes",
        titre="CAES",
        fenetre=Fenetre.APRES,
        definition="Les élèves qui ont saisi la commission d’accès à l’enseignement supérieur.",
        pourquoi="La commission cherche avec eux ; le lycée peut l’éclairer sur leur projet.",
        predicat=connu("caes"),
        colonnes=("caes", "voeux_complementaires", "acceptation"),
        tri=TriListe("caes"),
    ),
)

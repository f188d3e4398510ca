"""First names and surnames put together at random: no list of real people stands behind them.

Accents, œ, apostrophes, hyphens and particles are frequent on purpose: they must survive every step.
"""

_PRENOMS_F = """Adèle Agathe Aïcha Alicia Alix Aliénor Ambre Anaëlle Anaïs Angèle Anna Apolline Aurore Aya Camille Capucine
Carla Cassandre Céleste Célia Chloé Clara Clémence Constance Daphné Diane Dounia Éléa Éléonore Élisa Élise Éloïse
Elsa Emma Esma Estelle Eugénie Eva Fanta Farah Fatoumata Flore Gabrielle Gaëlle Giulia Hanaé Héloïse Ines Inès Iris
Jade Jeanne Joséphine Juliette Khadija Kim Lana Léa Léna Léonie Lina Linh Lise Loane Lola Louane Louise Lucie Luna
Maëlle Maëlys Maïssa Manon Margaux Margot Marie Marie-Lou Marion Mathilde Maya Mélina Mila Myriam Nadia Nina Noémie
Nour Océane Olympe Ophélie Oumou Pénélope Perle Rania Romane Rose Roxane Sakina Salomé Sarah Selma Sixtine Sofia
Solène Soumaya Suzanne Thaïs Thi-Mai Valentine Victoire Violette Yasmine Yuna Zélie Zoé Anne-Laure Lou-Ann
Marie-Cœur Fleur Maud Tess Coumba Assia Elif Nesrine Océanne"""
PRENOMS_F = tuple(_PRENOMS_F.split())
_PRENOMS_M = """Aaron Abel Adam Adrien Aimé Alexandre Alexis Amaury Amine Anatole Antoine Antonin Armand Arthur Aubin Augustin
Auguste Ayoub Baptiste Basile Bastien Benjamin Benoît Bilal Brice Camille Célestin Cheikh Clément Côme Corentin
Cyprien Damien David Diego Dimitri Édouard Eliott Éloi Émile Enzo Erwan Esteban Étienne Evan Ewen Félix Ferdinand
Florian François Gabin Gabriel Gaël Gaspard Gauthier Grégoire Guillaume Gustave Hadrien Hamza Hippolyte Hugo Ibrahim
Idriss Ilyès Isaac Ismaël Jean-Baptiste Jean-Noël Joachim Joaquim Jonas Joris Joseph Jules Julien Karim Kévin Killian
Lancelot Léandre Léo Léon Léonard Loïc Louis Louis-Marie Lucas Luka Maël Malik Malo Mamadou Marceau Martin Mathéo
Mathis Mathys Maxence Mehdi Melvin Milo Moïse Nabil Naël Nathan Nicolas Noa Noé Nolan Octave Olivier Oscar Ousmane
Paul Pierre Pierre-Yves Quentin Rafaël Raphaël Rayan Rémi Robin Romain Sacha Samuel Simon Sofiane Solal Tao Télio
Théo Théodore Thibault Thomas Timothée Titouan Tom Tristan Ulysse Valentin Victor Virgile Walid Yacine Yanis Yoann
Zacharie Hô-Minh Loïs Minh-Duc Souleymane"""
PRENOMS_M = tuple(_PRENOMS_M.split())
_NOMS = """ABADIE|ABELIN|ACHOURI|ALARDIN|ALLÈGRE|AMSALEM|ANCELIN|ARRIGHI|AUBRÉE|AUCŒUR|BAILLARGUET|BALAZUC|BARBEROT
BAUDOUÏN|BEAUCHÊNE|BELKACEMI|BELLŒIL|BENHADDOU|BENOÎT-GUYOD|BERTHELIN|BESNÉ|BLANCHÂTRE|BŒUFGRAS|BOIS-LAMBERT|BONNEFOUS
BOUCHARÉ|BOURGEOIS|BOUZIANE|BRÉCHET|BRIÈRE|BROCÉLAN|BRUNETIÈRE|CAILLEBOT|CAMARA|CANTALOU|CARNÉ|CASTELNAUD|CAZALBOU
CERVEYROL|CHAMPÊTRE|CHANTELOUVE|CHÂTELARD|CHEVREFEUIL|CLÉMENSON|CŒURDEROY|COLLINET|CONSTANTIN|CORBINEAU|CORNÉLY|COSTE
COULIBALY|COURTEPÉE|CRÈVECŒUR|D'ABANCOURT|D'ESTRELLE|D'HARDIVILLE|D'ORGEVAL|DA COSTA|DA FONSECA|DABROWNY|DELACHÊNAIE
DELAVIGNETTE|DELŒUVRE|DEMIRKAN|DESNOËS|DESROCHERS|DIABATÉ|DIALLO|DIOMBERA|DJEBBARI|DO NASCIMENTO|DOUCEMENT|DRÉAN
DU BOISLIN|DU PLESSIN|DUBŒUF|DUCHÂTELIER|DUFRESNOIS|DUMÉNIL|DURANDEAU|DZIEDZIK|ÉBRARD|ESCOFFRE|ESPÉRANDIEU|ESTÈVE
EVRARDIN|FAURISSON|FERRACHI|FLEURIGNY|FONTANEL|FORTÉCU|FOURNEL|FRANCŒUR|GAILLARDET|GARNERIN|GASTINEAU|GAUDIN-LEROUX
GÉLINAS|GERMAINVILLE|GHERBI|GIRARDOT|GODEFRAY|GOURVENNEC|GRANDCLÉMENT|GRÉGOIRIN|GUÉGANTON|GUÉRINEAU|GUILLEVIC|HAMDAOUI
HARDOUIN|HAUTCŒUR|HELLÉGOUARD|HENNEBELLE|HÉRISSON|HOAREAU|HOUËL|HUCHET|IMBERTON|ISSANDRE|JACQUEMIN|JÉGADO|JOLICŒUR
JOUANNEAU|KABORÉ|KADDOURI|KERBŒUF|KERMADEC|KOWALCZYN|L'HARIDON|L'HERMITTE|LA BRUYÈRE|LABARTHE|LACHÈVRE|LAFONTANE
LAGNEAU|LAMBERTYE|LANGLADIN|LARRIEUX|LAVERGNOLLE|LE BERRIGAUD|LE CŒUVRE|LE DANTÉGUY|LE GOËFFIC|LE MARÉCHAU|LE QUÉRÉ
LEBŒUF|LECOURTOIS|LEFÈVRE-MARTEL|LEGRANDOIS|LEMONNIER|LÉRISSEL|LESŒUR|LEVASSEUR|LHÉRITEAU|LOUVRIER|MACHADIN|MAILLEFERT
MAÎTREJEAN|MALAVAL|MARCHANDEAU|MARÉCHALLE|MARTINEAU|MASSONNAT|MAUBOURG|MAZÉAS|MEKHLOUFI|MÉNARDIÈRE|MERCADIER|MESSAOUDI
MONTCHARMONT|MONTFLEURY|MOREAUVILLE|MOUCHÈRE|N'DIAYE|N'GORAN|NAVARRÈS|NGUYEN|NOËLLET|NOIRMONT|OLLIVARY|ORTÉGAL
OUEDRAOGO|OZANNEAU|PAILLASSOU|PANNETIER|PARMENTELOT|PASQUÉREAU|PELLEGRIN|PÉRIGNON|PERRONNEAU|PETITPRÊTRE|PHILIPPON
PICHERAL|PIÉDALU|PLANTEFÈVE|POIRÉE|PONSARDIN|POULIQUEN|PRÉVOTEAU|PUISAYE|QUÉMÉNEUR|QUENTINOT|RABOUIN|RAFFRAY|RAVELOSON
RÉAUMONT|RENAUDOT|RICHEMONT|RIVOALEN|ROBILLARD|ROCHEBRUNE|ROSSIGNOLET|ROUSSELIÈRE|ROUVREAU|SABOURIN|SAINT-AMARIN
SAINT-PRÉ|SALVADORET|SANDRÉ|SAUVÊTRE|SCHŒNDORF|SÉGALAS|SERRURIER|SIDIBÉ|SOUCHŒUR|SOULIGNAC|STEINMETZER|TAILLANDIER
TALLEYRIN|TAVERNON|TEIXEIRO|TERRASSON|THÉBAULDIN|THIBAUDEL|TILLŒUIL|TOURNEBŒUF|TOUSSAINTE|TRÉGUIDEL|TRINQUART|TURCŒING
URVOYET|VAILLANTEAU|VALMÉRY|VANDENBRŒCK|VARENNOT|VASSEUROT|VAUQUELINE|VERGEADE|VERNÈGUES|VIDALENC|VIEUXCHÊNE|VILLEBŒUF
VILLENEUVE-ARZAC|VOIRINEAU|WALLAERT|WEISSGERBER|WILLEMINOT|YAHIAOUI|YVONNEAU|ZABALETTE|ZERROUKY|ZIMMERLIN"""
NOMS = tuple(_NOMS.replace("\n", "|").split("|"))
RUES = (
    "rue des Tilleuls",
    "avenue de la République",
    "allée des Érables",
    "impasse du Vieux-Moulin",
    "rue du Cœur-Volant",
    "boulevard Jean-Jaurès",
    "chemin de l'Étang",
    "place de l'Hôtel-de-Ville",
)

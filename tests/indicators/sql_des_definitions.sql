-- Every measure of every group of pupils at the end of every day, from tables of facts and the definitions of
-- parcoursup_reference §3.4 (and the defaults of its §7) only. {groupe}: what to group by, {rangs}: its places.
WITH jour AS (
    SELECT DISTINCT jour AS au FROM (
        SELECT jour FROM s_eleve UNION SELECT jour FROM s_dossier UNION SELECT jour FROM s_caes
        UNION SELECT jour FROM s_voeu UNION SELECT jour FROM s_proposition UNION SELECT jour FROM s_reponse) AS tous
     WHERE {depuis}
),
eleve AS (
    SELECT DISTINCT ON (au, eleve) au, s_eleve.* FROM jour JOIN s_eleve ON jour <= au
     ORDER BY au, eleve, version DESC
),
dossier AS (
    SELECT DISTINCT ON (au, eleve) au, eleve, etat FROM jour JOIN s_dossier ON jour <= au
     ORDER BY au, eleve, version DESC
),
caes AS (
    SELECT DISTINCT ON (au, eleve) au, eleve, etat FROM jour JOIN s_caes ON jour <= au
     ORDER BY au, eleve, version DESC
),
voeu AS (
    SELECT DISTINCT ON (au, eleve, voeu) au, eleve, voeu, famille, voie, phase, etat
      FROM jour JOIN s_voeu ON jour <= au ORDER BY au, eleve, voeu, version DESC
),
proposition AS (
    SELECT DISTINCT ON (au, eleve, voeu) au, eleve, voeu, decision
      FROM jour JOIN s_proposition ON jour <= au ORDER BY au, eleve, voeu, version DESC
),
reponse AS (
    SELECT DISTINCT ON (au, eleve, voeu) au, eleve, voeu, version, reponse
      FROM jour JOIN s_reponse ON jour <= au ORDER BY au, eleve, voeu, version DESC
),
suivi AS (
    SELECT au, eleve, voeu, v.phase, decision, reponse, r.version,
           v.etat IS NOT NULL AND v.etat <> 'SUPPRIME' AS demande,
           coalesce(v.etat = 'CONFIRME', false) AS confirme,
           coalesce(v.famille IN ('LICENCE', 'LAS', 'PASS') AND v.voie = 'ETUDIANT', false) AS l1,
           coalesce(decision IN ('OUI', 'OUI_SI', 'RETENU_SOUS_RESERVE'), false) AS propose
      FROM voeu AS v FULL JOIN proposition AS p USING (au, eleve, voeu) FULL JOIN reponse AS r USING (au, eleve, voeu)
),
accepte AS (
    SELECT DISTINCT ON (au, eleve) au, eleve, l1, reponse FROM suivi
     WHERE propose AND reponse LIKE 'ACCEPTEE%' ORDER BY au, eleve, version DESC, voeu COLLATE "C" DESC
),
bilan AS (
    SELECT au, eleve,
           bool_or(demande) AS demande,
           bool_or(demande AND l1) AS demande_l1,
           bool_and(l1) FILTER (WHERE demande) AS demande_que_l1,
           bool_or(confirme) AS confirme,
           bool_or(confirme AND l1) AS confirme_l1,
           bool_and(l1) FILTER (WHERE confirme) AS confirme_que_l1,
           bool_or(propose) AS propose,
           bool_or(propose AND l1) AS propose_l1,
           bool_and(l1) FILTER (WHERE propose) AS propose_que_l1,
           bool_or(decision IN ('OUI', 'OUI_SI') AND reponse IS NULL) AS sans_reponse,
           bool_or(decision IS NOT NULL) AS repondu,
           bool_or(decision IS NOT NULL AND reponse = 'EXPIREE') AS expire,
           bool_or(decision = 'NON') AS refus,
           bool_or(decision = 'EN_ATTENTE' AND coalesce(reponse NOT IN ('REFUSEE', 'EXPIREE', 'DEMISSION'), true)) AS attente,
           bool_or(demande AND phase = 'COMPLEMENTAIRE') AS complementaire,
           bool_or(propose AND phase = 'COMPLEMENTAIRE') AS complementaire_admis
      FROM suivi GROUP BY au, eleve
),
situation AS (
    SELECT e.*, d.etat IS NOT NULL AS inscrit, coalesce(d.etat = 'DEMISSION', false) AS parti, c.etat AS caes,
           coalesce(b.demande, false) AS demande, coalesce(b.demande_l1, false) AS demande_l1,
           coalesce(b.demande_que_l1, false) AS demande_que_l1,
           coalesce(b.confirme, false) AS confirme, coalesce(b.confirme_l1, false) AS confirme_l1,
           coalesce(b.confirme_que_l1, false) AS confirme_que_l1,
           coalesce(b.propose, false) AS propose, coalesce(b.propose_l1, false) AS propose_l1,
           coalesce(b.propose_que_l1, false) AS propose_que_l1,
           coalesce(b.sans_reponse, false) AS sans_reponse, coalesce(b.repondu, false) AS repondu,
           coalesce(b.expire, false) AS expire, coalesce(b.refus, false) AS refus, coalesce(b.attente, false) AS attente,
           coalesce(b.complementaire, false) AS complementaire,
           coalesce(b.complementaire_admis, false) AS complementaire_admis,
           a.eleve IS NOT NULL AND coalesce(d.etat, '') <> 'DEMISSION' AS accepte, coalesce(a.l1, false) AS accepte_l1,
           coalesce(a.reponse = 'ACCEPTEE_EN_MAINTENANT', false) AS maintenant
      FROM eleve AS e
      LEFT JOIN dossier AS d USING (au, eleve) LEFT JOIN caes AS c USING (au, eleve)
      LEFT JOIN bilan AS b USING (au, eleve) LEFT JOIN accepte AS a USING (au, eleve)
)
SELECT au, {groupe},
       count(*) FILTER (WHERE NOT fige) AS vivier,
       count(*) FILTER (WHERE NOT fige AND inscrit) AS inscrits,
       count(*) FILTER (WHERE fige) AS vivier_initial,
       count(*) FILTER (WHERE fige AND inscrit) AS participants_initiaux,
       count(*) FILTER (WHERE NOT fige AND inscrit AND NOT demande) AS sans_voeu,
       count(*) FILTER (WHERE NOT fige AND inscrit AND demande_l1) AS l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND demande_que_l1) AS que_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme) AS confirmes,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme_l1) AS confirmes_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme_que_l1) AS confirmes_que_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND NOT confirme) AS sans_voeu_confirme,
       count(*) FILTER (WHERE NOT fige AND inscrit AND propose) AS admis,
       count(*) FILTER (WHERE NOT fige AND inscrit AND propose_l1) AS admis_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND propose_que_l1) AS admis_que_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND accepte) AS acceptes,
       count(*) FILTER (WHERE NOT fige AND inscrit AND accepte AND accepte_l1) AS acceptes_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND accepte AND accepte_l1) AS acceptes_que_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme AND propose) AS confirmes_admis,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme AND propose_l1) AS confirmes_admis_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme AND propose_que_l1) AS confirmes_admis_que_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme AND accepte) AS confirmes_acceptes,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme AND accepte AND accepte_l1) AS confirmes_acceptes_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND confirme AND accepte AND accepte_l1) AS confirmes_acceptes_que_l1_pass,
       count(*) FILTER (WHERE NOT fige AND inscrit AND accepte AND maintenant) AS acceptes_en_maintenant,
       count(*) FILTER (WHERE NOT fige AND inscrit AND NOT parti AND sans_reponse) AS a_repondre,
       count(*) FILTER (WHERE NOT fige AND inscrit AND repondu) AS repondus,
       count(*) FILTER (WHERE NOT fige AND inscrit AND expire) AS expirees,
       count(*) FILTER (WHERE NOT fige AND inscrit AND NOT parti AND repondu AND NOT propose) AS sans_proposition,
       count(*) FILTER (WHERE NOT fige AND inscrit AND NOT parti AND attente AND NOT propose AND NOT refus) AS que_attente,
       count(*) FILTER (WHERE NOT fige AND inscrit AND NOT parti AND repondu AND NOT propose AND NOT attente) AS que_refus,
       count(*) FILTER (WHERE NOT fige AND inscrit AND parti) AS demissions,
       count(*) FILTER (WHERE NOT fige AND inscrit AND NOT parti AND complementaire) AS complementaire,
       count(*) FILTER (WHERE NOT fige AND inscrit AND NOT parti AND complementaire_admis) AS complementaire_admis,
       count(*) FILTER (WHERE NOT fige AND inscrit AND caes IS NOT NULL) AS caes,
       count(*) FILTER (WHERE NOT fige AND inscrit AND caes IN ('PROPOSITION', 'ACCEPTEE')) AS caes_propositions
  FROM situation AS s
 CROSS JOIN LATERAL (VALUES (s.uai, s.serie, false), (s.fige_uai, s.fige_serie, true)) AS place (ou, en_serie, fige)
 WHERE CASE WHEN fige THEN s.fige_uai IS NOT NULL ELSE NOT s.sorti END
 GROUP BY {rangs}

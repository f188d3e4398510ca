// Progressive enhancement only: every page works without this file.
"use strict";

// Wait for an import or an export, then show the page of its end.
for (const bloc of document.querySelectorAll("[data-suivre]")) {
  const finis = bloc.dataset.etats.split(" ");
  const suivre = async () => {
    try {
      const reponse = await fetch(bloc.dataset.suivre, { headers: { Accept: "application/json" } });
      if (reponse.ok) {
        const { etat, total, checkpoint } = await reponse.json();
        const barre = bloc.querySelector("progress");
        if (barre && total) { barre.max = total; barre.value = checkpoint; }
        if (finis.includes(etat)) { location.reload(); return; }
      }
    } catch { /* the next turn will tell */ }
    setTimeout(suivre, 1000);
  };
  setTimeout(suivre, 500);
}

// A workbook that has just become ready is downloaded once, the link stays.
for (const bloc of document.querySelectorAll("[data-telecharger]")) {
  const cle = "telecharge:" + bloc.dataset.telecharger;
  if (!sessionStorage.getItem(cle)) {
    sessionStorage.setItem(cle, "1");
    location.assign(bloc.dataset.telecharger);
  }
}

// Send a SIECLE file with its progress.
for (const formulaire of document.querySelectorAll("[data-televersement]")) {
  formulaire.addEventListener("submit", (evenement) => {
    const fichier = formulaire.querySelector("input[type=file]").files[0];
    if (!fichier) return;
    evenement.preventDefault();
    const annonce = formulaire.querySelector("[data-avancement]");
    const bouton = formulaire.querySelector("button[type=submit]");
    const zip = fichier.name.toLowerCase().endsWith(".zip");
    const envoi = new XMLHttpRequest();
    const dire = (texte) => { annonce.textContent = texte; };
    const echouer = (texte) => { dire(texte); bouton.disabled = false; };
    bouton.disabled = true;
    const demande = new URLSearchParams({ nom: fichier.name.slice(0, 200), confirme: formulaire.elements.confirme.checked });
    envoi.open("POST", `${formulaire.dataset.televersement}?${demande}`);
    envoi.setRequestHeader("Content-Type", zip ? "application/zip" : "application/octet-stream");
    envoi.setRequestHeader("X-CSRF-Token", formulaire.dataset.jeton);
    envoi.upload.onprogress = (p) => {
      if (p.lengthComputable) dire(`Envoi : ${Math.round((100 * p.loaded) / p.total)} %`);
    };
    envoi.onerror = () => echouer("L’envoi a été interrompu. Réessayez.");
    envoi.onload = () => {
      let reponse = {};
      try { reponse = JSON.parse(envoi.responseText); } catch { /* no JSON: the default sentence */ }
      if (envoi.status === 202 && reponse.import_id) location.assign(formulaire.dataset.suite + reponse.import_id);
      else echouer(reponse.title || "Le fichier n’a pas été pris. Réessayez.");
    };
    dire("Envoi : 0 %");
    envoi.send(fichier);
  });
}

// From a dossier to the next one of the list, by one key; it can be turned off, and it never takes a typed letter.
const voisins = document.querySelector("[data-voisins]");
if (voisins) {
  const actifs = document.querySelector("[data-raccourcis-actifs]");
  actifs.checked = localStorage.getItem("raccourcis") !== "non";
  actifs.addEventListener("change", () => localStorage.setItem("raccourcis", actifs.checked ? "oui" : "non"));
  const cibles = { s: "a[rel=next]", p: "a[rel=prev]", l: ".p-voisins__ou a, .p-voisins__ou button" };
  document.addEventListener("keydown", (touche) => {
    const saisie = touche.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
    if (!actifs.checked || saisie || touche.ctrlKey || touche.altKey || touche.metaKey) return;
    const cible = cibles[touche.key] && voisins.querySelector(cibles[touche.key]);
    if (cible) { touche.preventDefault(); cible.click(); }
  });
}

// A printed dossier shows its bulletins.
window.addEventListener("beforeprint", () => {
  for (const bulletin of document.querySelectorAll("details.p-bulletin")) bulletin.open = true;
});

// What was just entered comes back in a moment: look again, a few times.
for (const bloc of document.querySelectorAll("[data-attendre]")) {
  const cle = "attendu:" + location.pathname;
  const fois = Number(sessionStorage.getItem(cle) || 0);
  if (fois < 5) {
    sessionStorage.setItem(cle, fois + 1);
    setTimeout(() => location.reload(), 1000 * Number(bloc.dataset.attendre));
  }
}
if (!document.querySelector("[data-attendre]")) sessionStorage.removeItem("attendu:" + location.pathname);

// Lists: tick the whole page, count what is ticked.
for (const tout of document.querySelectorAll("[data-tout-cocher]")) {
  const cases = () => [...document.querySelectorAll("[data-ligne] input[type=checkbox]")];
  const annonce = document.querySelector("[data-coches]");
  const compter = () => {
    const n = cases().filter((une) => une.checked).length;
    tout.checked = n > 0 && n === cases().length;
    tout.indeterminate = n > 0 && n < cases().length;
    if (annonce) annonce.textContent = n ? `Pour ${n} élève${n > 1 ? "s" : ""} coché${n > 1 ? "s" : ""} :` : "Pour les élèves cochés :";
  };
  tout.hidden = false;
  tout.addEventListener("change", () => { for (const une of cases()) une.checked = tout.checked; compter(); });
  document.addEventListener("change", (evenement) => { if (evenement.target.name === "eleve_id") compter(); });
  compter();
}

// Keyboard: / searches, j and k move, x ticks, o opens, ? shows these.
{
  const RACCOURCIS = [["/", "chercher un nom"], ["j", "élève suivant"], ["k", "élève précédent"], ["x", "cocher ou décocher"],
    ["o", "ouvrir le dossier"], ["?", "montrer ou fermer cette aide"]];
  const lignes = () => [...document.querySelectorAll("[data-ligne]")];
  const enService = () => localStorage.getItem("raccourcis") !== "non";
  let ici = -1;
  const aller = (pas) => {
    const toutes = lignes();
    if (!toutes.length) return;
    if (ici >= 0 && toutes[ici]) toutes[ici].classList.remove("p-courante");
    ici = Math.min(Math.max(ici + pas, 0), toutes.length - 1);
    toutes[ici].classList.add("p-courante");
    toutes[ici].querySelector("a").focus({ preventScroll: true });
    toutes[ici].scrollIntoView({ block: "nearest" });
  };
  const aide = () => {
    const ouverte = document.querySelector("dialog.p-raccourcis");
    if (ouverte) { ouverte.close(); ouverte.remove(); return; }
    const boite = document.createElement("dialog");
    boite.className = "p-raccourcis";
    boite.setAttribute("aria-label", "Raccourcis du clavier");
    const titre = document.createElement("h2");
    titre.textContent = "Raccourcis du clavier";
    const liste = document.createElement("dl");
    for (const [touche, effet] of RACCOURCIS) {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = touche; dd.textContent = effet;
      liste.append(dt, dd);
    }
    const fermer = document.createElement("button");
    fermer.className = "fr-btn fr-btn--secondary"; fermer.textContent = "Fermer";
    fermer.addEventListener("click", aide);
    const choix = document.createElement("label"), actifs = document.createElement("input");
    actifs.type = "checkbox"; actifs.checked = enService();
    actifs.addEventListener("change", () => localStorage.setItem("raccourcis", actifs.checked ? "oui" : "non"));
    choix.append(actifs, " Utiliser ces raccourcis (« ? » ouvre toujours cette aide)");
    const options = document.createElement("p");
    options.append(choix);
    boite.append(titre, liste, options, fermer);
    boite.addEventListener("cancel", (evenement) => { evenement.preventDefault(); aide(); });
    document.body.append(boite);
    boite.showModal();
  };
  const effets = {
    "/": () => document.querySelector("[data-recherche]"),
    j: () => aller(1),
    k: () => aller(-1),
    o: () => lignes()[ici]?.querySelector("a").click(),
    x: () => lignes()[ici]?.querySelector("input[type=checkbox]")?.click(),
    "?": aide,
  };
  document.addEventListener("keydown", (evenement) => {
    const saisie = evenement.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (saisie || evenement.ctrlKey || evenement.metaKey || evenement.altKey || !(evenement.key in effets)) return;
    if (!document.querySelector("[data-lignes], [data-recherche]")) return;
    if (!enService() && evenement.key !== "?") return;
    const champ = effets[evenement.key]();
    if (champ instanceof HTMLElement && evenement.key === "/") { evenement.preventDefault(); champ.focus(); champ.select(); }
  });
}

// Figures follow the facts: an open page asks if anything moved, and takes the new figures in without losing its place.
for (const zone of document.querySelectorAll("[data-vivre]")) {
  let version = zone.dataset.version;
  const suivre = async () => {
    try {
      if (!document.hidden) {
        const dit = await fetch(zone.dataset.vivre, { headers: { "If-None-Match": `W/"${version}"` }, cache: "no-store" });
        if (dit.status === 200) {
          const lue = await fetch(location.href);
          const neuve = lue.ok && new DOMParser().parseFromString(await lue.text(), "text/html").getElementById("figures");
          const ouverte = zone.querySelector("details[open]") || zone.contains(document.activeElement);
          if (neuve && !ouverte) {
            zone.replaceChildren(...neuve.childNodes);
            version = neuve.dataset.version;
          }
        }
      }
    } catch { /* the next turn will tell */ }
    setTimeout(suivre, 5000);
  };
  setTimeout(suivre, 5000);
}

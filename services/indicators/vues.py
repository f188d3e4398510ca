"""What the reading side answers: figures by indicator, beside what they are compared with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.indicators import comparaison
from services.indicators.declinaisons import Dimension, Part
from services.indicators.definitions import Indicateur
from services.indicators.instantane import (
    NATION,
    Figure,
    Instantane,
    figure,
    figure_d_ensemble,
)
from services.indicators.lecture import LuDuLycee, Vecteur
from services.indicators.masquage_sommes import Total
from services.indicators.mesures import RANGS
from shared.nomenclatures.series import Serie

ENSEMBLE = "ENSEMBLE"
Paire = list[int | None]


def catalogue(indicateurs: Sequence[Indicateur]) -> list[dict[str, Any]]:
    """The words that go with the figures, once."""
    return [
        {
            "code": un.code,
            "libelle": un.libelle,
            "definition": un.definition,
            "moment": un.moment.value,
            "base": un.base.value,
            "base_libelle": un.base.libelle,
            "variante_de": un.variante_de,
        }
        for un in indicateurs
    ]


def libelle(serie: str) -> str:
    return Serie(serie).libelle if serie in set(Serie) else serie


def ordre(series: Iterable[str]) -> list[str]:
    """As principals read them."""
    rangs = {serie.value: rang for rang, serie in enumerate(Serie)}
    return sorted(series, key=lambda serie: rangs.get(serie, len(rangs)))


def somme(vecteurs: Iterable[Vecteur]) -> Vecteur:
    return tuple(map(sum, zip(*vecteurs, strict=True)))


def paire(vu: Figure) -> Paire:
    return [vu.n, vu.base]


class VueLycee:
    """A lycée's own page: exact figures, and what readers outside see of the others."""

    def __init__(
        self, uai: str, lu: LuDuLycee, autour: Instantane | None, indicateurs: Sequence[Indicateur]
    ) -> None:
        self._uai = uai
        self._lu = lu
        self._autour = autour
        self._indicateurs = indicateurs

    def series(self, parts: Mapping[Part, Mapping[str, int]]) -> list[dict[str, Any]]:
        return [
            {
                **self._bloc(serie, self._lu.series[serie], self._lu.precedente.get(serie)),
                "declinaisons": decl,
            }
            for serie in ordre(s for s, v in self._lu.series.items() if any(v))
            for decl in [declinaisons(serie, parts, self._indicateurs)]
        ]

    def ensemble(self) -> dict[str, Any]:
        vide: Vecteur = (0,) * len(RANGS)
        avant = somme(self._lu.precedente.values()) if self._lu.precedente else None
        return self._bloc(ENSEMBLE, somme([vide, *self._lu.series.values()]), avant)

    def _bloc(self, serie: str, valeurs: Vecteur, avant: Vecteur | None) -> dict[str, Any]:
        return {
            "serie": serie,
            "libelle": "Ensemble" if serie == ENSEMBLE else libelle(serie),
            "vivier": valeurs[RANGS["vivier"]],
            "vivier_initial": valeurs[RANGS["vivier_initial"]],
            "indicateurs": [self._indicateur(un, serie, valeurs, avant) for un in self._indicateurs],
        }

    def _indicateur(
        self, un: Indicateur, serie: str, valeurs: Vecteur, avant: Vecteur | None
    ) -> dict[str, Any]:
        mien = figure(Total(valeurs, 0), un.numerateur, un.base.value)
        return {
            "code": un.code,
            "libelle": un.libelle,
            "definition": un.definition if serie == ENSEMBLE else "",
            "numerateur": mien.n,
            "denominateur": mien.base,
            "taux": mien.taux,
            "precedente": paire(figure(Total(avant, 0), un.numerateur, un.base.value)) if avant else None,
            "objectif": self._lu.objectifs.get((serie, un.code)),
            **self._compare(un, serie, mien),
        }

    def _compare(self, un: Indicateur, serie: str, mien: Figure) -> dict[str, Any]:
        autour, academie = self._autour, self._lu.academie
        if autour is None:
            return {}
        dit: dict[str, Any] = {
            "academie": paire(figure_du_lieu(autour, f"academie {academie}", serie, un)),
            "nation": paire(figure_du_lieu(autour, NATION, serie, un)),
        }
        if serie == ENSEMBLE:
            return dit
        dit["quartiles_academie"] = autour.quartiles(academie, serie)[un.code]
        dit["quartiles_nation"] = autour.quartiles(None, serie)[un.code]
        if mien.taux is not None:
            vus = (autour.lycee(uai, serie) for uai in autour.voisins(self._uai))
            autres = [t for vu in vus if (t := figure(vu, un.numerateur, un.base.value).taux) is not None]
            dit["place"] = comparaison.place(mien.taux, autres)
        return dit


def figure_du_lieu(autour: Instantane, lieu: str, serie: str, un: Indicateur) -> Figure:
    if serie == ENSEMBLE:
        return figure_d_ensemble(autour.ensemble(lieu), un.numerateur, un.base.value)
    return figure(autour.lieu(lieu, serie), un.numerateur, un.base.value)


def declinaisons(
    serie: str, parts: Mapping[Part, Mapping[str, int]], indicateurs: Sequence[Indicateur]
) -> list[dict[str, Any]]:
    """Inside the lycée alone: by classe, spécialités, sexe, bourse and Cordées."""
    dites = []
    for dimension in Dimension:
        siennes = [(p.modalite, m) for p, m in parts.items() if p.serie == serie and p.dimension is dimension]
        if dimension is not Dimension.ENSEMBLE and siennes:
            modalites = [
                {
                    "modalite": modalite,
                    "vivier": mesures["vivier"],
                    "figures": {
                        un.code: [mesures[un.numerateur], mesures[un.base.value]] for un in indicateurs
                    },
                }
                for modalite, mesures in siennes
            ]
            dites.append({"dimension": dimension.value, "modalites": modalites})
    return dites


def bloc_masque(
    serie: str, vus: Sequence[Total], indicateurs: Sequence[Indicateur], *, complet: bool = False
) -> dict[str, Any]:
    """One série (one total) or all of them, for readers outside. ``complet``: with the definitions."""
    viviers = [figure(vu, "vivier", "vivier").n for vu in vus]
    connus = [n for n in viviers if n is not None]
    figures = [(un, figure_d_ensemble(vus, un.numerateur, un.base.value)) for un in indicateurs]
    if len(vus) == 1:
        figures = [(un, figure(vus[0], un.numerateur, un.base.value)) for un in indicateurs]
    return {
        "serie": serie,
        "libelle": "Ensemble" if serie == ENSEMBLE else libelle(serie),
        "vivier": sum(connus) if connus else None,
        "indicateurs": [
            {
                "code": un.code,
                "libelle": un.libelle,
                "definition": un.definition if complet else "",
                "numerateur": vu.n,
                "denominateur": vu.base,
                "taux": vu.taux,
            }
            for un, vu in figures
        ],
    }


def courbes(
    jours: Mapping[str, Sequence[tuple[date, Vecteur]]], indicateurs: Sequence[Indicateur]
) -> list[dict[str, Any]]:
    """By série: one point by day that changed something, n and N of every indicator at its end."""
    dites = []
    for serie in ordre(jours):
        cumul: Vecteur = (0,) * len(RANGS)
        points = []
        for jour, mouvement in jours[serie]:
            cumul = somme([cumul, mouvement])
            figures = {
                un.code: [cumul[RANGS[un.numerateur]], cumul[RANGS[un.base.value]]] for un in indicateurs
            }
            points.append({"jour": jour.isoformat(), "figures": figures})
        dites.append({"serie": serie, "libelle": libelle(serie), "points": points})
    return dites

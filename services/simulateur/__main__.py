"""Writes a synthetic session: ``python -m services.simulateur --graine 1 --lycees 3 --dossier OUT``."""

import argparse
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import orjson

from services.simulateur import Desordre, Population, Stade, premiers_lycees


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m services.simulateur", description=__doc__)
    parser.add_argument("--graine", type=int, default=1, help="seed; the same seed gives the same bytes")
    parser.add_argument("--lycees", type=int, default=3, help="how many lycées of the table")
    parser.add_argument("--session", type=int, default=2026)
    parser.add_argument("--stade", type=Stade, choices=list(Stade), default=Stade.AVANT)
    parser.add_argument("--jusqu-au", type=date.fromisoformat, help="leave out what happens after that day")
    parser.add_argument("--decalage", type=int, default=0, help="days by which written dates are moved")
    parser.add_argument("--tout", action="store_true", help="structures, nomenclature, communs and marks too")
    parser.add_argument("--dossier", type=Path, required=True, help="folder to write into")
    parser.add_argument("--version-siecle", choices=("2.1", "3.0"), default="2.1")
    parser.add_argument("--avec-adresses", action="store_true")
    parser.add_argument("--cas-limites", action="store_true", help="add odd terminales to each file")
    parser.add_argument("--doublons", type=float, default=0.0, help="share of the facts sent twice")
    parser.add_argument("--melange", type=float, default=0.0, help="share of the facts out of order")
    parser.add_argument("--retards", type=float, default=0.0, help="share of superseded versions sent last")
    return parser.parse_args(arguments)


def ecrire(options: argparse.Namespace) -> dict[str, object]:
    """One SIECLE zip per lycée, one file of facts, and their manifest, which is returned."""
    population = Population(
        options.graine,
        premiers_lycees(options.lycees),
        options.session,
        cas_limites=options.cas_limites,
        decalage=options.decalage,
    )
    desordre = Desordre(options.melange, options.doublons, options.retards)
    quoi = {"desordre": desordre, "jusqu_au": options.jusqu_au}
    faits = population.ecrire_faits(options.dossier, options.stade, **quoi)
    comptes = Counter(fait["type"] for fait in population.faits(options.stade, **quoi))
    manifeste = {
        "graine": options.graine,
        "session": options.session,
        "stade": options.stade,
        "faits": faits.name,
        "nombre_de_faits": dict(sorted(comptes.items())),
        "lycees": [_lycee(population, uai, options) for uai in (x.uai for x in population.lycees)],
    }
    (options.dossier / "manifest.json").write_bytes(
        orjson.dumps(manifeste, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    )
    return manifeste


def _lycee(population: Population, uai: str, options: argparse.Namespace) -> dict[str, object]:
    fichier = population.ecrire_siecle(
        uai, options.dossier / uai, version=options.version_siecle, avec_adresses=options.avec_adresses
    )
    verite = population.verite(uai, options.stade, jusqu_au=options.jusqu_au)
    autour: list[tuple[str, Path]] = []
    if options.tout:
        au = options.jusqu_au or population.export_initial.date()
        autour = population.ecrire_autour(uai, options.dossier / uai, notes_au=au)
    nom = next(lycee.nom for lycee in population.lycees if lycee.uai == uai)
    return {
        "uai": uai,
        "nom": nom,
        "siecle": str(fichier.relative_to(options.dossier)),
        "autour": [[nature, str(chemin.relative_to(options.dossier))] for nature, chemin in autour],
        "total": verite.total,
        "par_serie": verite.par_serie,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    options = _arguments(arguments)
    manifeste = ecrire(options)
    print(
        f"written to {options.dossier}: {manifeste['faits']} and {options.lycees} SIECLE files, manifest.json"
    )


if __name__ == "__main__":
    main()

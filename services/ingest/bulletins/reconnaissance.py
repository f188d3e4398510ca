"""What the registre knows of the pupils that a notes file names."""

from collections.abc import Sequence
from datetime import date

from services.ingest.bulletins import store
from services.ingest.bulletins.brut import EleveBrut
from services.ingest.bulletins.rapprochement import Connaissance, code_siecle
from services.ingest.contexte import Analyse
from services.ingest.identity import Nature, Nom, chercher
from services.ingest.siecle.homonymes import nom_de


async def connaissance(analyse: Analyse, uai: str, eleves: Sequence[EleveBrut]) -> Connaissance:
    codes = {code: Nom(Nature.SIECLE, f"{uai}/{code}") for e in eleves if (code := code_siecle(e))}
    ines = {eleve.ine: Nom(Nature.INE, eleve.ine) for eleve in eleves if eleve.ine}
    lus = await chercher(analyse.tx, analyse.cles, analyse.session, {*codes.values(), *ines.values()})
    par_code = {code: lus.ids[nom] for code, nom in codes.items() if nom in lus.ids}
    par_ine = {ine: lus.ids[nom] for ine, nom in ines.items() if nom in lus.ids}
    effaces = {cle for cle, nom in {**codes, **ines}.items() if nom in lus.effaces}
    inconnus = [eleve for eleve in eleves if eleve.ine not in par_ine and code_siecle(eleve) not in par_code]
    return Connaissance(
        par_code,
        par_ine,
        effaces,
        await store.inscrits(analyse.tx, analyse.session, uai),
        await store.avec_ine(analyse.tx, analyse.session, set(par_code.values())),
        await _homonymes(analyse, uai, inconnus),
    )


async def _homonymes(analyse: Analyse, uai: str, eleves: Sequence[EleveBrut]) -> dict[int, str]:
    """Rang → pupil of the lycée with the same name, first name and birth date."""
    par_empreinte: dict[bytes, int] = {}
    for eleve in eleves:
        try:
            nom = nom_de(eleve.nom, eleve.prenom, date.fromisoformat(eleve.naissance[:10]))
        except ValueError:
            continue
        par_empreinte |= dict.fromkeys(analyse.cles.empreintes(nom), eleve.rang)
    if not par_empreinte:
        return {}
    trouves = await store.homonymes(analyse.tx, analyse.session, uai, par_empreinte)
    return {par_empreinte[lue]: eleve_id for lue, eleve_id in trouves.items()}

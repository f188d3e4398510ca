"""Teachers of this year's services and what they teach. Pure."""

from dataclasses import dataclass, field

from services.ingest.bulletins.brut import FichierBrut
from services.ingest.bulletins.listes import Index, Service
from services.ingest.bulletins.nombres import TEXTE_MAX
from shared.events.modeles import EnseignantRemonte, ServiceEnseigne


def enseignants_de(fichier: FichierBrut, index: Index) -> tuple[EnseignantRemonte, ...]:
    """Teachers of this year's services and what they teach, in the order of their codes."""
    services: dict[str, dict[tuple[str, str | None], _Cumul]] = {}
    for (code, annee), service in index.services.items():
        if annee != index.session:
            continue
        for enseignant in service.enseignants:
            cumuls = services.setdefault(enseignant, {})
            cumul = cumuls.setdefault((service.matiere, service.modele.groupe), _Cumul(service))
            cumul.classes |= index.classes_du_service.get((code, annee), set())
            cumul.periodes |= {service.periode} if service.periode else set()
    return tuple(
        EnseignantRemonte(
            code=code.removeprefix("P-")[:TEXTE_MAX],
            nom=brut.nom[:TEXTE_MAX],
            prenom=brut.prenom[:TEXTE_MAX] or None,
            services=tuple(cumul.montrer() for _, cumul in sorted(services[code].items(), key=_cle_du_cumul)),
        )
        for code, brut in sorted(fichier.enseignants.items())
        if code in services and brut.nom
    )


@dataclass(slots=True)
class _Cumul:
    service: Service
    classes: set[str] = field(default_factory=set)
    periodes: set[int] = field(default_factory=set)

    def montrer(self) -> ServiceEnseigne:
        return ServiceEnseigne(
            matiere=self.service.matiere,
            libelle=self.service.libelle,
            groupe=self.service.modele.groupe,
            classes=tuple(sorted(self.classes)),
            periodes=tuple(sorted(self.periodes)),
        )


def _cle_du_cumul(paire: tuple[tuple[str, str | None], _Cumul]) -> tuple[str, str]:
    return paire[0][0], paire[0][1] or ""

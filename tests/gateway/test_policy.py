import pytest

from services.gateway.policy import DROITS, SUR_DELEGATION, Action, Portee, Ressource, permis
from shared.http.perimetre import DANS_UN_LYCEE, Delegation, Perimetre, Role

CHEF = Perimetre(acteur="c", role=Role.CHEF, lycees=("0010014K",))
SAIO = Perimetre(acteur="s", role=Role.SAIO, academies=("10",))
OPERATEUR = Perimetre(acteur="o", role=Role.OPERATEUR, nation=True)
LOGICIEL = Perimetre(acteur="l", role=Role.LOGICIEL, lycees=("0010014K",))
PLATEFORME = Perimetre(acteur="p", role=Role.PLATEFORME)
ADJOINT = CHEF.model_copy(update={"role": Role.ADJOINT})
PSYEN = CHEF.model_copy(update={"role": Role.PSYEN})
PP = CHEF.model_copy(update={"role": Role.PROFESSEUR_PRINCIPAL, "classes": ("0010014K/TG1",)})


def test_a_chef_sees_his_lycee_and_no_other() -> None:
    assert permis(CHEF, Ressource.ELEVES, Action.LIRE, "0010014K")
    assert not permis(CHEF, Ressource.ELEVES, Action.LIRE, "0420027B")
    assert not permis(CHEF, Ressource.ELEVES, Action.LIRE)


def test_a_chef_without_a_lycee_reads_no_dossier() -> None:
    egare = CHEF.model_copy(update={"lycees": ()})
    assert not permis(egare, Ressource.DOSSIER, Action.LIRE)


def test_nobody_outside_a_lycee_reaches_a_name() -> None:
    nominatives = {Ressource.ELEVES, Ressource.DOSSIER, Ressource.AVIS, Ressource.EXPORT, Ressource.REMONTEE}
    nominatives |= {Ressource.NOTES, Ressource.ACCOMPAGNEMENT, Ressource.BOURSE, Ressource.CORDEES}
    roles = {role for role, ressource, _ in DROITS if ressource in nominatives}
    assert roles == {*DANS_UN_LYCEE, Role.LOGICIEL}
    du_logiciel = {ressource for role, ressource, _ in DROITS if role is Role.LOGICIEL}
    assert du_logiciel == {Ressource.REMONTEE, Ressource.BULLETINS, Ressource.JETON}


def test_the_platform_reaches_its_own_exchanges_and_nothing_else() -> None:
    siens = {ressource for role, ressource, _ in DROITS if role is Role.PLATEFORME}
    assert siens == {Ressource.FAITS, Ressource.RETOUR, Ressource.JETON}
    assert not any(role is Role.PASSERELLE for role, _, _ in DROITS)


def test_the_saio_compares_his_academie_only() -> None:
    assert permis(SAIO, Ressource.INDICATEURS_ACADEMIE, Action.LIRE, "10")
    assert not permis(SAIO, Ressource.INDICATEURS_ACADEMIE, Action.LIRE, "01")


def test_a_right_over_the_nation_needs_the_claim() -> None:
    assert permis(OPERATEUR, Ressource.SERVICES, Action.LIRE)
    local = OPERATEUR.model_copy(update={"nation": False})
    assert not permis(local, Ressource.SERVICES, Action.LIRE)


@pytest.mark.parametrize(
    "perimetre", [CHEF, PP, PSYEN, SAIO, OPERATEUR, LOGICIEL, PLATEFORME], ids=lambda p: p.role.value
)
def test_what_the_table_does_not_name_is_denied(perimetre: Perimetre) -> None:
    tout = perimetre.model_copy(update={"lycees": ("0010014K",), "academies": ("10",), "nation": True})
    for ressource in Ressource:
        for action in Action:
            nommee = (perimetre.role, ressource, action) in DROITS
            reponses = {permis(tout, ressource, action, objet) for objet in ("0010014K", "10", "")}
            assert (True in reponses) is nommee


def test_every_scope_of_the_table_is_understood() -> None:
    assert set(DROITS.values()) == set(Portee)


def test_an_adjoint_does_what_a_chef_does_but_what_was_not_delegated() -> None:
    assert not permis(ADJOINT, Ressource.DELEGATION, Action.ECRIRE, "0010014K")
    for ressource in set(Ressource) - {Ressource.DELEGATION}:
        for action in Action:
            du_chef = permis(CHEF, ressource, action, "0010014K")
            delegation = SUR_DELEGATION.get((ressource, action))
            assert permis(ADJOINT, ressource, action, "0010014K") is (du_chef and delegation is None)
            if delegation:
                delegue = ADJOINT.model_copy(update={"delegations": (delegation,)})
                assert permis(delegue, ressource, action, "0010014K")
    assert set(SUR_DELEGATION.values()) == set(Delegation) - {Delegation.BOURSE}


def test_a_professeur_principal_without_a_classe_sees_nobody() -> None:
    sans = PP.model_copy(update={"classes": ()})
    assert permis(PP, Ressource.ELEVES, Action.LIRE, "0010014K")
    assert not permis(PP, Ressource.ELEVES, Action.LIRE, "0420027B")
    assert not permis(sans, Ressource.ELEVES, Action.LIRE, "0010014K")
    with pytest.raises(ValueError, match="classes"):
        Perimetre(acteur="p", role=Role.PROFESSEUR_PRINCIPAL, lycees=("0010014K",))


def test_the_echelon_of_a_bourse_stays_with_the_direction() -> None:
    roles = {role for role, ressource, _ in DROITS if ressource is Ressource.BOURSE}
    assert roles == {Role.CHEF, Role.ADJOINT}
    assert [p.direction for p in (CHEF, ADJOINT, PP, PSYEN, SAIO)] == [True, True, False, False, False]

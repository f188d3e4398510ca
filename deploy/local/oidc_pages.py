"""The login page of the embedded issuer, in French, without script."""

import secrets
from collections.abc import Iterable, Mapping

from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment, StrictUndefined

from deploy.local.oidc_settings import Account

ROLES = {
    "chef": "Chef d’établissement",
    "adjoint": "Adjoint",
    "professeur_principal": "Professeur principal",
    "psyen": "Psychologue de l’éducation nationale",
    "saio": "Rectorat (SAIO)",
    "operateur": "Opérateur national",
}
_STYLE = """
:root { color-scheme: light; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: #161616; background: #f6f6f6; }
main { max-width: 52rem; margin: 3rem auto; padding: 2rem; background: #fff; border: 1px solid #ddd; }
h1 { margin: 0 0 .5rem; font-size: 1.75rem; color: #000091; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
.note, .error { border-left: 4px solid #0063cb; background: #e8edff; padding: .75rem 1rem; }
.error { border-color: #ce0500; background: #ffe9e9; }
label { display: block; font-weight: 600; margin-top: 1rem; }
.hint { font-size: .875rem; color: #555; }
input { width: 100%; box-sizing: border-box; padding: .5rem .75rem; font: inherit; background: #eee;
  border: 0; border-bottom: 2px solid #3a3a3a; }
button { margin-top: 1.5rem; padding: .6rem 1.25rem; font: inherit; font-weight: 600; color: #fff;
  background: #000091; border: 0; cursor: pointer; }
button:hover { background: #1212ff; }
input:focus-visible, button:focus-visible { outline: 2px solid #0a76f6; outline-offset: 2px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: #555; padding-bottom: .5rem; }
th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid #ddd; vertical-align: top; }
code { font-size: 1rem; white-space: nowrap; }
"""
_BASE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ titre }} – Identités de démonstration</title><style nonce="{{ jeton_csp }}">{{ style }}</style></head>
<body><main>
<h1>{{ titre }}</h1>
<p class="note">Identités de démonstration : ce service ne sert que sur cette machine et ne connaît que des
personnes fictives. En production, l’identité vient du fournisseur de l’académie.</p>
{% block corps %}{% endblock %}
</main></body></html>"""
_LOGIN = """{% extends "base" %}{% block corps %}
{% if erreur %}<p class="error" role="alert" id="erreur">{{ erreur }}</p>{% endif %}
<form method="post" action="{{ action }}">
{% for nom, valeur in demande.items() %}<input type="hidden" name="{{ nom }}" value="{{ valeur }}">
{% endfor %}
<label for="login">Identifiant</label>
<input id="login" name="login" autocomplete="username" required autofocus
  {% if erreur %}aria-describedby="erreur"{% endif %}>
<label for="password">Mot de passe</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Se connecter</button>
</form>
<h2>Comptes de démonstration</h2>
<div class="scroll"><table>
<caption>Un compte par rôle ; les deux chefs d’établissement ne voient que leur lycée, le professeur principal
que sa classe.</caption>
<thead><tr><th scope="col">Qui</th><th scope="col">Périmètre</th><th scope="col">Identifiant</th>
<th scope="col">Mot de passe</th></tr></thead>
<tbody>{% for compte in comptes %}<tr>
<th scope="row">{{ roles.get(compte.role, compte.role) }}<br><span class="hint">{{ compte.name }}</span></th>
<td>{{ compte.title or perimetre(compte) }}</td>
<td><code>{{ compte.login }}</code></td><td><code>{{ compte.password.get_secret_value() }}</code></td>
</tr>{% endfor %}</tbody></table></div>
{% endblock %}"""
_MESSAGE = """{% extends "base" %}{% block corps %}<p>{{ message }}</p>{% endblock %}"""
_PAGES = Environment(
    loader=DictLoader({"base": _BASE, "login": _LOGIN, "message": _MESSAGE}),
    autoescape=True,
    undefined=StrictUndefined,
)


def login_page(
    accounts: Iterable[Account], request: Mapping[str, str], action: str, origin: str, error: str = ""
) -> HTMLResponse:
    """`request`: the authorization request, carried through the form; `origin`: where a success leads."""
    values = {"comptes": accounts, "demande": request, "action": action, "erreur": error, "roles": ROLES}
    return _page("login", 401 if error else 200, origin, titre="Se connecter", perimetre=_scope, **values)


def message_page(title: str, message: str, status: int) -> HTMLResponse:
    """One sentence."""
    return _page("message", status, "", titre=title, message=message)


def _scope(account: Account) -> str:
    if account.lycees:
        return ", ".join(account.lycees)
    academies = ", ".join(f"Académie {code}" for code in account.academies)
    return academies or ("Toute la nation" if account.nation else "—")


def _page(name: str, status: int, origin: str, **values: object) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    text = _PAGES.get_template(name).render(style=_STYLE, jeton_csp=nonce, **values)
    policy = f"default-src 'none'; img-src data:; style-src 'nonce-{nonce}'; form-action 'self' {origin}; frame-ancestors 'none'"
    headers = {
        "Content-Security-Policy": f"{policy}; base-uri 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(text, status, headers)

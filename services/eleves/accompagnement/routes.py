"""The routes of this theme: actions, notes, proposals."""

from services.eleves.accompagnement import api
from services.eleves.accompagnement.notes import api as notes
from services.eleves.accompagnement.propositions import api as propositions

ROUTERS = (api.router, notes.router, propositions.router)

"""The one public door: identity, rights, audit, composition of the services, and the site."""

"""Pure rules shared by the services: the pupil's state, its reducer, its statut, the vœux predicates."""

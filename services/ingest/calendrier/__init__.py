"""The session's calendar and life, and what time does to vœux and propositions."""

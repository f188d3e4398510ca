"""Every Prometheus metric of Pilotage, declared here once. Labels never hold personal data."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

RECORDS = Counter("pilotage_consumer_records", "Records folded", ["service", "topic"])
REJECTS = Counter("pilotage_consumer_rejects", "Records put on a rejects topic", ["service", "topic"])
FLUSHES = Counter("pilotage_consumer_flushes", "Windows flushed, by outcome", ["service", "outcome"])
FLUSH_SECONDS = Histogram("pilotage_consumer_flush_seconds", "Time of a flush", ["service"], buckets=_SECONDS)
WINDOW_RECORDS = Histogram(
    "pilotage_consumer_window_records",
    "Records per flush",
    ["service"],
    buckets=(1, 10, 100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000),
)
LAG = Gauge("pilotage_consumer_lag_records", "Records behind the end of the log", ["service", "topic"])
FRESHNESS = Gauge(
    "pilotage_consumer_freshness_seconds", "Age of the last fact folded, 0 when nothing waits", ["service"]
)
OUTBOX = Gauge("pilotage_outbox_rows", "Events waiting for the relay", ["service"])
RELAYED = Counter("pilotage_relay_events", "Events published by the relay", ["service"])
ASIDE = Gauge("pilotage_outbox_aside_rows", "Events that the broker would never take", ["service"])
PUBLISHED = Counter("pilotage_bulk_events", "Events published from spooled files", ["service"])
HTTP_SECONDS = Histogram(
    "pilotage_http_seconds", "Time to answer", ["service", "method", "route", "status"], buckets=_SECONDS
)
READY = Gauge("pilotage_ready", "1 when the service is ready", ["service"])
RETOUR = Gauge("pilotage_retour_unacknowledged", "Objects that the platform has not taken", ["objet", "etat"])
RETOUR_AGE = Gauge(
    "pilotage_retour_oldest_unacknowledged_seconds",
    "Age of the oldest of them, 0 when there is none",
    ["objet"],
)

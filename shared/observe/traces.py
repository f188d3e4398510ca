"""OpenTelemetry, off by default: one span per HTTP request, exported by OTLP when enabled."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared.settings import Settings


def configure_traces(app: FastAPI, settings: Settings) -> None:
    """Nothing at all unless ``OTEL_ENABLED``; span names are route templates, never paths."""
    if not settings.otel_enabled:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": settings.service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    tracer = trace.get_tracer("pilotage")

    @app.middleware("http")
    async def tracer_requete(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        with tracer.start_as_current_span(request.method) as span:
            response = await call_next(request)
            span.update_name(f"{request.method} {getattr(request.scope.get('route'), 'path', 'unmatched')}")
            span.set_attribute("http.response.status_code", response.status_code)
            return response

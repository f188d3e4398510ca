"""Live, ready and metrics, alike for all services."""

import time
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.observe import metrics
from shared.observe.health import Health


def probes(health: Health) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        status = "ready" if health.ready else "not ready"
        return JSONResponse(
            {"status": status, "reasons": list(dict.fromkeys(health.reasons.values()))},
            status_code=200 if health.ready else 503,
        )

    @router.get("/metrics")
    async def exposition() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def install_metrics(app: FastAPI, service: str) -> None:
    """Time every request by route template: a path would hold ids."""

    @app.middleware("http")
    async def mesurer(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        start = time.perf_counter()
        response = await call_next(request)
        route = getattr(request.scope.get("route"), "path", "unmatched")
        metrics.HTTP_SECONDS.labels(service, request.method, route, str(response.status_code)).observe(
            time.perf_counter() - start
        )
        return response

"""Live, ready and metrics, alike for all services."""

import time

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observe import metrics
from shared.observe.health import Health

_ERROR = 500


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


class _Mesure:
    """Times every request by route template: a path would hold ids. Bare ASGI: a response goes out as it is made."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), _ERROR

        async def noter(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noter)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            seconds = time.perf_counter() - start
            metrics.HTTP_SECONDS.labels(self._service, scope["method"], route, str(status)).observe(seconds)


def install_metrics(app: FastAPI, service: str) -> None:
    app.add_middleware(_Mesure, service=service)

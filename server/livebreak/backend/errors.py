"""What can go wrong with a request, each with the body that the contract gives it (section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from livebreak.backend.responses import JsonResponse

RETRY_AFTER = "1"
"""Seconds after which a database that was busy or full is worth another try."""

NOT_FOUND = 404
TOO_LARGE = 413

_VALIDATION = "validation_error"
_REQUEST = "invalid_request"
_AUTHENTICATION = "authentication_error"


@dataclass(slots=True)
class ApiError(Exception):
    """Ends a request with this status and body."""

    status: int
    type: str
    code: str
    detail: str
    attr: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail


def invalid(code: str, detail: str, attr: str | None) -> ApiError:
    return ApiError(400, _VALIDATION, code, detail, attr)


def unparsable(problem: str, *, what: str = "JSON") -> ApiError:
    return ApiError(400, _REQUEST, "parse_error", f"{what} parse error - {problem}")


def not_authenticated() -> ApiError:
    return ApiError(401, _AUTHENTICATION, "not_authenticated", "Authentication credentials were not provided.")


def authentication_failed(where: str = "Authorization header") -> ApiError:
    """`where` the key was found: header, body or query string."""
    # The same words for every kind of key: they must not tell which kind it almost was.
    detail = f"Personal API key found in request {where} is invalid."
    return ApiError(401, _AUTHENTICATION, "authentication_failed", detail)


def incorrect_credentials() -> ApiError:
    return ApiError(401, _AUTHENTICATION, "authentication_failed", "Incorrect authentication credentials.")


def permission_denied(detail: str = "You do not have permission to perform this action.") -> ApiError:
    return ApiError(403, _AUTHENTICATION, "permission_denied", detail)


def scope_missing(scope: str) -> ApiError:
    return permission_denied(f"API key missing required scope '{scope}'")


def not_found(detail: str = "Not found.") -> ApiError:
    return ApiError(404, _REQUEST, "not_found", detail)


def method_not_allowed(method: str, allowed: str) -> ApiError:
    return ApiError(405, _REQUEST, "method_not_allowed", f'Method "{method}" not allowed.', headers={"Allow": allowed})


def not_acceptable() -> ApiError:
    return ApiError(406, _REQUEST, "not_acceptable", "Could not satisfy the request Accept header.")


def too_slow() -> ApiError:
    detail = "The request body stopped arriving."
    return ApiError(408, _REQUEST, "request_timeout", detail, headers={"Connection": "close"})


def conflict(detail: str) -> ApiError:
    return ApiError(409, _REQUEST, "conflict", detail)


def too_large(limit: int) -> ApiError:
    return ApiError(TOO_LARGE, _REQUEST, "request_too_large", f"The request body is larger than {limit} bytes.")


def unsupported_media_type(media_type: str) -> ApiError:
    return ApiError(415, _REQUEST, "unsupported_media_type", f'Unsupported media type "{media_type}" in request.')


def throttled(seconds: int) -> ApiError:
    detail = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
    return ApiError(429, "throttled_error", "throttled", detail, headers={"Retry-After": str(seconds)})


def unavailable() -> ApiError:
    detail = "The database does not answer at the moment."
    return ApiError(503, "server_error", "service_unavailable", detail, headers={"Retry-After": RETRY_AFTER})


def server_error() -> ApiError:
    return ApiError(500, "server_error", "error", "A server error occurred.")


def error_response(error: ApiError) -> Response:
    body = {"type": error.type, "code": error.code, "detail": error.detail, "attr": error.attr}
    return JsonResponse(body, status_code=error.status, headers=dict(error.headers))


async def on_api_error(_request: Request, error: Exception) -> Response:
    return error_response(error) if isinstance(error, ApiError) else error_response(server_error())


async def on_unavailable(_request: Request, _error: Exception) -> Response:
    return error_response(unavailable())


async def on_http_error(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an unknown URL, or an unknown method of a known one."""
    if not isinstance(error, HTTPException) or error.status_code == NOT_FOUND:
        return error_response(not_found())
    return error_response(method_not_allowed(request.method, (error.headers or {}).get("Allow", "")))


async def on_crash(_request: Request, _error: Exception) -> Response:
    return error_response(server_error())

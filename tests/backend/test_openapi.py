"""The checked-in OpenAPI description: it is what the tool writes, the server serves it, and answers as it says."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from livebreak.backend.app import create_app
from livebreak.backend.schema_routes import DESCRIPTION
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store.interface import Store

TOOLS = Path(__file__).parents[2] / "tools"
DOCUMENT: dict[str, Any] = json.loads(DESCRIPTION.read_bytes())
METHODS = ("get", "post", "put", "patch", "delete")
STREAM = "/api/projects/{project_id}/livebreak/stream"

schema = schemathesis.openapi.from_dict(DOCUMENT)

EXAMPLES = 12
"""Of each operation: with some thirty operations, seconds. What it finds, it finds by many runs."""

HELD = [
    check
    for check in CHECKS.get_all()
    if check.__name__
    in {
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    }
]
"""Not whether bad input is refused: the contract takes much that a description cannot say, such as "12" for a number."""


def routes() -> set[str]:
    """Every path of the application, without a slash at its end."""
    app = create_app(cast("Store", None), BackendSettings())
    return {route.path.rstrip("/") for route in app.routes}  # type: ignore[attr-defined]


def test_the_description_is_what_the_tool_writes() -> None:
    command = [sys.executable, "-c", "import openapi; print(openapi.written(), end='')"]

    written = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True, check=True).stdout

    assert DESCRIPTION.read_text("utf-8") == written, "run: make openapi"


@pytest.mark.parametrize("path", ["/api/schema", "/api/schema/"])
def test_the_description_is_served_to_anybody(project: Any, path: str) -> None:
    answer = httpx.get(project.backend.url + path)

    assert (200, "application/json", DOCUMENT) == (answer.status_code, answer.headers["content-type"], answer.json())


def test_the_description_is_valid_openapi() -> None:
    schema.validate()
    assert 5 == len(HELD)
    names = [
        operation["operationId"] for path in DOCUMENT["paths"].values() for method, operation in path.items() if method in METHODS
    ]

    assert len(names) == len(set(names))


def test_every_route_and_method_is_described_and_none_more(project: Any) -> None:
    def is_served(path: str, method: str) -> bool:
        url = project.backend.url + path.format(project_id=project.id, id=uuid.uuid4())
        for key in (project.key, project.secret, project.token):
            with httpx.stream(method, url, headers={"Authorization": f"Bearer {key}"}, timeout=10) as answer:
                if answer.status_code == 200:
                    return True
                answer.read()
                is_refused = answer.status_code == 405 or "does not support personal API key access" in answer.text
                if not is_refused and answer.status_code != 401:
                    return True
        return False

    served = {(path, method) for path in routes() for method in METHODS if is_served(path, method)}
    described = {(path.rstrip("/"), method) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item}

    assert described == served


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, kit: Any) -> Iterator[Any]:
    """A project of which anything may become."""
    with kit.run_backend(tmp_path_factory.mktemp("openapi") / "livebreak.db") as running:
        project = kit.make_project(running)
        breakpoint = project.create_live()
        project.send(*(project.hit(breakpoint["id"]) for _ in range(3)))
        yield project


@schema.exclude(path=STREAM).parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
def test_whatever_the_description_allows_is_answered_as_it_says(case: schemathesis.Case, target: Any) -> None:
    if "project_id" in case.path_parameters:
        case.path_parameters["project_id"] = "@current"
    if "wait" in (case.query or {}):
        case.query["wait"] = 0
    operation = case.operation.definition.raw
    is_agents = operation.get("security") == [{"secretKey": []}]
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {target.secret if is_agents else target.key}"}

    case.call_and_validate(base_url=target.backend.url, checks=HELD)


def test_what_streams_tell_is_of_the_described_shapes(project: Any, kit: Any) -> None:
    validators = {
        name: jsonschema_rs.validator_for({**DOCUMENT, "$ref": f"#/components/schemas/{shape}"})
        for name, shape in (
            ("breakpoint", "BreakpointChanged"),
            ("hits", "HitsArrived"),
            ("pause", "PauseChanged"),
            ("reset", "Reset"),
        )
    }
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        breakpoint = project.create_live()
        project.send(project.hit(breakpoint["id"]))
        stream.wait_for("hits")
        project.client.post(project.live + "pause", json={})
        stream.wait_for("pause")

    assert validators.keys() == {name for name, _, _ in stream.events}
    for name, _, data in stream.events:
        validators[name].validate(data)

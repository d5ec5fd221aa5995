"""What a hit tells of what the thread works for: request, task, trace, context variables, and the frames of the application."""

from __future__ import annotations

import contextvars

import pytest

from livebreak_agent.redaction import Mode, Redaction
from livebreak_agent.vocabulary.model import CaptureLimits

SOURCE = """
    def view(order):
        return order  # here

    def wsgi(environ, start_response):
        return view(1)

    async def asgi(scope, receive, send):
        return view(1)

    def handled(request):
        return view(1)
"""

ENVIRON = {
    "REQUEST_METHOD": "POST",
    "PATH_INFO": "/orders/caf\xc3\xa9",
    "QUERY_STRING": "token=x",
    "SCRIPT_NAME": "/shop",
    "HTTP_X_REQUEST_ID": "r-17",
}
SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/orders/7",
    "query_string": b"token=x",
    "headers": [(b"host", b"h"), (b"x-request-id", b"r-18")],
}


class Request:
    def __init__(self, **fields):
        self.__dict__ = fields

    def __getattr__(self, name):
        raise AssertionError(name)


@pytest.fixture
def module(application):
    application.write(SOURCE)
    return application.load()


def run(coroutine):
    with pytest.raises(StopIteration):
        coroutine.send(None)


def test_a_wsgi_request_is_named_without_its_query(module, debugger):
    debugger.at()
    module.wsgi(ENVIRON, None)
    hit = debugger.hit()
    assert ("POST /shop/orders/café", "r-17") == (hit.request, hit.request_id)
    assert "token" not in str(hit)


def test_an_asgi_request_is_named(module, debugger):
    debugger.at()
    run(module.asgi(SCOPE, None, None))
    hit = debugger.hit()
    assert ("GET /orders/7", "r-18") == (hit.request, hit.request_id)


@pytest.mark.parametrize("fields", [{"scope": SCOPE}, {"environ": ENVIRON}, {"META": ENVIRON}])
def test_a_framework_s_request_is_named(fields, module, debugger):
    debugger.at()
    module.handled(Request(**fields))
    assert debugger.hit().request in ("GET /orders/7", "POST /shop/orders/café")


@pytest.mark.parametrize("odd", [None, {}, {"type": "http"}, {"type": "lifespan", "path": "/"}, {1: 2}, "http", [1]])
def test_what_only_has_such_a_name_is_none(odd, module, debugger):
    debugger.at()
    run(module.asgi(odd, None, None))
    assert debugger.hit().request is None


def test_strict_mode_names_the_method_only(module, make_debugger):
    debugger = make_debugger(redaction=Redaction(mode=Mode.STRICT))
    debugger.at()
    module.wsgi(ENVIRON, None)
    hit = debugger.hit()
    assert ("POST", None) == (hit.request, hit.request_id)


def test_the_trace_and_span_of_opentelemetry_are_told(module, debugger):
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.trace import TracerProvider

    debugger.at()
    module.view(1)
    assert (None, None) == (debugger.hits()[0].trace_id, debugger.binding().reason)
    with TracerProvider().get_tracer("test").start_as_current_span("work") as span:
        module.view(1)
    hit = debugger.hit()
    context = span.get_span_context()
    assert (f"{context.trace_id:032x}", f"{context.span_id:016x}") == (hit.trace_id, hit.span_id)


def test_a_celery_task_is_named_with_its_id(module, debugger):
    celery = pytest.importorskip("celery")
    app = celery.Celery("shop", broker="memory://", backend="cache+memory://")

    @app.task(name="shop.pay")
    def pay(order):
        return module.view(order)

    debugger.at()
    pay.apply(args=(3,), task_id="t-3")
    hit = debugger.hit()
    assert ("shop.pay", "t-3") == (hit.request, hit.request_id)


def test_context_variables_are_captured_on_request(module, debugger):
    tenant = contextvars.ContextVar("tenant")
    token = contextvars.ContextVar("session_token")

    def work():
        tenant.set({"name": "acme"})
        token.set("s3cret")
        module.view(1)

    identity = debugger.at()
    contextvars.Context().run(work)
    assert {} == debugger.hit().context_variables
    debugger.remove(identity)
    debugger.at(limits=CaptureLimits(context_variables=10))
    contextvars.Context().run(work)
    shown = debugger.hit().context_variables
    assert ({"name": "acme"}, "redacted") == (shown["tenant"], shown["session_token"]["$cut"])


def test_locals_of_the_application_s_own_frames_skip_libraries(application, debugger):
    application.write(
        """
        import functools
        import json

        def inner(a):
            return a  # here

        def outer(b):
            return json.loads('[1]', object_hook=None, parse_int=lambda text: inner(int(text)))

        def outermost(c):
            return outer(c)
        """
    )
    module = application.load()
    debugger.at(limits=CaptureLimits(frames_with_locals=3))
    module.outermost(5)
    hit = debugger.hit()
    own = [frame for frame in hit.stack[1:] if frame.variables is not None]
    assert ({"a": 1}, 2) == (hit.variables, len(own))
    assert all("json" not in frame.filename for frame in own)
    assert "outer" in own[-1].function


def test_the_chain_of_awaits_is_the_stack(application, debugger):
    import asyncio

    application.write(
        """
        import asyncio

        async def leaf(x):
            await asyncio.sleep(0)
            return x  # here

        async def middle(x):
            return await leaf(x)

        async def root(x):
            return await asyncio.create_task(middle(x), name="order-7")
        """
    )
    module = application.load()
    debugger.at()
    asyncio.run(module.root(1))
    hit = debugger.hit()
    assert (["leaf", "middle"], "order-7") == ([frame.function for frame in hit.stack[:2]], hit.task)

"""The policy of the process in the engine: a refused breakpoint has failed, and nothing is watched for it."""

from livebreak_agent.policy import Policy


def test_a_denied_file_is_not_watched_even_under_another_name(application, make_debugger):
    application.write("def run(order):\n    return order  # here\n")
    run = application.load().run
    code = run.__code__
    debugger = make_debugger(policy=Policy(deny=(f"{application.package}/*",)))

    debugger.at()
    denied = debugger.binding()
    run(1)

    assert ("failed", True) == (denied.state, "LIVEBREAK_DENY" in (denied.reason or ""))
    assert debugger.hits() == []
    assert run.__code__ is code


def test_logpoints_only(application, make_debugger):
    application.write("def run(order):\n    return order  # here\n")
    application.load()
    debugger = make_debugger(policy=Policy(logpoints_only=True))

    plain = debugger.at()
    refused = debugger.binding(plain)
    debugger.remove(plain)
    debugger.at(log_message="order is {order}")

    assert "LIVEBREAK_LOGPOINTS_ONLY" in (refused.reason or "")
    assert debugger.binding().state == "bound"

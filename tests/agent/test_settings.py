import pytest

from livebreak_agent import settings
from livebreak_agent.settings import Address, SettingsError

KEY = "phs_0123456789abcdef"
ENVIRON = {"LIVEBREAK_HOST": "https://livebreak.example", "LIVEBREAK_SECRET_KEY": KEY}


def test_host_and_key_are_enough():
    chosen = settings.read(ENVIRON)
    assert Address(secure=True, host="livebreak.example", port=443) == chosen.address
    assert chosen.secret_key == KEY
    assert chosen.project == "@current"
    assert chosen.project_token is None
    assert chosen.path_map == ()
    assert chosen.poll_seconds == 30.0
    assert chosen.warnings == ()


def test_an_argument_goes_before_its_variable():
    chosen = settings.read({**ENVIRON, "LIVEBREAK_SERVICE": "web", "LIVEBREAK_PROJECT": "1"}, service="worker", project=7)
    assert chosen.service == "worker"
    assert chosen.project == "7"


def test_every_variable_is_read():
    chosen = settings.read(
        {
            **ENVIRON,
            "LIVEBREAK_PROJECT": "12",
            "LIVEBREAK_PROJECT_TOKEN": "phc_abc",
            "LIVEBREAK_REPOSITORY": "acme/shop",
            "LIVEBREAK_REVISION": "A" * 40,
            "LIVEBREAK_ROOT": "/srv/shop/",
            "LIVEBREAK_SERVICE": "web",
            "LIVEBREAK_ENVIRONMENT": "production",
            "LIVEBREAK_PATH_MAP": "/app=services/api, /lib/ = ./libs/",
            "LIVEBREAK_POLL_INTERVAL": "5",
        }
    )
    assert chosen.project == "12"
    assert chosen.project_token == "phc_abc"
    assert chosen.repository == "acme/shop"
    assert chosen.revision == "a" * 40
    assert chosen.root == "/srv/shop"
    assert chosen.service == "web"
    assert chosen.environment == "production"
    assert chosen.path_map == (("/app", "services/api"), ("/lib", "libs"))
    assert chosen.poll_seconds == 5.0
    assert chosen.warnings == ()


def test_variables_of_posthog_are_never_read():
    with pytest.raises(SettingsError, match="LIVEBREAK_SECRET_KEY is not set"):
        settings.read({"LIVEBREAK_HOST": "https://livebreak.example", "POSTHOG_SECRET_KEY": KEY, "POSTHOG_API_KEY": KEY})


@pytest.mark.parametrize(
    ("url", "address", "shown"),
    [
        ("http://localhost:8000", Address(secure=False, host="localhost", port=8000), "http://localhost:8000"),
        ("http://localhost", Address(secure=False, host="localhost", port=80), "http://localhost"),
        ("https://a.example/", Address(secure=True, host="a.example", port=443), "https://a.example"),
        ("https://a.example:8443/x/", Address(secure=True, host="a.example", port=8443, prefix="/x"), "https://a.example:8443/x"),
        ("http://[::1]:8000", Address(secure=False, host="::1", port=8000), "http://[::1]:8000"),
    ],
)
def test_addresses_are_understood(url, address, shown):
    assert address == settings.parse_address(url)
    assert shown == str(settings.parse_address(url))


@pytest.mark.parametrize(
    "url",
    [
        "livebreak.example",
        "ftp://a.example",
        "https://",
        "https://a.example?x=1",
        "https://a.example:port",
        "https://a b",
        "https://a.example/\r\nX: y",
    ],
)
def test_what_is_no_address_is_refused_with_what_to_write(url):
    with pytest.raises(SettingsError, match=r"https://livebreak\.example"):
        settings.parse_address(url)


def test_credentials_in_the_address_are_refused_and_not_repeated():
    with pytest.raises(SettingsError) as caught:
        settings.parse_address("https://ada:hunter2@a.example")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["phx_personal", "phs_with-dash", "phs_", "hunter2", "phs_a\r\nX: y"])
def test_a_key_of_another_kind_is_refused_and_not_repeated(key):
    with pytest.raises(SettingsError, match="LIVEBREAK_SECRET_KEY") as caught:
        settings.read({**ENVIRON, "LIVEBREAK_SECRET_KEY": key})
    assert len(key) < 5 or key not in str(caught.value)


def test_keys_are_not_in_the_representation():
    shown = repr(settings.read({**ENVIRON, "LIVEBREAK_PROJECT_TOKEN": "phc_token"}))
    assert KEY not in shown
    assert "phc_token" not in shown


@pytest.mark.parametrize(
    ("name", "value", "field", "left"),
    [
        ("LIVEBREAK_REVISION", "v1.2.3", "revision", None),
        ("LIVEBREAK_POLL_INTERVAL", "soon", "poll_seconds", 30.0),
        ("LIVEBREAK_POLL_INTERVAL", "0", "poll_seconds", 30.0),
        ("LIVEBREAK_POLL_INTERVAL", "inf", "poll_seconds", 30.0),
        ("LIVEBREAK_PATH_MAP", "/app", "path_map", ()),
    ],
)
def test_what_the_agent_can_do_without_is_left_out_with_a_warning(name, value, field, left):
    chosen = settings.read({**ENVIRON, name: value})
    assert left == getattr(chosen, field)
    assert [name] == [warning.split()[0] for warning in chosen.warnings]

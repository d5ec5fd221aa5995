"""Local paths and the names the backend knows them by."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from livebreak.debugger.workspace import Location, Repository, to_location, to_paths

SHOP = Repository(root=PurePosixPath("/home/ada/shop"), name="acme/shop")
LIBRARY = Repository(root=PurePosixPath("/home/ada/shop/vendor/lib"), name="acme/lib")
MAPPED = Repository(root=PurePosixPath("/home/ada/mono"), name="acme/mono", path_map=(("src", "services/api/src"),))
PART = Repository(root=PurePosixPath("/home/ada/part"), name="acme/part", path_map=((".", "services/api"),))
MIXED = Repository(
    root=PurePosixPath("/home/ada/mixed"),
    name="acme/mixed",
    path_map=(("src", ""), ("./tests/", "checks"), ("src/vendor", "others")),
)
ALL = [SHOP, LIBRARY, MAPPED, PART, MIXED]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/home/ada/shop/cart.py", Location(repository="acme/shop", filename="cart.py")),
        ("/home/ada/shop/vendor/lib/naïve.py", Location(repository="acme/lib", filename="naïve.py")),
        ("/home/ada/mono/src/app.py", Location(repository="acme/mono", filename="services/api/src/app.py")),
        ("/home/ada/mono/srcs/app.py", Location(repository="acme/mono", filename="srcs/app.py")),
        ("/home/ada/part/app.py", Location(repository="acme/part", filename="services/api/app.py")),
        ("/home/ada/mixed/src/app.py", Location(repository="acme/mixed", filename="app.py")),
        ("/home/ada/mixed/src/vendor/app.py", Location(repository="acme/mixed", filename="others/app.py")),
        ("/home/ada/mixed/tests/app.py", Location(repository="acme/mixed", filename="checks/app.py")),
    ],
)
def test_a_path_and_its_location_lead_to_each_other(path: str, location: Location) -> None:
    assert location == to_location(PurePosixPath(path), ALL)
    assert [PurePosixPath(path)] == list(to_paths(location, ALL))


def test_a_file_outside_every_repository_has_no_location() -> None:
    assert to_location(PurePosixPath("/tmp/cart.py"), ALL) is None


OUTWARD = [
    "../secret.py",
    "a/../../b.py",
    "/etc/passwd",
    "",
    "C:/win.ini",
    "..\\..\\x.py",
    "\\\\evil\\share\\x.py",
    "a/C:x.py",
    "a\0.py",
]


@pytest.mark.parametrize("filename", OUTWARD)
def test_a_name_that_would_leave_the_root_has_no_path(filename: str) -> None:
    windows = Repository(root=PureWindowsPath("D:/shop"), name="acme/shop")

    assert [] == list(to_paths(Location(repository="acme/shop", filename=filename), [*ALL, windows]))


def test_a_mapping_that_would_leave_the_root_maps_nothing() -> None:
    outward = Repository(root=PurePosixPath("/home/ada/shop"), name="acme/shop", path_map=(("../../etc", "etc"),))

    assert [] == list(to_paths(Location(repository="acme/shop", filename="etc/passwd"), [outward]))


def test_the_very_repository_comes_before_one_without_a_name() -> None:
    scratch = Repository(root=PurePosixPath("/home/ada/scratch"))
    paths = to_paths(Location(repository="acme/shop", filename="cart.py"), [scratch, *ALL])

    assert ["/home/ada/shop/cart.py", "/home/ada/scratch/cart.py"] == [str(path) for path in paths]


def test_a_location_of_another_repository_has_no_path() -> None:
    assert [] == list(to_paths(Location(repository="acme/other", filename="cart.py"), ALL))

"""Which file a path means."""

from __future__ import annotations

import json
import os

import pytest

from livebreak_agent.instrument.files import EXACT, WHOLE, Places


@pytest.mark.parametrize(
    ("root", "path_map", "filename", "wanted", "rank"),
    [
        ("/srv/app", (), "/srv/app/shop/cart.py", "shop/cart.py", EXACT),
        ("/srv/app", (), "/srv/app/shop/cart.py", "cart.py", WHOLE),
        ("/srv/app", (), "/srv/app/shop/cart.py", "services/shop/cart.py", 2),
        ("/srv/app", (), "/srv/app/shop/cart.py", "shop/other.py", 0),
        ("/srv/app", (), "/srv/application/shop/cart.py", "shop/cart.py", WHOLE),
        (None, (), "/srv/app/shop/cart.py", "shop/cart.py", WHOLE),
        (None, (), "/srv/app/shop/cart.py", "hop/cart.py", 1),
        (None, (("/srv/app", "services/api"),), "/srv/app/shop/cart.py", "services/api/shop/cart.py", EXACT),
        (None, (("/srv/app/", "/services/api/"),), "/srv/app/shop/cart.py", "services/api/shop/cart.py", EXACT),
        (None, (("/srv/app", ""),), "/srv/app/shop/cart.py", "shop/cart.py", EXACT),
        (None, (("/srv", ""), ("/srv/app", "api")), "/srv/app/shop/cart.py", "api/shop/cart.py", EXACT),
        ("/", (), "/srv/cart.py", "srv/cart.py", EXACT),
    ],
)
def test_a_file_fits_a_path_as_well_as_its_place_says(root, path_map, filename, wanted, rank):
    assert rank == Places(root, path_map).rank(filename, wanted)


def test_links_lead_to_the_same_file(tmp_path):
    (tmp_path / "releases" / "1" / "shop").mkdir(parents=True)
    (tmp_path / "current").symlink_to(tmp_path / "releases" / "1")
    places = Places(str(tmp_path / "current"), ())
    assert EXACT == places.rank(str(tmp_path / "releases" / "1" / "shop" / "cart.py"), "shop/cart.py")
    assert EXACT == places.rank(str(tmp_path / "current" / "shop" / "cart.py"), "shop/cart.py")


def test_libraries_are_known():
    places = Places(None, ())
    assert places.is_library(json.__file__)
    assert places.is_library(pytest.__file__)
    assert not places.is_library("/srv/app/shop/cart.py")
    assert places.is_library_by_name(json.__file__)
    assert places.is_library_by_name(pytest.__file__)
    assert not places.is_library_by_name("/srv/app/shop/cart.py")


def test_files_are_shown_by_their_path_in_the_repository():
    places = Places("/srv/app", ())
    assert ("shop/cart.py", True) == places.shown("/srv/app/shop/cart.py")
    assert ("/usr/cart.py", False) == places.shown("/usr/cart.py")
    assert ("<string>", False) == places.shown("<string>")
    library = f"/srv/app/.venv/lib/site-packages{os.sep}x.py"
    assert (library, False) == places.shown(library)
    places.learn("/usr/cart.py", "shop/cart.py")
    assert ("shop/cart.py", True) == places.shown("/usr/cart.py")

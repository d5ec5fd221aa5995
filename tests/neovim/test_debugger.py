"""nvim-dap's registration, by a small stand-in of its interface."""

from __future__ import annotations

import socket

import pytest

FAKE_DAP = """
package.preload['dap'] = function()
  return {
    adapters = {},
    configurations = {},
    providers = { configs = {} },
    run = function(configuration) _G.ran = configuration end,
  }
end
"""


@pytest.fixture
def dap_editor(hit_editor):
    hit_editor.lua(FAKE_DAP)
    yield hit_editor
    hit_editor.lua("package.preload.dap, package.loaded.dap = nil, nil")


def test_a_hit_is_opened_with_an_adapter_of_the_same_server(dap_editor) -> None:
    dap_editor.command("LiveBreak debug")
    configuration = dap_editor.until(lambda: dap_editor.lua("return _G.ran"))
    dap_editor.lua("require('dap').adapters.livebreak(function(it) _G.adapter = it end, _G.ran)")
    adapter = dap_editor.until(lambda: dap_editor.lua("return _G.adapter"))
    offered = dap_editor.lua("return require('dap').providers.configs.livebreak(0)")

    assert ("livebreak", "attach") == (configuration["type"], configuration["request"])
    assert {"hit", "folder"} <= configuration.keys()
    assert ["LiveBreak: hits"] == [it["name"] for it in offered]
    assert "pipe" == adapter["type"]
    with socket.socket(socket.AF_UNIX) as pipe:
        pipe.connect(adapter["pipe"])


def test_a_configuration_that_arms_gets_an_adapter_that_stands_alone(dap_editor) -> None:
    dap_editor.command("LiveBreak debug")
    dap_editor.until(lambda: dap_editor.lua("return _G.ran"))

    dap_editor.lua("require('dap').adapters.livebreak(function(it) _G.alone = it end, { arm = 'all' })")
    adapter = dap_editor.lua("return _G.alone")

    assert ("executable", "dap") == (adapter["type"], adapter["args"][-1])


def test_without_nvim_dap_it_says_so(hit_editor) -> None:
    told = hit_editor.tells("LiveBreak debug")

    assert "LiveBreak: no nvim-dap here; `:LiveBreak show` does without it." == told

--- `:checkhealth livebreak`

local M = {}

--- Commands are asked for their version; one that hangs must not hang the report.
local PATIENCE_MS = 10 * 1000

---@param command string[]
local function check_command(command)
  local program = command[1]
  if vim.fn.executable(program) == 0 then
    vim.health.error(('`%s` cannot be run'):format(program), {
      'Install it: `pipx install livebreak`',
      'Or name it: `vim.g.livebreak = { cmd = { "/path/to/livebreak", "lsp" } }`',
    })
    return false
  end
  vim.health.ok(('`%s` is %s'):format(program, vim.fn.exepath(program)))
  local version = vim.list_slice(command, 1, #command - 1)
  table.insert(version, '--version')
  local is_run, result = pcall(function()
    return vim.system(version, { text = true, timeout = PATIENCE_MS }):wait()
  end)
  if is_run and result.code == 0 then
    vim.health.ok(vim.trim(result.stdout))
  else
    vim.health.warn(('`%s` does not tell its version'):format(table.concat(version, ' ')), {
      'Run it in a terminal: what it says there is what is wrong.',
    })
  end
  return true
end

local function check_server()
  local clients = vim.lsp.get_clients({ name = require('livebreak.start').NAME })
  if #clients == 0 then
    vim.health.info('no server runs now; it starts with the first Python file')
    return
  end
  for _, client in ipairs(clients) do
    vim.health.ok(('the server runs in %s'):format(client.root_dir or 'no folder'))
  end
  local status = require('livebreak.connection').status
  if not status then
    vim.health.info('the server has not told of its connection yet')
  elseif status.connection == 'connected' then
    vim.health.ok(status.message)
  elseif status.connection == 'off' then
    vim.health.warn(status.message, { '`:LiveBreak connect` chooses a backend.' })
  else
    vim.health.warn(status.message)
  end
  local log = require('livebreak.log_file').path()
  if log then
    vim.health.info('its log is ' .. log)
  end
end

function M.check()
  vim.health.start('livebreak: Neovim')
  if vim.fn.has('nvim-0.11') == 0 then
    vim.health.error('Neovim 0.11 or newer is needed', {
      'Without this plugin `livebreak lsp` works with older ones, too: docs/editors.md has the lines.',
    })
    return
  end
  vim.health.ok('Neovim ' .. tostring(vim.version()))

  vim.health.start('livebreak: settings')
  local config = require('livebreak.config')
  local problems = config.problems()
  for _, problem in ipairs(problems) do
    vim.health.error(problem, '`:help livebreak-settings` has them all.')
  end
  if #problems == 0 then
    vim.health.ok('all are understood')
  end

  vim.health.start('livebreak: server')
  if check_command(config.get().cmd) then
    check_server()
  end
  if vim.fn.executable('git') == 0 then
    vim.health.warn('there is no git; files need a `.livebreak.toml` then', '`:help livebreak-repository`')
  else
    vim.health.ok('git is there')
  end

  vim.health.start('livebreak: other plugins')
  local has_dap = package.loaded.dap or #vim.api.nvim_get_runtime_file('lua/dap.lua', false) > 0
  vim.health.info(has_dap and 'nvim-dap is there: `:LiveBreak debug`' or 'nvim-dap is not there; `:LiveBreak debug` needs it')
end

return M

--- Starts the server: with the first file, again after it died, and when a command needs it.

local config = require('livebreak.config')
local tell = require('livebreak.tell')

local M = {}

M.NAME = 'livebreak'

local is_enabled = false

--- Deaths within this time that are one too many: it would only die again.
local PATIENCE_MS = 60 * 1000
local MOST_DEATHS = 3

---@type integer[] times of `vim.uv.now`
local deaths = {}

--- Whether the command that starts the server can be run.
---@return boolean
function M.is_installed()
  return vim.fn.executable(config.get().cmd[1]) == 1
end

--- The way out where there is no server.
---@return string
function M.advice()
  return ('no `%s` here; `pipx install livebreak` gets it. Or name it in vim.g.livebreak.cmd; '):format(config.get().cmd[1])
    .. '`:checkhealth livebreak` looks closer.'
end

local function enable()
  if not is_enabled then
    is_enabled = true
    vim.lsp.enable(M.NAME)
  end
end

--- A file of some kind was opened. Returns true if there is nothing more to wait for.
---@param filetype string
---@return boolean?
function M.file_type(filetype)
  local settings = config.get()
  if not settings.auto_start then
    return true
  end
  -- Whoever only reads Python files is not told that a server is missing: the first command says it.
  if not vim.list_contains(settings.filetypes, filetype) or not M.is_installed() then
    return
  end
  vim.schedule(function()
    if vim.v.vim_did_enter == 1 then
      enable()
    else
      vim.api.nvim_create_autocmd('VimEnter', { once = true, callback = enable })
    end
  end)
  return true
end

--- Start the server for a buffer, or take the one that serves its folder.
---@param buffer integer
function M.start(buffer)
  local server = vim.deepcopy(vim.lsp.config[M.NAME])
  local function go(folder)
    server.root_dir = folder
    vim.lsp.start(server, { bufnr = buffer })
  end
  if type(server.root_dir) == 'function' then
    server.root_dir(buffer, go)
  else
    go(server.root_dir or vim.fs.root(buffer, server.root_markers))
  end
end

--- The server has ended by itself: start it again, unless it does nothing else.
---@param buffers integer[]? those that it served; nil if it never got so far
---@param cause string
function M.again(buffers, cause)
  if not buffers then
    tell.error(('the server ended at once (%s); `%s` says why.'):format(cause, table.concat(config.get().cmd, ' ')))
    return
  end
  local now = vim.uv.now()
  deaths = vim.tbl_filter(function(at)
    return now - at < PATIENCE_MS
  end, deaths)
  table.insert(deaths, now)
  if #deaths >= MOST_DEATHS then
    local advice = 'The next `:LiveBreak` starts it again.'
    tell.error(('the server keeps ending (%s): `:LiveBreak log-file`. %s'):format(cause, advice))
    return
  end
  tell.warn(('the server has ended (%s); it is started again.'):format(cause))
  for _, buffer in ipairs(buffers) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      M.start(buffer)
    end
  end
end

return M

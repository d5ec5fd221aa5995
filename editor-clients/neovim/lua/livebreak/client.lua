--- The language server: how it is started, and what is said to it and by it.

local M = {}

local NAME = 'livebreak'

--- The server's last word about its connection.
---@type livebreak.Status?
M.status = nil

---@class livebreak.Status
---@field connection 'off'|'connecting'|'connected'|'offline'|'refused'
---@field message string
---@field host? string
---@field project? string

--- Text from the server as one line: a process may have captured anything.
---@param text any
---@return string
function M.plain(text)
  return (tostring(text):gsub('%c', ' '))
end

---@param message string
---@param level? integer
function M.tell(message, level)
  vim.notify('LiveBreak: ' .. M.plain(message), level or vim.log.levels.INFO)
end

--- The loaded buffer that shows a URI.
---@param uri string
---@return integer?
local function buffer_of(uri)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.uri_from_bufnr(buffer) == uri then
      return buffer
    end
  end
end

--- The trouble that the user was told of; forgotten once the connection has held for a while.
---@type string?
local told

local TROUBLE_IS_OVER_MS = 60 * 1000

local handlers = {
  ['livebreak/breakpoints'] = function(_, params)
    local buffer = buffer_of(params.uri)
    if buffer then
      require('livebreak.marks').show_states(buffer, params.breakpoints)
    end
  end,

  ['livebreak/hits'] = function(_, params)
    local buffer = buffer_of(params.uri)
    if buffer then
      require('livebreak.marks').show_hits(buffer, params)
    end
  end,

  ['livebreak/status'] = function(_, status)
    local before = M.status
    M.status = status
    local is_bad = status.connection == 'refused' or status.connection == 'offline'
    -- One trouble may go through several sentences, and come and go: its first is enough, and the status line has the last.
    if is_bad and not (before and before.connection == status.connection) and told ~= status.connection then
      told = status.connection
      M.tell(status.message, vim.log.levels.WARN)
    end
    if status.connection == 'connected' then
      vim.defer_fn(function()
        if M.status == status then
          told = nil
        end
      end, TROUBLE_IS_OVER_MS)
    end
    vim.cmd.redrawstatus()
  end,
}

---@return string[]
local function command()
  return (vim.g.livebreak or {}).cmd or { 'livebreak', 'lsp' }
end

---@return boolean
function M.is_installed()
  return vim.fn.executable(command()[1]) == 1
end

--- The configuration of the server, for `vim.lsp.config` and `vim.lsp.start` alike.
---@return table
function M.config()
  return {
    name = NAME,
    cmd = command(),
    filetypes = { 'python' },
    root_markers = { '.livebreak.toml', '.git' },
    -- Signs and the text behind a line are ours, so that nothing is shown twice.
    init_options = { surfaces = { 'hover', 'codeActions', 'completion' } },
    handlers = handlers,
    on_attach = function(_, buffer)
      M.send_marks(buffer)
    end,
  }
end

--- Start the server for a buffer, where Neovim does not do so by itself (0.10).
---@param buffer integer
function M.start(buffer)
  if vim.bo[buffer].buftype == '' and M.is_installed() then
    local config = M.config()
    config.root_dir = vim.fs.root(buffer, config.root_markers)
    vim.lsp.start(config, { bufnr = buffer })
  end
end

---@param buffer integer
---@return vim.lsp.Client?
local function find(buffer)
  return vim.lsp.get_clients({ bufnr = buffer, name = NAME })[1]
end

---@param client vim.lsp.Client
---@param buffer integer
---@param method string
---@param params table?
---@param on_result fun(result: any)
local function ask(client, buffer, method, params, on_result)
  local function answered(problem, result)
    if problem then
      M.tell(problem.message, vim.log.levels.ERROR)
    else
      on_result(result)
    end
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, answered, buffer)
  else
    client.request(method, params, answered, buffer)
  end
end

--- Tell the user if no server runs for a buffer.
---@param buffer integer
---@return vim.lsp.Client?
local function need(buffer)
  local client = find(buffer)
  if not client then
    local why = M.is_installed() and 'no server runs for this file yet.'
      or ('%s cannot be run; install LiveBreak, or set vim.g.livebreak.cmd.'):format(command()[1])
    M.tell(why, vim.log.levels.ERROR)
  end
  return client
end

--- Ask the server something; `on_result` is called with its answer, unless there is none.
---@param buffer integer
---@param method string
---@param params table?
---@param on_result fun(result: any)
function M.request(buffer, method, params, on_result)
  local client = need(buffer)
  if client then
    ask(client, buffer, method, params, on_result)
  end
end

--- State the whole list of a buffer's marks. Without a server they are stated when it attaches.
---@param buffer integer
function M.send_marks(buffer)
  local marks = require('livebreak.marks')
  local list = marks.list(buffer)
  local client = list and need(buffer)
  if not client then
    return
  end
  local params = { uri = vim.uri_from_bufnr(buffer), version = vim.lsp.util.buf_versions[buffer], breakpoints = list }
  ask(client, buffer, 'livebreak/setBreakpoints', params, function(result)
    if vim.api.nvim_buf_is_loaded(buffer) then
      marks.show_states(buffer, result.breakpoints)
    end
  end)
end

return M

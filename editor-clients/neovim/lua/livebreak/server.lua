--- The language server as Neovim starts it, and what is done with each of its messages.

local M = {}

--- JSON's null comes as `vim.NIL`, which counts as true: it is left out, once for all.
---@param value any
---@return any
local function without_null(value)
  if value == vim.NIL then
    return nil
  end
  return type(value) == 'table' and vim.tbl_map(without_null, value) or value
end

M.without_null = without_null

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

local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.INFO }

--- Questions before this time of `vim.uv.now` are answered by the `!` of a command.
local forced_until = 0

local FORCE_LASTS_MS = 10 * 1000

--- A command is being run that may arm something: with a `!` what the server asks because of it is a yes.
---@param is_forced boolean
function M.force(is_forced)
  forced_until = is_forced and vim.uv.now() + FORCE_LASTS_MS or 0
end

---@param take fun(params: any)
---@return fun(problem: any, params: any)
local function understanding(take)
  return function(_, params)
    require('livebreak.requests').understand(take, without_null(params))
  end
end

local handlers = {
  ['livebreak/breakpoints'] = understanding(function(params)
    local buffer = buffer_of(params.uri)
    if buffer then
      require('livebreak.drawing').take_states(buffer, params)
    end
  end),

  ['livebreak/hits'] = understanding(function(params)
    local buffer = buffer_of(params.uri)
    if buffer then
      require('livebreak.drawing').take_hits(buffer, params)
    end
  end),

  ['livebreak/status'] = understanding(function(params)
    require('livebreak.connection').take(params)
  end),

  ['window/showMessage'] = understanding(function(params)
    local tell = require('livebreak.tell')
    local level = LEVELS[params.type] or vim.log.levels.INFO
    local say = level == vim.log.levels.ERROR and tell.error or level == vim.log.levels.WARN and tell.warn or tell.info
    say(assert(params.message, 'a message has a text'))
  end),

  ['window/showMessageRequest'] = function(problem, params, context)
    local yes = (params.actions or {})[1]
    if yes and yes.title == 'Arm' and vim.uv.now() < forced_until then
      return yes
    end
    return vim.lsp.handlers['window/showMessageRequest'](problem, params, context)
  end,
}

---@type table<integer, integer[]> the buffers of each client; when it has ended it names none
local served = {}

---@type table<integer, true> clients that were asked to end
local dismissed = {}

---@param client vim.lsp.Client
---@param buffer integer
local function on_attach(client, buffer)
  served[client.id] = served[client.id] or {}
  table.insert(served[client.id], buffer)
  require('livebreak.sending').send(buffer)
  require('livebreak.requests').attached(buffer)
  require('livebreak.debugger').register_if_there()
end

--- How the server that ends right now has ended.
---@type string?
local cause

--- Start the process. Neovim tells of one that died in its own words, at such a length that the user has to press a key: so to
--- Neovim every end is an orderly one, and `on_exit` says what there is to say.
---@param command string[]
---@return fun(dispatchers: vim.lsp.rpc.Dispatchers, config: vim.lsp.ClientConfig?): vim.lsp.rpc.PublicClient
local function starting(command)
  return function(dispatchers, config)
    local own = vim.tbl_extend('force', dispatchers, {
      on_exit = function(code, signal)
        cause = signal ~= 0 and ('signal %d'):format(signal) or ('exit code %d'):format(code)
        dispatchers.on_exit(0, 0)
      end,
    })
    return vim.lsp.rpc.start(command, own, config and { cwd = config.cmd_cwd, env = config.cmd_env })
  end
end

---@param code integer
---@param signal integer
---@param id integer
local function on_exit(code, signal, id)
  local buffers, is_wanted = served[id], dismissed[id]
  served[id], dismissed[id] = nil, nil
  -- Without a cause the process was started by a command of the user's own configuration of the server.
  local how = cause or (signal ~= 0 and ('signal %d'):format(signal) or ('exit code %d'):format(code))
  cause = nil
  vim.schedule(function()
    if #vim.lsp.get_clients({ name = require('livebreak.start').NAME }) == 0 then
      require('livebreak.connection').lost()
    end
    if is_wanted or vim.v.exiting ~= vim.NIL then
      return
    end
    require('livebreak.requests').give_up()
    require('livebreak.start').again(buffers, how)
  end)
end

--- The configuration of the server.
---@return vim.lsp.Config
function M.config()
  local settings = require('livebreak.config').get()
  local command = vim.deepcopy(settings.cmd)
  if settings.connection then
    vim.list_extend(command, { '--connection', settings.connection })
  end
  return {
    cmd = starting(command),
    filetypes = settings.filetypes,
    root_markers = { '.livebreak.toml', '.git' },
    -- Signs and the text behind a line are ours, so that nothing is shown twice.
    init_options = {
      surfaces = { 'hover', 'codeActions', 'completion' },
      yesProduction = settings.yes_production or nil,
    },
    handlers = handlers,
    on_init = function(client)
      -- Neovim's own way to end a client; by this we know that it did not die.
      local stop = client.stop
      client.stop = function(...)
        dismissed[client.id] = true
        return stop(...)
      end
      require('livebreak.log_file').ask(client)
    end,
    on_attach = on_attach,
    on_exit = on_exit,
  }
end

return M

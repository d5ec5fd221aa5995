--- What is asked of the language server. Answers come later; an error is told in one line, and then there is no answer.

local start = require('livebreak.start')
local tell = require('livebreak.tell')

local M = {}

--- Longer than a server takes to start on a busy machine.
local STARTING_LASTS_MS = 20 * 1000

---@type table<integer, fun(client: vim.lsp.Client)[]> what waits for a buffer's server
local waiting = {}

---@param buffer integer
---@return vim.lsp.Client?
function M.client(buffer)
  return vim.lsp.get_clients({ bufnr = buffer, name = start.NAME })[1]
end

--- Why a buffer can hold no live breakpoints, with the way out; nil if it can.
---@param buffer integer
---@return string?
local function obstacle(buffer)
  local filetypes = require('livebreak.config').get().filetypes
  if vim.bo[buffer].buftype ~= '' then
    return 'this window shows no file; go to one with your code.'
  elseif vim.api.nvim_buf_get_name(buffer) == '' then
    return 'this buffer has no file yet; `:write NAME` gives it one.'
  elseif not vim.list_contains(filetypes, vim.bo[buffer].filetype) then
    return ('live breakpoints are for %s files.'):format(table.concat(filetypes, ', '))
  elseif not start.is_installed() then
    return start.advice()
  end
end

--- Whether something can be asked about a buffer. If not, the user is told why.
---@param buffer integer
---@return boolean
function M.is_possible(buffer)
  if M.client(buffer) then
    return true
  end
  local problem = obstacle(buffer)
  if problem then
    tell.error(problem)
  end
  return not problem
end

--- Call with the buffer's server, which is started if there is none.
---@param buffer integer
---@param ready fun(client: vim.lsp.Client)
function M.with_client(buffer, ready)
  local client = M.client(buffer)
  if client then
    ready(client)
    return
  end
  if not M.is_possible(buffer) then
    return
  end
  local is_first = not waiting[buffer]
  waiting[buffer] = waiting[buffer] or {}
  table.insert(waiting[buffer], ready)
  if not is_first then
    return
  end
  start.start(buffer)
  vim.defer_fn(function()
    if waiting[buffer] then
      waiting[buffer] = nil
      tell.error('the server does not start; `:checkhealth livebreak` may know why.')
    end
  end, STARTING_LASTS_MS)
end

--- While the server connects it knows no breakpoints; longer than this nobody waits for it.
local CONNECTING_LASTS_MS, POLL_MS = 3000, 50

--- Call once it is known which breakpoints a buffer has: at once, but for a moment after its file was opened.
---@param buffer integer
---@param ready fun()
function M.settled(buffer, ready)
  local own = require('livebreak.buffers').open(buffer)
  if own.is_settled and M.client(buffer) then
    ready()
    return
  end
  local began = vim.uv.now()
  local function look()
    M.request(buffer, 'livebreak/status', nil, function(status)
      if status.connection == 'connecting' and vim.uv.now() - began < CONNECTING_LASTS_MS then
        vim.defer_fn(look, POLL_MS)
      else
        own.is_settled = true
        ready()
      end
    end)
  end
  -- This is answered when the server has read the file, and then it tells of its breakpoints before it answers what comes next.
  local params = { text = 'True', uri = vim.uri_from_bufnr(buffer), line = 0 }
  M.request(buffer, 'livebreak/checkCondition', params, look)
end

--- The buffer has a server now.
---@param buffer integer
function M.attached(buffer)
  local client = M.client(buffer)
  local all = waiting[buffer] or {}
  waiting[buffer] = nil
  for _, ready in ipairs(client and all or {}) do
    ready(client)
  end
end

--- A server has died; it may be started again, but what was asked is not asked again.
function M.give_up()
  waiting = {}
end

--- Call with something that the server said. One of another version may say it otherwise, which is no stack trace for the user.
---@param take fun(...)
---@param ... any
function M.understand(take, ...)
  local is_understood, problem = pcall(take, ...)
  -- Ctrl-C at a question is an answer.
  if not is_understood and not tostring(problem):find('Keyboard interrupt', 1, true) then
    vim.lsp.log.error('livebreak', problem)
    tell.error('the server is not understood; is it of another version?')
  end
end

--- Ask; `on_result` is called with the answer, unless there is none.
---@param buffer integer
---@param method string
---@param params table?
---@param on_result fun(result: any)
---@param on_problem (fun(message: string))? instead of telling it
function M.request(buffer, method, params, on_result, on_problem)
  M.with_client(buffer, function(client)
    client:request(method, params, function(problem, result)
      if problem then
        (on_problem or tell.error)(problem.message)
      elseif vim.api.nvim_buf_is_loaded(buffer) then
        M.understand(on_result, require('livebreak.server').without_null(result))
      end
    end, buffer)
  end)
end

--- Run one of the server's commands, `livebreak.NAME`.
---@param buffer integer
---@param name string
---@param argument table?
---@param on_result (fun(result: any))?
---@param on_problem (fun(message: string))?
function M.execute(buffer, name, argument, on_result, on_problem)
  local params = { command = 'livebreak.' .. name, arguments = argument and { argument } or nil }
  M.request(buffer, 'workspace/executeCommand', params, on_result or function() end, on_problem)
end

return M

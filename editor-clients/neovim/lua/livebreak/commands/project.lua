--- Subcommands about the connection and the whole project.

local connecting = require('livebreak.connecting')
local connection = require('livebreak.connection')
local requests = require('livebreak.requests')
local tell = require('livebreak.tell')

local M = {}

---@param words string `[service=NAME] [reason]`
---@return { service: string?, reason: string? }
local function pause_params(words)
  local service, rest = words:match('^service=(%S+)%s*(.*)$')
  local reason = rest or words
  local params = { service = service, reason = reason ~= '' and reason or nil }
  -- An empty table would be a list in JSON.
  return next(params) and params or vim.empty_dict()
end

---@param call livebreak.Call
local function pause(call)
  local params = pause_params(call.rest)
  requests.execute(call.place.buffer, 'pause', params, function()
    local what = params.service and ('service %s is'):format(params.service) or 'the whole project is'
    tell.info(('%s paused until `:LiveBreak resume`, for everybody.'):format(what))
  end)
end

--- Somebody else had a reason.
---@param service string?
---@return string? question
local function doubt(service)
  local status = connection.status
  for _, it in ipairs(status and status.pauses or {}) do
    if it.service == service and it.by ~= status.owner then
      return ('%s paused it%s. Resume all the same?'):format(it.by, it.reason and (': ' .. it.reason) or '')
    end
  end
end

---@param call livebreak.Call
local function resume(call)
  local params = pause_params(call.rest)
  local question = doubt(params.service)
  if question and not call.is_forced and not tell.asks(question) then
    return
  end
  requests.execute(call.place.buffer, 'resume', params, function()
    local what = params.service and ('service %s takes'):format(params.service) or 'the project takes'
    tell.info(what .. ' hits again.')
  end)
end

---@param call livebreak.Call
local function status(call)
  requests.request(call.place.buffer, 'livebreak/status', nil, function(answer)
    connection.status = answer
    if tell.fits(answer.message) then
      tell.info(answer.message)
    else
      require('livebreak.float').text('status', answer.message, call.origin)
    end
  end)
end

---@type table<string, livebreak.Command>
M.commands = {
  pause = { run = pause, takes = '[service=NAME] [reason]', about = 'stop all capturing, for everybody' },
  resume = { run = resume, takes = '[service=NAME]', is_forcible = true, about = 'go on after a pause' },
  connect = {
    run = connecting.connect,
    takes = '[name | URL [project]]',
    is_forcible = true,
    arms = true,
    complete = connecting.names,
    about = 'choose the backend and the project of this session',
  },
  disconnect = { run = connecting.disconnect, about = 'turn live mode off' },
  status = { run = status, about = 'where this editor is connected to' },
  ['log-file'] = {
    run = function()
      require('livebreak.log_file').open()
    end,
    about = "open the server's log",
  },
}

return M

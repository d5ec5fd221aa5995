--- Chooses what this session is connected to. Keys are asked for, kept by nobody here, and go to the server only.

local buffers = require('livebreak.buffers')
local connection = require('livebreak.connection')
local drawing = require('livebreak.drawing')
local marks = require('livebreak.marks')
local requests = require('livebreak.requests')
local sending = require('livebreak.sending')
local tell = require('livebreak.tell')
local text = require('livebreak.text')

local M = {}

--- The buffers that hold marks of the user's, and how many these are.
---@return integer[] buffers
---@return integer count
local function with_marks()
  local found, count = {}, 0
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local own = vim.api.nvim_buf_is_loaded(buffer) and #marks.placed(buffer) or 0
    if own > 0 then
      table.insert(found, buffer)
      count = count + own
    end
  end
  return found, count
end

--- Another backend knows nothing of the marks of this editor. Those that it is to know are stated, the others go.
---@param found integer[]
---@param is_wanted boolean
local function settle(found, is_wanted)
  for _, buffer in ipairs(found) do
    if is_wanted then
      sending.send(buffer, true)
    else
      for _, mark in ipairs(marks.placed(buffer)) do
        marks.remove(buffer, mark)
      end
      drawing.redraw(buffer)
    end
  end
end

---@param buffer integer
---@param params table
---@param is_forced boolean
local function go(buffer, params, is_forced)
  local before = connection.status
  local found, count = with_marks()
  local function hold(number)
    for _, it in ipairs(found) do
      buffers.open(it).in_flight = buffers.open(it).in_flight + number
    end
  end
  -- What the new session says before it has heard of the marks is no news of them.
  hold(1)
  requests.request(buffer, 'livebreak/connect', params, function(status)
    hold(-1)
    connection.take(status)
    tell.info(status.message)
    if count > 0 then
      local is_same = before and before.connection ~= 'off' and before.host == status.host and before.project == status.project
      local question = ('Arm your %s there?'):format(count == 1 and 'live breakpoint' or ('%d live breakpoints'):format(count))
      settle(found, is_same or is_forced or tell.asks(question))
    end
  end, function(problem)
    hold(-1)
    tell.error(problem)
  end)
end

--- Ask for a key, find the projects it opens, and connect to one of them.
---@param buffer integer
---@param host string
---@param project integer?
---@param key string?
---@param is_forced boolean
local function reach(buffer, host, project, key, is_forced)
  requests.request(buffer, 'livebreak/projects', { host = host, key = key }, function(result)
    local found = result.projects or {}
    if project or #found == 1 then
      go(buffer, { host = result.host, project = project or found[1].id, key = key }, is_forced)
      return
    end
    vim.ui.select(found, {
      prompt = 'Project',
      kind = 'livebreak-project',
      format_item = function(it)
        return text.plain(it.name and ('%s (%s)'):format(it.name, it.id) or tostring(it.id))
      end,
    }, function(chosen)
      if chosen then
        go(buffer, { host = result.host, project = chosen.id, key = key }, is_forced)
      end
    end)
  end, function(problem)
    if key then
      tell.error(problem)
      return
    end
    -- There may be no stored key for it, or one that is not good any more.
    local typed = vim.fn.inputsecret(('%s  Personal API key (phx_…): '):format(text.plain(problem)))
    if typed ~= '' then
      reach(buffer, host, project, typed, is_forced)
    end
  end)
end

---@param target livebreak.Target
---@param name string
---@return string
local function label(target, name)
  local words = { name, target.host }
  table.insert(words, target.project and ('project %d'):format(target.project))
  table.insert(words, target.isProduction and 'PRODUCTION' or nil)
  return text.plain(table.concat(words, '  '))
end

---@param buffer integer
---@param is_forced boolean
local function ask_host(buffer, is_forced)
  vim.ui.input({ prompt = 'Backend: ', default = 'https://' }, function(host)
    if host and vim.trim(host) ~= '' then
      reach(buffer, vim.trim(host), nil, nil, is_forced)
    end
  end)
end

---@param buffer integer
---@param is_forced boolean
local function choose(buffer, is_forced)
  requests.request(buffer, 'livebreak/targets', nil, function(result)
    local items = {}
    for _, target in ipairs(result.connections) do
      table.insert(items, { label = label(target, target.name), params = { name = target.name } })
    end
    local own, environment = result['local'], result.environment
    if own then
      local params = own.hasKey and { host = own.host, project = own.project } or nil
      table.insert(items, { label = label(own, 'this machine'), params = params, host = own.host })
    end
    if environment then
      -- Its key is in the environment, too, so it is named by naming nothing.
      table.insert(items, { label = label(environment, "Neovim's environment"), params = vim.empty_dict() })
    end
    table.insert(items, { label = 'another backend …' })
    vim.ui.select(items, {
      prompt = 'Connect to',
      kind = 'livebreak-target',
      format_item = function(item)
        return item.label
      end,
    }, function(item)
      if item and item.params then
        go(buffer, item.params, is_forced)
      elseif item and item.host then
        reach(buffer, item.host, nil, nil, is_forced)
      elseif item then
        ask_host(buffer, is_forced)
      end
    end)
  end)
end

--- `:LiveBreak connect [name | URL [project]]`
---@param call livebreak.Call
function M.connect(call)
  local first, second = call.rest:match('^(%S+)%s*(%S*)$')
  if call.rest == '' then
    choose(call.place.buffer, call.is_forced)
  elseif not first then
    tell.error("connect takes a name, or a URL and a project's number.")
  elseif first:match('^https?://') then
    if second ~= '' and not second:match('^%d+$') then
      tell.error("behind the URL stands the project's number, not a name.")
      return
    end
    reach(call.place.buffer, first, tonumber(second) --[[@as integer?]], nil, call.is_forced)
  elseif second ~= '' then
    tell.error('connect takes one name; a URL may have a project after it.')
  else
    go(call.place.buffer, { name = first }, call.is_forced)
  end
end

--- `:LiveBreak disconnect`
---@param call livebreak.Call
function M.disconnect(call)
  requests.request(call.place.buffer, 'livebreak/disconnect', nil, function(status)
    connection.take(status)
    tell.info(status.message)
  end)
end

--- Longer than it takes on a loaded machine, shorter than anybody waits for a menu.
local COMPLETION_TIMEOUT_MS = 500

--- The names of the stored connections.
---@return string[]
function M.names()
  local buffer = require('livebreak.here').origin().buffer
  local client = requests.client(buffer)
  local answer = client and client:request_sync('livebreak/targets', nil, COMPLETION_TIMEOUT_MS, buffer)
  return vim.tbl_map(function(target)
    return target.name
  end, answer and answer.result and answer.result.connections or {})
end

return M

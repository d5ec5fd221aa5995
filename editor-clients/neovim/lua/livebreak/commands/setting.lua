--- Subcommands that set a breakpoint, and say when it takes hits and what it logs.

local drawing = require('livebreak.drawing')
local marks = require('livebreak.marks')
local requests = require('livebreak.requests')
local sending = require('livebreak.sending')
local targets = require('livebreak.commands.targets')
local tell = require('livebreak.tell')

local M = {}

---@param call livebreak.Call
local function toggle(call)
  local buffer = call.place.buffer
  for _, line in ipairs(targets.lines(call)) do
    local here = drawing.at(buffer, line)
    if here and here.mark then
      marks.remove(buffer, here.mark)
    elseif here and here.state then
      targets.execute(call, here.state, 'remove', 'toggle')
    else
      marks.set(buffer, line, {})
    end
  end
  drawing.redraw(buffer)
  sending.send(buffer, true)
end

---@param call livebreak.Call
---@param state livebreak.State
---@param condition string?
local function extend(call, state, condition)
  if not condition then
    targets.is_theirs(state, 'toggle')
  elseif not call.is_forced then
    local owner = state.owner or 'somebody else'
    tell.warn(("this is %s's; `:LiveBreak! if …` lets it take yours, too."):format(owner))
  else
    local params = vim.tbl_extend('force', targets.argument(call.place.buffer, state), { condition = condition })
    requests.execute(call.place.buffer, 'extend', params)
  end
end

--- Set breakpoints on the lines of a call, or change those that are there.
---@param call livebreak.Call
---@param fields { condition?: string, log_message?: string }
local function set(call, fields)
  local buffer = call.place.buffer
  for _, line in ipairs(targets.lines(call)) do
    local here = drawing.at(buffer, line)
    if here and here.state and not here.mark and not here.state.mine then
      extend(call, here.state, fields.condition)
    elseif here and here.state and not here.mark then
      local params =
        { uri = vim.uri_from_bufnr(buffer), line = line, condition = fields.condition, logMessage = fields.log_message }
      requests.execute(buffer, 'add', params)
    else
      marks.set(buffer, line, fields)
    end
  end
  drawing.redraw(buffer)
  sending.send(buffer, true)
end

---@alias livebreak.Kind 'condition'|'log'

--- Set what was typed, once the server has checked it.
---@param call livebreak.Call
---@param kind livebreak.Kind
---@param typed string
local function set_checked(call, kind, typed)
  local buffer = call.place.buffer
  typed = vim.trim(typed)
  if typed == '' then
    set(call, {})
    return
  end
  local params = { text = typed, kind = kind, uri = vim.uri_from_bufnr(buffer), line = call.place.first }
  requests.request(buffer, 'livebreak/checkCondition', params, function(result)
    if not result.ok then
      tell.error(result.message)
      return
    end
    if result.doubt then
      tell.warn(result.doubt)
    end
    set(call, { [kind == 'log' and 'log_message' or 'condition'] = typed })
  end)
end

local PROMPTS = { condition = 'Live breakpoint if: ', log = 'Log: ' }

---@param call livebreak.Call
---@param kind livebreak.Kind
---@param default string
local function ask(call, kind, default)
  vim.ui.input({ prompt = PROMPTS[kind], default = default }, function(typed)
    if typed then
      set_checked(call, kind, typed)
    end
  end)
end

---@param call livebreak.Call
---@return string? condition
---@return string? log_message
local function setting_at(call)
  local here = drawing.at(call.place.buffer, call.place.first)
  local mark, state = here and here.mark, here and here.state
  return mark and mark.condition or state and state.condition, mark and mark.log_message or state and state.logMessage
end

---@param kind livebreak.Kind
---@return fun(call: livebreak.Call)
local function set_or_ask(kind)
  return function(call)
    if call.rest ~= '' then
      set_checked(call, kind, call.rest)
    else
      local condition, log_message = setting_at(call)
      ask(call, kind, (kind == 'log' and log_message or kind == 'condition' and condition) or '')
    end
  end
end

---@param call livebreak.Call
local function edit(call)
  local here = drawing.at(call.place.buffer, call.place.first)
  if not here then
    targets.each(call, function() end)
  elseif here.state and not here.mark and not here.state.mine and not call.is_forced then
    targets.is_theirs(here.state, 'edit')
  else
    local condition, log_message = setting_at(call)
    local kind = log_message and 'log' or 'condition'
    ask(call, kind, log_message or condition or '')
  end
end

--- Let a breakpoint take hits only when this holds.
---@param buffer integer
---@param breakpoint_id string
---@param condition string
function M.narrow(buffer, breakpoint_id, condition)
  local here = vim.iter(drawing.all(buffer)):find(function(it)
    return it.state and it.state.id == breakpoint_id
  end)
  if not here then
    tell.warn("this hit's breakpoint is not in the file any more.")
  elseif here.mark then
    here.mark.condition = condition
    drawing.redraw(buffer)
    sending.send(buffer, true)
  elseif here.state.mine then
    local params =
      { uri = vim.uri_from_bufnr(buffer), line = here.line, condition = condition, logMessage = here.state.logMessage }
    requests.execute(buffer, 'add', params)
  else
    tell.warn(("this is %s's; only they change its condition."):format(here.state.owner or 'somebody else'))
    return
  end
  tell.info('from now on only if ' .. condition)
end

--- Longer than it takes on a loaded machine, shorter than anybody waits for a menu.
local COMPLETION_TIMEOUT_MS = 500

--- The names that a condition can use on the cursor's line.
---@param lead string
---@return string[]
local function names_in_scope(lead)
  local origin = require('livebreak.here').origin()
  local client = requests.client(origin.buffer)
  if not client then
    return {}
  end
  local params = { text = lead, uri = vim.uri_from_bufnr(origin.buffer), line = origin.line }
  local answer = client:request_sync('livebreak/checkCondition', params, COMPLETION_TIMEOUT_MS, origin.buffer)
  return answer and answer.result and answer.result.names or {}
end

---@type table<string, livebreak.Command>
M.commands = {
  toggle = {
    run = toggle,
    is_forcible = true,
    arms = true,
    is_about_lines = true,
    about = 'set a breakpoint, or remove the one that is there',
  },
  ['if'] = {
    run = set_or_ask('condition'),
    takes = '{condition}',
    complete = names_in_scope,
    is_forcible = true,
    arms = true,
    is_about_lines = true,
    about = 'set a breakpoint with a condition',
  },
  log = {
    run = set_or_ask('log'),
    takes = '{message}',
    is_forcible = true,
    arms = true,
    is_about_lines = true,
    about = 'set a logpoint',
  },
  edit = { run = edit, is_forcible = true, arms = true, is_about_lines = true, about = 'edit the condition or the message' },
}

return M

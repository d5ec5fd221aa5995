--- Subcommands that set, change and remove breakpoints.

local drawing = require('livebreak.drawing')
local marks = require('livebreak.marks')
local requests = require('livebreak.requests')
local sending = require('livebreak.sending')
local tell = require('livebreak.tell')

local M = {}

--- More lines than anybody means to watch one by one: then it was a slip.
local MANY_LINES = 10

---@param buffer integer
---@param state livebreak.State
---@return table
local function argument(buffer, state)
  return { uri = vim.uri_from_bufnr(buffer), id = state.id, owner = state.owner }
end

---@param buffer integer
---@param line integer 0-based
---@return boolean
local function is_blank(buffer, line)
  return vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1]:match('^%s*$') ~= nil
end

--- The lines that a command is about; none if the user thinks better of it.
---@param call livebreak.Call
---@return integer[]
local function lines(call)
  local found = {}
  for line = call.place.first, call.place.last do
    -- In a range blank lines lie between those that are meant.
    if not (call.has_range and is_blank(call.place.buffer, line)) then
      table.insert(found, line)
    end
  end
  if #found > MANY_LINES and not call.is_forced and not tell.asks(('Do this on %d lines?'):format(#found)) then
    return {}
  end
  return found
end

---@param state livebreak.State
---@param what string
local function is_theirs(state, what)
  tell.warn(("this is %s's; `:LiveBreak! %s` does it all the same."):format(state.owner or 'somebody else', what))
end

--- Run one of the server's commands on a breakpoint that no mark stands for.
---@param call livebreak.Call
---@param state livebreak.State
---@param name string of the server's command
---@param word string what the user says for it
local function execute(call, state, name, word)
  if state.mine or call.is_forced then
    requests.execute(call.place.buffer, name, argument(call.place.buffer, state))
  else
    is_theirs(state, word)
  end
end

---@param call livebreak.Call
local function toggle(call)
  local buffer = call.place.buffer
  for _, line in ipairs(lines(call)) do
    local here = drawing.at(buffer, line)
    if here and here.mark then
      marks.remove(buffer, here.mark)
    elseif here and here.state then
      execute(call, here.state, 'remove', 'toggle')
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
    is_theirs(state, 'toggle')
  elseif not call.is_forced then
    local owner = state.owner or 'somebody else'
    tell.warn(("this is %s's; `:LiveBreak! if …` lets it take yours, too."):format(owner))
  else
    local params = vim.tbl_extend('force', argument(call.place.buffer, state), { condition = condition })
    requests.execute(call.place.buffer, 'extend', params)
  end
end

--- Set breakpoints on the lines of a call, or change those that are there.
---@param call livebreak.Call
---@param fields { condition?: string, log_message?: string }
local function set(call, fields)
  local buffer = call.place.buffer
  for _, line in ipairs(lines(call)) do
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

--- Call with each breakpoint on the lines of a call. Without any the user is told.
---@param call livebreak.Call
---@param action fun(here: livebreak.Here)
local function each(call, action)
  local is_any = false
  for _, here in ipairs(drawing.all(call.place.buffer)) do
    if here.line >= call.place.first and here.line <= call.place.last then
      is_any = true
      action(here)
    end
  end
  if not is_any then
    tell.info('no live breakpoint on this line; `:LiveBreak` sets one.')
  end
end

---@param call livebreak.Call
local function edit(call)
  local here = drawing.at(call.place.buffer, call.place.first)
  if not here then
    each(call, function() end)
  elseif here.state and not here.mark and not here.state.mine and not call.is_forced then
    is_theirs(here.state, 'edit')
  else
    local condition, log_message = setting_at(call)
    local kind = log_message and 'log' or 'condition'
    ask(call, kind, log_message or condition or '')
  end
end

---@param is_enabled boolean
---@return fun(call: livebreak.Call)
local function switch(is_enabled)
  local word = is_enabled and 'enable' or 'disable'
  return function(call)
    local has_marks = false
    each(call, function(here)
      if here.mark then
        here.mark.enabled = is_enabled
        has_marks = true
      elseif here.state then
        execute(call, here.state, word, word)
      end
    end)
    if has_marks then
      sending.send(call.place.buffer, true)
    end
  end
end

---@param call livebreak.Call
local function renew(call)
  each(call, function(here)
    if here.state then
      execute(call, here.state, 'renew', 'renew')
    end
  end)
end

---@param call livebreak.Call
local function clear(call)
  local buffer = call.place.buffer
  local own = vim.tbl_filter(function(here)
    local is_there = not call.has_range or (here.line >= call.place.first and here.line <= call.place.last)
    return is_there and (here.mark ~= nil or here.state.mine)
  end, drawing.all(buffer))
  if #own == 0 then
    tell.info('there are no live breakpoints of yours here.')
    return
  end
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':t')
  local question = ('Remove your %d live breakpoints from %s?'):format(#own, name)
  if #own > 1 and not call.is_forced and not tell.asks(question) then
    return
  end
  for _, here in ipairs(own) do
    if here.mark then
      marks.remove(buffer, here.mark)
    else
      execute(call, here.state, 'remove', 'clear')
    end
  end
  drawing.redraw(buffer)
  sending.send(buffer)
end

---@param call livebreak.Call
local function follow(call)
  each(call, function(here)
    local state = here.state
    if not state or state.mine then
      tell.info("this breakpoint is yours; a teammate's can be followed.")
      return
    end
    requests.execute(call.place.buffer, state.followed and 'unfollow' or 'follow', argument(call.place.buffer, state), function()
      local owner = state.owner or 'somebody else'
      tell.info(
        (state.followed and "%s's breakpoint is only counted again." or "%s's breakpoint is shown in full."):format(owner)
      )
    end)
  end)
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
    is_about_lines = true,
    about = 'set a breakpoint, or remove the one that is there',
  },
  ['if'] = {
    run = set_or_ask('condition'),
    takes = '{condition}',
    complete = names_in_scope,
    is_forcible = true,
    is_about_lines = true,
    about = 'set a breakpoint with a condition',
  },
  log = { run = set_or_ask('log'), takes = '{message}', is_forcible = true, is_about_lines = true, about = 'set a logpoint' },
  edit = { run = edit, is_forcible = true, is_about_lines = true, about = 'edit the condition or the message' },
  enable = { run = switch(true), is_forcible = true, is_about_lines = true, about = 'let it take hits again' },
  disable = { run = switch(false), is_forcible = true, is_about_lines = true, about = 'keep it without taking hits' },
  renew = { run = renew, is_forcible = true, is_about_lines = true, about = 'let it go on when it has expired' },
  clear = { run = clear, is_forcible = true, is_about_lines = true, about = 'remove your breakpoints from the file' },
  follow = { run = follow, is_about_lines = true, about = "show a teammate's in full, or only count it again" },
}

return M

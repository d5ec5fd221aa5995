--- Which lines and breakpoints a subcommand is about, and whether it may change them.

local drawing = require('livebreak.drawing')
local requests = require('livebreak.requests')
local tell = require('livebreak.tell')

local M = {}

--- More lines than anybody means to watch one by one: then it was a slip.
local MANY_LINES = 10

--- How the server's commands name a breakpoint.
---@param buffer integer
---@param state livebreak.State
---@return table
function M.argument(buffer, state)
  return { uri = vim.uri_from_bufnr(buffer), id = state.id, owner = state.owner }
end

---@param buffer integer
---@param line integer 0-based
---@return boolean
local function is_blank(buffer, line)
  -- Lines may have gone while the server was asked.
  local text = vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1] or ''
  return text:match('^%s*$') ~= nil
end

--- The lines that a command is about; none if the user thinks better of it.
---@param call livebreak.Call
---@return integer[]
function M.lines(call)
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

--- Say that a breakpoint is a teammate's, and how to change it all the same.
---@param state livebreak.State
---@param what string the subcommand
function M.is_theirs(state, what)
  tell.warn(("this is %s's; `:LiveBreak! %s` does it all the same."):format(state.owner or 'somebody else', what))
end

--- Run one of the server's commands on a breakpoint that no mark stands for.
---@param call livebreak.Call
---@param state livebreak.State
---@param name string of the server's command
---@param word string what the user says for it
---@param on_result fun()? once it is done
function M.execute(call, state, name, word, on_result)
  if state.mine or call.is_forced then
    requests.execute(call.place.buffer, name, M.argument(call.place.buffer, state), on_result)
  else
    M.is_theirs(state, word)
  end
end

--- Call with each breakpoint on the lines of a call. Without any the user is told.
---@param call livebreak.Call
---@param action fun(here: livebreak.Here)
function M.each(call, action)
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

return M

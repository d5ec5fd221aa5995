--- Shows the breakpoints of a buffer by extmarks, and says what is on a line.

local buffers = require('livebreak.buffers')
local looks = require('livebreak.looks')
local marks = require('livebreak.marks')

local M = {}

---@param buffer integer
---@param line integer
---@param id integer?
---@param state livebreak.State?
---@param goes_with_line boolean
---@return integer
local function draw(buffer, line, id, state, goes_with_line)
  local hits = state and buffers.open(buffer).hits[state.id]
  local options = looks.options(state, hits and hits.summary)
  options.id = id
  options.invalidate = goes_with_line
  local last = vim.api.nvim_buf_line_count(buffer) - 1
  return vim.api.nvim_buf_set_extmark(buffer, buffers.NAMESPACE, math.min(line, last), 0, options)
end

--- The mark that a state is about, if it is one of ours. A server that was started anew does not know our marks yet: then it is
--- the one on its line.
---@param buffer integer
---@param state livebreak.State
---@return livebreak.Mark?
local function mark_of(buffer, state)
  if state.editorId then
    return buffers.open(buffer).marks[state.editorId]
  end
  return state.mine and marks.at(buffer, state.line) or nil
end

--- The breakpoint that no mark stands for, where it is now: the text may be ahead of what the server last said.
---@param buffer integer
---@param state livebreak.State
---@return integer
local function line_of_other(buffer, state)
  local own = buffers.open(buffer)
  local extmark = own.others[state.id]
  local found = extmark and not own.is_fresh and vim.api.nvim_buf_get_extmark_by_id(buffer, buffers.NAMESPACE, extmark, {}) or {}
  return found[1] or state.line
end

---@param buffer integer
---@param state livebreak.State
---@return boolean
local function is_gone(buffer, state)
  return state.editorId ~= nil and buffers.open(buffer).removed[state.editorId] ~= nil
end

--- Draw all of a buffer anew.
---@param buffer integer
function M.redraw(buffer)
  local own = buffers.open(buffer)
  local by_mark, drawn = {}, {}
  for _, state in ipairs(own.states) do
    local mark = mark_of(buffer, state)
    if mark then
      by_mark[mark.id] = state
    elseif not is_gone(buffer, state) then
      drawn[state.id] = draw(buffer, line_of_other(buffer, state), own.others[state.id], state, false)
    end
  end
  for id, extmark in pairs(own.others) do
    if not drawn[id] then
      vim.api.nvim_buf_del_extmark(buffer, buffers.NAMESPACE, extmark)
    end
  end
  own.others = drawn
  own.is_fresh = false
  for id, mark in pairs(own.marks) do
    local line = marks.place(buffer, mark)
    if line then
      -- With its line's text the mark goes, and with `undo` it comes back.
      mark.extmark = draw(buffer, line, mark.extmark, by_mark[id], true)
    end
  end
end

---@class livebreak.Here a breakpoint and its line
---@field line integer 0-based
---@field mark livebreak.Mark?
---@field state livebreak.State?
---@field hits livebreak.Hits?

--- All breakpoints of a buffer, everybody's, by line.
---@param buffer integer
---@return livebreak.Here[]
function M.all(buffer)
  local own = buffers.open(buffer)
  local found, seen = {}, {}
  for _, state in ipairs(own.states) do
    local mark = mark_of(buffer, state)
    local line = mark and marks.place(buffer, mark) or not mark and not is_gone(buffer, state) and line_of_other(buffer, state)
    if line then
      table.insert(found, { line = line, mark = mark, state = state, hits = own.hits[state.id] })
      seen[mark and mark.id or 0] = true
    end
  end
  for _, mark in ipairs(marks.placed(buffer)) do
    if not seen[mark.id] then
      table.insert(found, { line = mark.line, mark = mark })
    end
  end
  table.sort(found, function(one, other)
    -- One's own first.
    return one.line < other.line or (one.line == other.line and one.mark ~= nil and other.mark == nil)
  end)
  return found
end

--- The breakpoint on a line; the user's own, if there are several.
---@param buffer integer
---@param line integer 0-based
---@return livebreak.Here?
function M.at(buffer, line)
  for _, here in ipairs(M.all(buffer)) do
    if here.line == line then
      return here
    end
  end
end

--- The server has told the states of all breakpoints of a buffer.
---@param buffer integer
---@param params { breakpoints: livebreak.State[], version: integer? }
function M.take_states(buffer, params)
  local own = buffers.open(buffer)
  own.states = params.breakpoints
  for _, state in ipairs(own.states) do
    own.had_none[state.id] = own.had_none[state.id] or (state.hits or 0) == 0
  end
  own.is_fresh = not params.version or params.version >= (vim.lsp.util.buf_versions[buffer] or 0)
  marks.take(buffer, params.breakpoints)
  M.redraw(buffer)
end

--- The server has told of a newer hit.
---@param buffer integer
---@param hits livebreak.Hits
function M.take_hits(buffer, hits)
  local own = buffers.open(buffer)
  local before = own.hits[hits.breakpointId]
  -- The first that is told of a breakpoint may be old; not if there was none a moment ago.
  local is_new = before and before.newest.id ~= hits.newest.id or not before and own.had_none[hits.breakpointId]
  local state = vim.iter(own.states):find(function(it)
    return it.id == hits.breakpointId
  end)
  own.hits[hits.breakpointId] = hits
  M.redraw(buffer)
  if is_new and state then
    local mark = mark_of(buffer, state)
    local line = mark and marks.place(buffer, mark) or not mark and line_of_other(buffer, state)
    require('livebreak.flash').line(buffer, line or nil, hits.breakpointId)
    vim.api.nvim_exec_autocmds('User', { pattern = 'LiveBreakHit', data = hits, modeline = false })
  end
end

--- The buffer is unloaded. Reloading it keeps its extmarks, so they are taken away.
---@param buffer integer
function M.forget(buffer)
  buffers.forget(buffer)
  vim.api.nvim_buf_clear_namespace(buffer, buffers.NAMESPACE, 0, -1)
end

return M

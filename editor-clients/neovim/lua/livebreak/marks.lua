--- The live breakpoints of each buffer: the user's own marks, and what the server says of everybody's.

local signs = require('livebreak.signs')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('livebreak')

---@class livebreak.Mark
---@field id string our own id of it, stable while it lives
---@field extmark integer? it moves with the text
---@field line integer 0-based, where it was last seen
---@field enabled boolean
---@field condition string?
---@field log_message string?

---@class livebreak.State
---@field id string the backend's id of the breakpoint
---@field line integer 0-based
---@field state string
---@field message string
---@field editorId string?
---@field mine boolean
---@field owner string?
---@field condition string?
---@field logMessage string?
---@field enabled boolean

---@class livebreak.Hits
---@field breakpointId string
---@field summary string
---@field newest { id: string }

---@class livebreak.Buffer
---@field marks table<string, livebreak.Mark> by our id
---@field removed table<string, true> ids of ours that are gone: an answer on its way must not bring them back
---@field states livebreak.State[]
---@field hits table<string, livebreak.Hits> by breakpoint
---@field others integer[] extmarks of breakpoints that are no marks of ours
---@field stated string? the ids of the marks in the last list that was sent

---@type table<integer, livebreak.Buffer>
local buffers = {}

local last_id = 0

---@param buffer integer
---@return livebreak.Buffer
local function open(buffer)
  buffers[buffer] = buffers[buffer] or { marks = {}, removed = {}, states = {}, hits = {}, others = {} }
  return buffers[buffer]
end

local function new_id()
  last_id = last_id + 1
  return ('nvim-%d-%d'):format(vim.fn.getpid(), last_id)
end

--- JSON's null comes as `vim.NIL` from some versions, and that counts as true.
local function present(value)
  return value ~= vim.NIL and value or nil
end

---@param buffer integer
---@param mark livebreak.Mark
---@param state? livebreak.State
local function draw(buffer, mark, state)
  local last = vim.api.nvim_buf_line_count(buffer) - 1
  local hits = state and open(buffer).hits[state.id]
  local options = signs.options(state, hits and hits.summary)
  options.id = mark.extmark
  -- With its line's text the mark goes, and with `undo` it comes back.
  options.invalidate = true
  mark.extmark = vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, math.min(mark.line, last), 0, options)
end

--- Where a mark is now; nil if its line was deleted.
---@param buffer integer
---@param mark livebreak.Mark
---@return integer?
local function place(buffer, mark)
  local found = mark.extmark and vim.api.nvim_buf_get_extmark_by_id(buffer, NAMESPACE, mark.extmark, { details = true }) or {}
  if found[3] and found[3].invalid then
    return nil
  end
  mark.line = found[1] or mark.line
  return mark.line
end

---@param buffer integer
local function redraw(buffer)
  local own = open(buffer)
  local by_mark = {}
  for _, extmark in ipairs(own.others) do
    vim.api.nvim_buf_del_extmark(buffer, NAMESPACE, extmark)
  end
  own.others = {}
  for _, state in ipairs(own.states) do
    local id = present(state.editorId)
    if id and own.marks[id] then
      by_mark[id] = state
    elseif not (id and own.removed[id]) and state.line < vim.api.nvim_buf_line_count(buffer) then
      local hits = own.hits[state.id]
      local options = signs.options(state, hits and hits.summary)
      table.insert(own.others, vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, state.line, 0, options))
    end
  end
  for id, mark in pairs(own.marks) do
    if place(buffer, mark) then
      draw(buffer, mark, by_mark[id])
    end
  end
end

--- The marks that have a line, by line.
---@param buffer integer
---@return livebreak.Mark[]
local function placed(buffer)
  local found = {}
  for _, mark in pairs(open(buffer).marks) do
    if place(buffer, mark) then
      table.insert(found, mark)
    end
  end
  table.sort(found, function(one, other)
    return one.line < other.line
  end)
  return found
end

---@param buffer integer
---@return string
local function ids(buffer)
  local found = vim.tbl_map(function(mark)
    return mark.id
  end, placed(buffer))
  table.sort(found)
  return table.concat(found, ' ')
end

--- The whole list of a buffer's marks, as `livebreak/setBreakpoints` takes it; nil if there never was one.
---@param buffer integer
---@return table[]?
function M.list(buffer)
  local own = buffers[buffer]
  if not own or (next(own.marks) == nil and not own.stated) then
    return nil
  end
  own.stated = ids(buffer)
  return vim.tbl_map(function(mark)
    return {
      id = mark.id,
      line = mark.line,
      enabled = mark.enabled,
      condition = mark.condition,
      logMessage = mark.log_message,
    }
  end, placed(buffer))
end

--- True if a mark went with its line, or came back, since the list was last stated.
---@param buffer integer
---@return boolean
function M.have_changed(buffer)
  local own = buffers[buffer]
  return own ~= nil and own.stated ~= nil and own.stated ~= ids(buffer)
end

---@param buffer integer
---@param line integer 0-based
---@return livebreak.Mark?
function M.at(buffer, line)
  for _, mark in pairs(open(buffer).marks) do
    if place(buffer, mark) == line then
      return mark
    end
  end
end

--- What the server said last of the breakpoint on a line.
---@param buffer integer
---@param line integer 0-based
---@return livebreak.State?, livebreak.Hits?
function M.state_at(buffer, line)
  local own = open(buffer)
  local mark = M.at(buffer, line)
  for _, state in ipairs(own.states) do
    local id = present(state.editorId)
    local is_ours = id and own.marks[id]
    if mark and id == mark.id or (not is_ours and state.line == line and not (id and own.removed[id])) then
      return state, own.hits[state.id]
    end
  end
end

---@param buffer integer
---@param line integer 0-based
---@param fields? { condition?: string, log_message?: string }
function M.set(buffer, line, fields)
  local mark = M.at(buffer, line)
  if not mark then
    mark = { id = new_id(), line = line, enabled = true }
    open(buffer).marks[mark.id] = mark
  end
  mark.condition = fields and fields.condition
  mark.log_message = fields and fields.log_message
  redraw(buffer)
end

---@param buffer integer
---@param mark livebreak.Mark
function M.remove(buffer, mark)
  local own = open(buffer)
  own.marks[mark.id] = nil
  own.removed[mark.id] = true
  if mark.extmark then
    vim.api.nvim_buf_del_extmark(buffer, NAMESPACE, mark.extmark)
  end
  redraw(buffer)
end

---@param buffer integer
function M.clear(buffer)
  for _, mark in pairs(vim.deepcopy(open(buffer).marks)) do
    M.remove(buffer, mark)
  end
end

--- Show the states of all breakpoints of a buffer.
---@param buffer integer
---@param states livebreak.State[]
function M.show_states(buffer, states)
  local own = open(buffer)
  own.states = states
  local restored = false
  for _, state in ipairs(states) do
    local id = present(state.editorId)
    if id and own.marks[id] then
      -- The buffer may be ahead of the server; where the mark is, is known here.
      own.marks[id].condition = present(state.condition)
      own.marks[id].log_message = present(state.logMessage)
    elseif id and not own.removed[id] then
      -- A mark of ours from before the file was closed.
      restored = true
      own.marks[id] = {
        id = id,
        line = state.line,
        enabled = state.enabled,
        condition = present(state.condition),
        log_message = present(state.logMessage),
      }
    end
  end
  redraw(buffer)
  if restored then
    own.stated = ids(buffer)
  end
end

---@param buffer integer
---@param hits livebreak.Hits
function M.show_hits(buffer, hits)
  open(buffer).hits[hits.breakpointId] = hits
  redraw(buffer)
end

---@param buffer integer
function M.forget(buffer)
  buffers[buffer] = nil
  -- Reloading a buffer keeps its extmarks.
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
end

return M

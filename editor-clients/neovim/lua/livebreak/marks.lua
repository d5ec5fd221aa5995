--- The user's own breakpoints in each buffer. They move with the text, go with their line, and come back when that is undone.

local buffers = require('livebreak.buffers')

local M = {}

local last_id = 0

local function new_id()
  last_id = last_id + 1
  return ('nvim-%d-%d'):format(vim.fn.getpid(), last_id)
end

--- Where a mark is now; nil if its line was deleted.
---@param buffer integer
---@param mark livebreak.Mark
---@return integer?
function M.place(buffer, mark)
  local found = mark.extmark and vim.api.nvim_buf_get_extmark_by_id(buffer, buffers.NAMESPACE, mark.extmark, { details = true })
    or {}
  if found[3] and found[3].invalid then
    return nil
  end
  mark.line = found[1] or mark.line
  return mark.line
end

--- The marks that have a line, by line.
---@param buffer integer
---@return livebreak.Mark[]
function M.placed(buffer)
  local found = {}
  for _, mark in pairs(buffers.open(buffer).marks) do
    if M.place(buffer, mark) then
      table.insert(found, mark)
    end
  end
  table.sort(found, function(one, other)
    return one.line < other.line
  end)
  return found
end

---@param buffer integer
---@param line integer 0-based
---@return livebreak.Mark?
function M.at(buffer, line)
  for _, mark in ipairs(M.placed(buffer)) do
    if mark.line == line then
      return mark
    end
  end
end

--- Note what stands on the line of each mark. One whose line went is put where that stands now: lines that are moved, or go
--- through a filter such as a formatter, are new ones to Neovim. A text that stands, or stood, in several places tells nothing.
---@param buffer integer
---@return boolean has_moved
function M.follow(buffer)
  local own = buffers.open(buffer)
  if next(own.marks) == nil then
    return false
  end
  local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  local counts, last = {}, {}
  for number, line in ipairs(lines) do
    counts[line], last[line] = (counts[line] or 0) + 1, number - 1
  end
  local has_moved = false
  for _, mark in pairs(own.marks) do
    local line = M.place(buffer, mark)
    if line then
      local text = lines[line + 1] or ''
      mark.text = counts[text] == 1 and text:find('%S') and text or nil
    elseif mark.text and counts[mark.text] == 1 then
      vim.api.nvim_buf_del_extmark(buffer, buffers.NAMESPACE, mark.extmark)
      mark.extmark, mark.line = nil, last[mark.text]
      has_moved = true
    end
  end
  return has_moved
end

---@param buffer integer
---@return table<string, true>
local function ids(buffer)
  local found = {}
  for _, mark in ipairs(M.placed(buffer)) do
    found[mark.id] = true
  end
  return found
end

--- The whole list of a buffer's marks, as `livebreak/setBreakpoints` takes it; nil if there never was one.
---@param buffer integer
---@return table[]?
function M.list(buffer)
  local own = buffers.open(buffer)
  if next(own.marks) == nil and not own.stated then
    return nil
  end
  M.follow(buffer)
  own.stated = ids(buffer)
  return vim.tbl_map(function(mark)
    return {
      id = mark.id,
      line = mark.line,
      enabled = mark.enabled,
      condition = mark.condition,
      logMessage = mark.log_message,
    }
  end, M.placed(buffer))
end

--- True if a mark went with its line, or came back, since the list was last stated.
---@param buffer integer
---@return boolean
function M.have_changed(buffer)
  local own = buffers.open(buffer)
  return own.stated ~= nil and not vim.deep_equal(own.stated, ids(buffer))
end

--- Put a mark on a line, or change the one that is there.
---@param buffer integer
---@param line integer 0-based
---@param fields { condition?: string, log_message?: string }
function M.set(buffer, line, fields)
  local mark = M.at(buffer, line)
  if not mark then
    mark = { id = new_id(), line = line, enabled = true }
    buffers.open(buffer).marks[mark.id] = mark
  end
  mark.enabled = true
  mark.condition = fields.condition
  mark.log_message = fields.log_message
end

---@param buffer integer
---@param mark livebreak.Mark
function M.remove(buffer, mark)
  local own = buffers.open(buffer)
  own.marks[mark.id] = nil
  own.removed[mark.id] = true
  if mark.extmark then
    vim.api.nvim_buf_del_extmark(buffer, buffers.NAMESPACE, mark.extmark)
  end
end

---@param mark livebreak.Mark
---@param state livebreak.State
local function agree(mark, state)
  mark.is_known = true
  mark.condition = state.condition
  mark.log_message = state.logMessage
  mark.enabled = state.enabled ~= false
end

--- Agree with what the server says: of marks from before the file was closed, and of changes that came by other ways than ours,
--- such as its code actions. While a list of ours is on its way, the server does not know yet what we want.
---@param buffer integer
---@param states livebreak.State[]
function M.take(buffer, states)
  local own = buffers.open(buffer)
  local named = {}
  for _, state in ipairs(states) do
    local id = state.editorId
    if id then
      named[id] = true
      local mark = own.marks[id]
      if mark and own.in_flight == 0 then
        -- The buffer may be ahead of the server: where the mark is, is known here.
        agree(mark, state)
      elseif not mark and not own.removed[id] then
        mark = { id = id, line = state.line, enabled = true }
        agree(mark, state)
        own.marks[id] = mark
        own.stated = own.stated or {}
        own.stated[id] = true
        M.follow(buffer)
      end
    end
  end
  if own.in_flight > 0 then
    return
  end
  for id, mark in pairs(own.marks) do
    if mark.is_known and not named[id] and own.stated and own.stated[id] and M.place(buffer, mark) then
      M.remove(buffer, mark)
      own.stated[id] = nil
    end
  end
end

return M

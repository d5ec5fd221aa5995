--- What the server said last of its connection, and when the user is told of it.

local tell = require('livebreak.tell')
local text = require('livebreak.text')

local M = {}

---@type livebreak.Status?
M.status = nil

--- The trouble that the user was told of; forgotten once the connection has held for a while.
---@type string?
local told

local TROUBLE_IS_OVER_MS = 60 * 1000

local function changed()
  vim.api.nvim_exec_autocmds('User', { pattern = 'LiveBreakStatus', data = M.status, modeline = false })
  vim.cmd.redrawstatus()
end

--- The status line is drawn all the time, so what it reads is looked at once, when it comes.
---@param status any
local function check(status)
  assert(type(status.connection) == 'string' and type(status.message) == 'string', 'a status has a connection and a message')
  assert(type(status.pauses or {}) == 'table' and type(status.queued or 0) == 'number', 'a status has pauses and a number')
  assert(type(status.project or '') == 'string', 'a project has a name')
end

--- The server has told of its connection.
---@param status livebreak.Status
function M.take(status)
  check(status)
  M.status = status
  local is_bad = status.connection == 'refused' or status.connection == 'offline'
  -- One trouble may go through several sentences, and come and go: its first is enough, and the status line has the last.
  if is_bad and told ~= status.connection then
    told = status.connection
    tell.warn(status.message)
  end
  if status.connection == 'connected' then
    vim.defer_fn(function()
      if M.status == status then
        told = nil
      end
    end, TROUBLE_IS_OVER_MS)
  end
  changed()
end

--- The server is gone.
function M.lost()
  M.status = nil
  changed()
end

--- The connection in a few words: `LiveBreak connected acme/prod`.
---@return string
function M.statusline()
  local status = M.status
  if not status then
    return ''
  end
  local words = { 'LiveBreak', #(status.pauses or {}) > 0 and 'paused' or status.connection }
  if status.project then
    table.insert(words, status.project)
  end
  if (status.queued or 0) > 0 then
    table.insert(words, ('(%d waiting)'):format(status.queued))
  end
  -- A per cent sign would be an item of the status line.
  return (text.plain(table.concat(words, ' ')):gsub('%%', '%%%%'))
end

return M

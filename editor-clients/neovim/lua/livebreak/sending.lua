--- States the whole list of a buffer's marks to the server.

local buffers = require('livebreak.buffers')
local drawing = require('livebreak.drawing')
local marks = require('livebreak.marks')
local requests = require('livebreak.requests')
local tell = require('livebreak.tell')

local M = {}

--- State the list. Without a server it is stated when one attaches.
---@param buffer integer
---@param is_asked_for boolean? true if the user has just set something, and is told if it comes to nothing
function M.send(buffer, is_asked_for)
  local client = requests.client(buffer)
  if not client then
    if is_asked_for then
      -- Attaching states the list.
      requests.with_client(buffer, function() end)
    end
    return
  end
  local list = marks.list(buffer)
  if not list then
    return
  end
  local own = buffers.open(buffer)
  own.in_flight = own.in_flight + 1
  local params = { uri = vim.uri_from_bufnr(buffer), version = vim.lsp.util.buf_versions[buffer], breakpoints = list }
  client:request('livebreak/setBreakpoints', params, function(problem, result)
    own.in_flight = own.in_flight - 1
    if problem then
      tell.error(problem.message)
    elseif vim.api.nvim_buf_is_loaded(buffer) then
      requests.understand(M.answered, buffer, require('livebreak.server').without_null(result), is_asked_for)
    end
  end, buffer)
end

---@param buffer integer
---@param result { breakpoints: livebreak.State[], version: integer? }
---@param is_asked_for boolean?
function M.answered(buffer, result, is_asked_for)
  drawing.take_states(buffer, result)
  local status = require('livebreak.connection').status
  if is_asked_for and status and status.connection == 'off' and #result.breakpoints > 0 then
    tell.warn('not armed: live mode is off; `:LiveBreak connect` to go on.')
    return
  end
  local told = {}
  for _, state in ipairs(is_asked_for and result.breakpoints or {}) do
    if state.editorId and state.state == 'failed' and not told[state.message] then
      told[state.message] = true
      tell.warn(state.message)
    end
  end
end

--- The text has changed: lines may have taken their marks with them, or brought them back.
---@param buffer integer
function M.text_changed(buffer)
  local has_moved = marks.follow(buffer)
  if has_moved then
    drawing.redraw(buffer)
  end
  if has_moved or marks.have_changed(buffer) then
    M.send(buffer)
  end
end

return M

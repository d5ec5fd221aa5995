--- The line of a new hit flashes, so that one who looks elsewhere in the file sees it.

local buffers = require('livebreak.buffers')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('livebreak-flash')

--- Long enough to be seen, short enough not to be in the way.
local LASTS_MS = 300

--- A line that is hit all the time flashes for the first hit only: what flickers for ever tells nothing.
local QUIET_MS = 5000

--- Flash, unless there was a hit a moment ago.
---@param buffer integer
---@param line integer? 0-based; nil if it is gone
---@param breakpoint_id string
function M.line(buffer, line, breakpoint_id)
  local own = buffers.open(buffer)
  local now = vim.uv.now()
  local before = own.hit_at[breakpoint_id]
  own.hit_at[breakpoint_id] = now
  if not line or (before and now - before < QUIET_MS) or not require('livebreak.config').get().flash then
    return
  end
  local extmark = vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, math.min(line, vim.api.nvim_buf_line_count(buffer) - 1), 0, {
    line_hl_group = 'LiveBreakFlash',
  })
  vim.defer_fn(function()
    if vim.api.nvim_buf_is_valid(buffer) then
      vim.api.nvim_buf_del_extmark(buffer, NAMESPACE, extmark)
    end
  end, LASTS_MS)
end

return M

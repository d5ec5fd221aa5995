--- What is known of each buffer.

local M = {}

M.NAMESPACE = vim.api.nvim_create_namespace('livebreak')

---@type table<integer, livebreak.Buffer>
local buffers = {}

--- What is known of a buffer, which may be nothing yet.
---@param buffer integer
---@return livebreak.Buffer
function M.open(buffer)
  buffers[buffer] = buffers[buffer]
    or {
      marks = {},
      removed = {},
      states = {},
      is_fresh = false,
      hits = {},
      had_none = {},
      hit_at = {},
      others = {},
      in_flight = 0,
    }
  return buffers[buffer]
end

---@param buffer integer
function M.forget(buffer)
  buffers[buffer] = nil
end

return M

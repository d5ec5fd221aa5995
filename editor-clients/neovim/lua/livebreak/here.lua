--- What a command is about: the line of the cursor, also where that is in a floating window above the line.

local M = {}

--- The window below a floating one: ours, or that of `K`.
---@param window integer
---@return integer
local function below(window)
  local float = require('livebreak.float').current()
  if float and float.window == window then
    return float.origin.window
  end
  for _, other in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    -- Neovim notes in a buffer which floating window belongs to it.
    if vim.b[vim.api.nvim_win_get_buf(other)].lsp_floating_preview == window then
      return other
    end
  end
  return window
end

--- The window, its buffer, and the 0-based line.
---@return { window: integer, buffer: integer, line: integer }
function M.origin()
  local current = vim.api.nvim_get_current_win()
  local float = require('livebreak.float').current()
  if float and float.window == current and vim.api.nvim_win_is_valid(float.origin.window) then
    return float.origin
  end
  local window = below(current)
  return {
    window = window,
    buffer = vim.api.nvim_win_get_buf(window),
    line = vim.api.nvim_win_get_cursor(window)[1] - 1,
  }
end

return M

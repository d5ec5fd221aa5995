--- How a breakpoint looks: a sign, and a text behind its line.

local M = {}

local LOOKS = {
  new = { '○', 'LiveBreakWaiting' },
  sending = { '○', 'LiveBreakWaiting' },
  offline = { '○', 'LiveBreakWaiting' },
  stored = { '○', 'LiveBreakWaiting' },
  pending = { '○', 'LiveBreakWaiting' },
  bound = { '●', 'LiveBreakBound' },
  ['rate-limited'] = { '●', 'LiveBreakBound' },
  failed = { '✕', 'LiveBreakFailed' },
  expired = { '◌', 'LiveBreakOff' },
  disabled = { '◌', 'LiveBreakOff' },
  paused = { '◌', 'LiveBreakOff' },
}

local LINKS = {
  LiveBreakWaiting = 'DiagnosticSignWarn',
  LiveBreakBound = 'DiagnosticSignError',
  LiveBreakFailed = 'DiagnosticSignError',
  LiveBreakOff = 'Comment',
  LiveBreakText = 'DiagnosticVirtualTextInfo',
}

for name, link in pairs(LINKS) do
  vim.api.nvim_set_hl(0, name, { link = link, default = true })
end

--- Above the signs of diagnostics (10), below those of debuggers (20 and more).
local PRIORITY = 15

--- JSON's null comes as `vim.NIL` from some versions, and that counts as true.
local function present(value)
  return value ~= vim.NIL and value or nil
end

--- Characters of a condition or log message: enough to tell it by.
local SETTING_WIDTH = 30

--- What the breakpoint waits for, or logs.
---@param state livebreak.State
---@return string
local function setting(state)
  local condition, message = present(state.condition), present(state.logMessage)
  local text = condition and ('if ' .. condition) or message and ('log ' .. message) or ''
  return vim.fn.strchars(text) > SETTING_WIDTH and vim.fn.strcharpart(text, 0, SETTING_WIDTH) .. '…' or text
end

---@param state? livebreak.State nil: the server has not answered yet
---@param hits? string the newest hit in a line of text
---@return string
local function text(state, hits)
  if not state then
    return ''
  end
  -- What is wrong now comes before what was seen earlier.
  local is_fine = state.state == 'bound' or state.state == 'stored'
  local wrong = present(state.trouble) or (present(state.runs) and 'differs from what runs')
  local parts = { setting(state), wrong or not (hits and is_fine) and state.message, hits or false }
  if state.mine == false and state.owner then
    table.insert(parts, state.owner)
  end
  return table.concat(vim.tbl_filter(function(part)
    return part and part ~= ''
  end, parts), ' · ')
end

--- The options of an extmark that shows a breakpoint.
---@param state? livebreak.State
---@param hits? string
---@return vim.api.keyset.set_extmark
function M.options(state, hits)
  local look = LOOKS[state and state.state or 'new'] or LOOKS.stored
  local behind = require('livebreak.client').plain(text(state, hits))
  return {
    sign_text = look[1],
    sign_hl_group = look[2],
    virt_text = behind ~= '' and { { '  ' .. behind, 'LiveBreakText' } } or nil,
    virt_text_pos = 'eol',
    hl_mode = 'combine',
    priority = PRIORITY,
  }
end

return M

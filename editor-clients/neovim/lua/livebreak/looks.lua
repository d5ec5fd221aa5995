--- How a breakpoint looks: a sign, and a text behind its line.

local config = require('livebreak.config')
local text = require('livebreak.text')

local M = {}

local GROUPS = {
  sending = 'LiveBreakSending',
  offline = 'LiveBreakOffline',
  stored = 'LiveBreakStored',
  pending = 'LiveBreakPending',
  bound = 'LiveBreakBound',
  ['rate-limited'] = 'LiveBreakRateLimited',
  failed = 'LiveBreakFailed',
  expired = 'LiveBreakExpired',
  disabled = 'LiveBreakDisabled',
  paused = 'LiveBreakPaused',
}

local LINKS = {
  LiveBreakSending = 'DiagnosticSignHint',
  LiveBreakOffline = 'DiagnosticSignWarn',
  LiveBreakStored = 'DiagnosticSignHint',
  LiveBreakPending = 'DiagnosticSignWarn',
  LiveBreakBound = 'DiagnosticSignOk',
  LiveBreakRateLimited = 'DiagnosticSignOk',
  LiveBreakFailed = 'DiagnosticSignError',
  LiveBreakExpired = 'Comment',
  LiveBreakDisabled = 'Comment',
  LiveBreakPaused = 'DiagnosticSignWarn',
  LiveBreakText = 'Comment',
  LiveBreakTrouble = 'DiagnosticWarn',
  LiveBreakFlash = 'Visual',
  LiveBreakTitle = 'Title',
  LiveBreakFact = 'Comment',
  LiveBreakFrame = 'Function',
  LiveBreakPlace = 'Directory',
  LiveBreakName = 'Identifier',
  LiveBreakType = 'Type',
  LiveBreakValue = 'Normal',
  LiveBreakNote = 'DiagnosticWarn',
  LiveBreakKey = 'Special',
  LiveBreakAdded = 'Added',
  LiveBreakRemoved = 'Removed',
  LiveBreakChanged = 'Changed',
}

--- Link the highlight groups, unless the user or a colour scheme has set them.
function M.link()
  for name, link in pairs(LINKS) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
end

M.link()

--- Above the signs of diagnostics (10), below those of debuggers (20 and more). One's own is above a teammate's.
local PRIORITY, PRIORITY_OF_OTHERS = 16, 15

--- Characters of a condition or log message: enough to tell it by.
local SETTING_WIDTH = 30

--- What the breakpoint waits for, or logs.
---@param state livebreak.State
---@return string
function M.setting(state)
  local setting = state.condition and ('if ' .. state.condition) or state.logMessage and ('log ' .. state.logMessage) or ''
  return text.clip(text.plain(setting), SETTING_WIDTH)
end

--- The sign of a state, and its highlight group.
---@param state livebreak.State?
---@return string, string
function M.sign(state)
  local name = state and GROUPS[state.state] and state.state or 'sending'
  local signs = config.get().signs
  local sign = name == 'bound' and state and state.logMessage and signs.logpoint or signs[name]
  return sign, GROUPS[name]
end

--- The text behind a line, in pieces with their highlight groups.
---@param state livebreak.State
---@param hits string?
---@return { [1]: string, [2]: string }[]
local function behind(state, hits)
  local is_fine = state.state == 'bound' or state.state == 'stored' or state.state == 'rate-limited'
  local trouble = state.trouble or (state.runs and 'differs from what runs')
  local is_shown = state.mine or state.followed
  local wrong = trouble or not (hits and is_fine) and (state.brief or state.message) or ''
  -- A long line of code leaves little room, so what is wrong comes first, then what was seen, then what is known anyway.
  local parts = {
    { wrong, trouble and 'LiveBreakTrouble' or 'LiveBreakText' },
    { is_shown and hits or (hits and ('%d hits'):format(state.hits)) or '', 'LiveBreakText' },
    { M.setting(state), 'LiveBreakText' },
    { state.mine and '' or state.owner or 'somebody else', 'LiveBreakText' },
  }
  local pieces = {}
  for _, part in ipairs(parts) do
    if part[1] ~= '' then
      table.insert(pieces, { (#pieces > 0 and ' · ' or '  ') .. text.plain(part[1]), part[2] })
    end
  end
  return pieces
end

--- The options of an extmark that shows a breakpoint.
---@param state livebreak.State? nil: the server has not answered yet
---@param hits string? the newest hit in a line of text
---@return vim.api.keyset.set_extmark
function M.options(state, hits)
  local sign, group = M.sign(state)
  local pieces = state and config.get().virtual_text and behind(state, hits) or {}
  return {
    sign_text = sign,
    sign_hl_group = group,
    virt_text = #pieces > 0 and pieces or nil,
    virt_text_pos = 'eol',
    hl_mode = 'combine',
    priority = state and state.mine == false and PRIORITY_OF_OTHERS or PRIORITY,
  }
end

return M

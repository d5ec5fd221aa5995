--- Text that others wrote, made fit for one line of a screen.

local M = {}

--- Controls of direction: with them a value can look like another one.
local DIRECTION = { '\u{061c}', '\u{200e}', '\u{200f}' }
for code = 0x202a, 0x202e do
  table.insert(DIRECTION, vim.fn.nr2char(code, true))
end
for code = 0x2066, 0x2069 do
  table.insert(DIRECTION, vim.fn.nr2char(code, true))
end
--- Lines end at these, too, for some terminals.
local ENDS = { '\u{0085}', '\u{2028}', '\u{2029}' }

--- Bytes of one line. More than any screen has cells, and little enough to be measured and drawn at once.
local LONGEST = 8 * 1024

--- Text from the server as one line: a process may have captured anything.
---@param text any
---@return string
function M.plain(text)
  local line = tostring(text)
  if #line > LONGEST then
    -- Not within a character.
    line = line:sub(1, LONGEST + vim.str_utf_start(line, LONGEST + 1)) .. '…'
  end
  line = line:gsub('%c', ' ')
  if not line:find('[\128-\255]') then
    return line
  end
  for _, control in ipairs(DIRECTION) do
    line = line:gsub(control, '\u{fffd}')
  end
  for _, ending in ipairs(ENDS) do
    line = line:gsub(ending, ' ')
  end
  -- The rest of C1, which old terminals obey.
  return (line:gsub('\194[\128-\159]', ' '))
end

--- At most so many cells of the screen.
---@param text string
---@param cells integer
---@return string
function M.clip(text, cells)
  if vim.fn.strdisplaywidth(text) <= cells then
    return text
  end
  local kept = vim.fn.strcharpart(text, 0, cells)
  while kept ~= '' and vim.fn.strdisplaywidth(kept) > cells - 1 do
    kept = vim.fn.strcharpart(kept, 0, vim.fn.strchars(kept) - 1)
  end
  return kept .. '…'
end

--- Filled with blanks to so many cells.
---@param text string
---@param cells integer
---@return string
function M.pad(text, cells)
  return text .. (' '):rep(cells - vim.fn.strdisplaywidth(text))
end

--- The time of day of a time of ISO 8601, where this machine is; with the date if it is another day than today.
---@param timestamp string
---@return string
function M.time(timestamp)
  local year, month, day, hour, minute, second = timestamp:match('^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)')
  if not year then
    return M.plain(timestamp)
  end
  local utc = { year = year, month = month, day = day, hour = hour, min = minute, sec = second, isdst = false }
  -- `os.time` takes its table for local time; the difference to UTC is that of this moment.
  local guess = os.time(utc) --[[@as integer]]
  local parts = os.date('!*t', guess) --[[@as osdate]]
  parts.isdst = false
  local moment = guess + (
      guess - os.time(parts --[[@as osdateparam]])
    )
  local is_today = os.date('%F', moment) == os.date('%F')
  return os.date(is_today and '%H:%M:%S' or '%F %H:%M:%S', moment) --[[@as string]]
end

return M

--- The difference of two hits as a page.

local text = require('livebreak.text')

local M = {}

local SIGNS = { added = { '+', 'LiveBreakAdded' }, removed = { '-', 'LiveBreakRemoved' }, changed = { '~', 'LiveBreakChanged' } }

--- Cells of an expression and of a value in its column.
local WIDEST_NAME, WIDEST_VALUE = 30, 40

---@param rows table[]
---@param field string
---@param most integer
---@return integer
local function widest(rows, field, most)
  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, math.min(vim.fn.strdisplaywidth(text.plain(row[field] or '')), most))
  end
  return width
end

---@param comparison livebreak.Comparison
---@return livebreak.Page
function M.page(comparison)
  local lines = {}
  local names = widest(comparison.rows, 'expression', WIDEST_NAME)
  local befores = widest(comparison.rows, 'before', WIDEST_VALUE)
  for _, row in ipairs(comparison.rows) do
    local sign = SIGNS[row.kind] or SIGNS.changed
    local before = text.pad(text.clip(text.plain(row.before or ''), befores), befores)
    table.insert(lines, {
      { ' ' .. sign[1] .. ' ', sign[2] },
      { text.pad(text.plain(row.expression), names), 'LiveBreakName' },
      { '  ' .. before, 'LiveBreakFact' },
      { row.after and '  → ' or '', 'LiveBreakFact' },
      { text.plain(row.after or ''), 'LiveBreakValue' },
    })
  end
  local same = comparison.unchanged == 1 and '1 value is' or ('%d values are'):format(comparison.unchanged)
  table.insert(lines, { { ('   %s the same'):format(same), 'LiveBreakFact' } })
  if comparison.note then
    table.insert(lines, { { '   ' .. text.plain(comparison.note), 'LiveBreakNote' } })
  end
  return { title = 'what changed since the hit before', footer = 'q close', lines = lines }
end

return M

--- A hit as lines of a page: where and when, its values, its stack.

local text = require('livebreak.text')

local M = {}

---@class livebreak.Row what stands on a line of the page
---@field kind 'frame'|'variable'|'more'
---@field frame integer 0-based
---@field variable livebreak.Variable?
---@field path string[]?
---@field shown integer?

---@class livebreak.View a hit, and what of it is unfolded
---@field hit livebreak.Hit
---@field here livebreak.Here?
---@field origin { window: integer, buffer: integer, line: integer }
---@field unfolded table<string, boolean>
---@field values table<string, livebreak.Variables> what was fetched
---@field lists_keys boolean

--- Cells of a name and of a type: longer ones push their own value only.
local WIDEST_NAME, WIDEST_TYPE = 24, 24

--- What belongs to one fold: a frame, with an empty path, or a value in it.
---@param frame integer
---@param path string[]
---@return string
function M.key(frame, path)
  return frame .. ' ' .. vim.json.encode(path)
end

---@param pieces { name: string, type: string }[]
---@param field 'name'|'type'
---@param most integer
---@return integer
local function widest(pieces, field, most)
  local width = 0
  for _, piece in ipairs(pieces) do
    local own = vim.fn.strdisplaywidth(text.plain(piece[field]))
    width = own <= most and math.max(width, own) or width
  end
  return width
end

---@param variable { name: string, type: string, text: string, note: string? }
---@param indent string
---@param sign string
---@param names integer
---@param types integer
---@return livebreak.Line
local function value_line(variable, indent, sign, names, types)
  return {
    { indent .. sign .. ' ' },
    { text.pad(text.plain(variable.name), names), 'LiveBreakName' },
    { '  ' },
    { text.pad(text.plain(variable.type), types), 'LiveBreakType' },
    { '  ' .. text.plain(variable.text), 'LiveBreakValue' },
    { variable.note and ('  ' .. text.plain(variable.note)) or '', 'LiveBreakNote' },
  }
end

---@param view livebreak.View
---@param frame integer
---@param path string[]
---@param indent string
---@param add fun(line: livebreak.Line, row: livebreak.Row?)
local function add_values(view, frame, path, indent, add)
  local level = view.values[M.key(frame, path)]
  if not level then
    add({ { indent .. '  …', 'LiveBreakFact' } })
    return
  end
  if #level.variables == 0 or level.note then
    add({ { indent .. '  ' .. text.plain(level.note or 'There are no variables.'), 'LiveBreakFact' } })
  end
  local names, types = widest(level.variables, 'name', WIDEST_NAME), widest(level.variables, 'type', WIDEST_TYPE)
  for _, variable in ipairs(level.variables) do
    local is_open = view.unfolded[M.key(frame, variable.path)]
    local sign = variable.children == 0 and ' ' or is_open and '▾' or '▸'
    add(value_line(variable, indent, sign, names, types), { kind = 'variable', frame = frame, variable = variable })
    if is_open and variable.children > 0 then
      add_values(view, frame, variable.path, indent .. '  ', add)
    end
  end
  if level.total > #level.variables then
    local row = { kind = 'more', frame = frame, path = path, shown = #level.variables }
    add({ { ('%s  … %d more'):format(indent, level.total - #level.variables), 'LiveBreakKey' } }, row)
  end
end

---@param keys string|string[]|false
---@return string?
local function first(keys)
  local key = type(keys) == 'table' and keys[1] or keys
  return key and key ~= '' and key --[[@as string]] or nil
end

local WORDS = {
  { 'fold', 'unfold or fold the value or frame' },
  { 'open', "go to the frame's line" },
  { 'older', 'the hit before' },
  { 'newer', 'the hit after' },
  { 'diff', 'what changed since the hit before' },
  { 'copy', 'copy the value' },
  { 'copy_hit', 'copy the whole hit as JSON' },
  { 'share', 'copy a reference to the hit' },
  { 'find', 'find hits where it has this value' },
  { 'only', 'break only when it has this value' },
  { 'keys', 'show or hide these keys' },
  { 'close', 'close' },
}

local SHORT = {
  { 'fold', 'fold' },
  { 'open', 'go to frame' },
  { 'older', 'older' },
  { 'newer', 'newer' },
  { 'copy', 'copy' },
  { 'keys', 'keys' },
  { 'close', 'close' },
}

--- The most used keys in one line, as they are set.
---@return string
function M.footer()
  local keys = require('livebreak.config').get().float.keys
  local words = {}
  for _, item in ipairs(SHORT) do
    local key = first(keys[item[1]])
    if key then
      table.insert(words, key .. ' ' .. item[2])
    end
  end
  return table.concat(words, ' · ')
end

---@param add fun(line: livebreak.Line)
local function add_keys(add)
  local keys = require('livebreak.config').get().float.keys
  for _, item in ipairs(WORDS) do
    local set = keys[item[1]] or {}
    local all = table.concat(type(set) == 'table' and set or { set }, ' ')
    if all ~= '' then
      add({ { '  ' .. text.pad(all, 12), 'LiveBreakKey' }, { item[2], 'LiveBreakFact' } })
    end
  end
  add({ { '' } })
end

--- Where the hit was and which of all it is, for the title.
---@param view livebreak.View
---@return string
function M.title(view)
  local frame = view.hit.frames[1]
  local words = { frame and text.plain(('%s:%d'):format(frame.filename, frame.line + 1)) or 'a hit' }
  local hits = view.here and view.here.hits
  if hits and hits.newest.id == view.hit.id then
    table.insert(words, hits.count == 1 and 'the only hit' or ('newest of %d hits'):format(hits.count))
  elseif hits then
    table.insert(words, 'an older hit')
  end
  return table.concat(words, ' · ')
end

--- The page, and what stands on each of its lines.
---@param view livebreak.View
---@return livebreak.Line[] lines
---@return table<integer, livebreak.Row> rows by 1-based line
function M.render(view)
  local lines, rows = {}, {}
  local function add(line, row)
    table.insert(lines, line)
    rows[#lines] = row
  end
  if view.lists_keys then
    add_keys(add)
  end
  local hit = view.hit
  local facts = { text.time(hit.timestamp) }
  table.insert(facts, hit.process and text.plain(hit.process) or nil)
  local condition = view.here and view.here.state and require('livebreak.looks').setting(view.here.state) or ''
  if condition ~= '' then
    table.insert(facts, condition)
  end
  add({ { ' ' .. table.concat(facts, ' · '), 'LiveBreakFact' } })
  if hit.message then
    add({ { ' ' .. text.plain(hit.message), 'LiveBreakTitle' } })
  end
  local names, types = widest(hit.watches or {}, 'name', WIDEST_NAME), widest(hit.watches or {}, 'type', WIDEST_TYPE)
  for _, watch in ipairs(hit.watches or {}) do
    add(value_line(watch, ' ', ' ', names, types))
  end
  local functions = 0
  for _, frame in ipairs(hit.frames) do
    functions = math.max(functions, math.min(vim.fn.strdisplaywidth(text.plain(frame['function'])), WIDEST_NAME))
  end
  for index, frame in ipairs(hit.frames) do
    local is_open = view.unfolded[M.key(index - 1, {})]
    local has_values = index == 1 or #(frame.variables or {}) > 0
    add({
      { ' ' .. (has_values and (is_open and '▾' or '▸') or ' ') .. ' ' },
      { text.pad(text.plain(frame['function']), functions), 'LiveBreakFrame' },
      { '  ' },
      { text.plain(('%s:%d'):format(frame.filename, frame.line + 1)), frame.uri and 'LiveBreakPlace' or 'LiveBreakFact' },
    }, { kind = 'frame', frame = index - 1 })
    if is_open then
      add_values(view, index - 1, {}, '   ', add)
    end
  end
  return lines, rows
end

return M

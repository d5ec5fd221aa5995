--- A floating window beside the cursor: a page of coloured lines, with keys of its own.

local config = require('livebreak.config')

local M = {}

---@alias livebreak.Piece { [1]: string, [2]: string? } a text and its highlight group
---@alias livebreak.Line livebreak.Piece[]

---@class livebreak.Float
---@field window integer
---@field buffer integer
---@field origin { window: integer, buffer: integer, line: integer } what it is about
---@field side 'above'|'below' of the line
---@field data any whatever the page is of

---@class livebreak.Page
---@field title string
---@field footer string?
---@field lines livebreak.Line[]
---@field wraps boolean? sentences, which are read whole; tables are cut
---@field keys table<string, fun()>? by the names of `float.keys`
---@field data any

local NAMESPACE = vim.api.nvim_create_namespace('livebreak-float')

--- Narrower ones cut their own footer.
local LEAST_WIDTH = 40

---@type livebreak.Float?
local current

--- The float that is open now.
---@return livebreak.Float?
function M.current()
  if current and not (vim.api.nvim_win_is_valid(current.window) and vim.api.nvim_buf_is_valid(current.buffer)) then
    current = nil
  end
  return current
end

function M.close()
  local float = M.current()
  current = nil
  if float then
    local was_inside = vim.api.nvim_get_current_win() == float.window
    vim.api.nvim_win_close(float.window, true)
    if was_inside and vim.api.nvim_win_is_valid(float.origin.window) then
      vim.api.nvim_set_current_win(float.origin.window)
    end
  end
end

---@param lines livebreak.Line[]
---@return string[]
local function plain(lines)
  return vim.tbl_map(function(line)
    return table.concat(vim.tbl_map(function(piece)
      return piece[1]
    end, line))
  end, lines)
end

---@param buffer integer
---@param lines livebreak.Line[]
local function fill(buffer, lines)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, plain(lines))
  vim.bo[buffer].modifiable = false
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
  for row, line in ipairs(lines) do
    local column = 0
    for _, piece in ipairs(line) do
      local ending = column + #piece[1]
      if piece[2] and ending > column then
        vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, row - 1, column, { end_col = ending, hl_group = piece[2] })
      end
      column = ending
    end
  end
end

--- Below the line that it is about, or above where there is more room.
---@param window integer of that line
---@param line integer 0-based
---@param page livebreak.Page
---@param side 'above'|'below'|nil where it is already: it does not jump when something is unfolded
---@return vim.api.keyset.win_config
---@return 'above'|'below'
local function layout(window, line, page, side)
  local settings = config.get().float
  local width = math.max(LEAST_WIDTH, vim.fn.strdisplaywidth(page.title) + 4, vim.fn.strdisplaywidth(page.footer or '') + 2)
  for _, text in ipairs(plain(page.lines)) do
    width = math.max(width, vim.fn.strdisplaywidth(text) + 1)
  end
  width = math.max(math.min(width, math.floor(vim.o.columns * settings.width)), 1)
  local place = vim.fn.screenpos(window, line + 1, 1)
  -- A line that is out of sight has no place: then it is that of the cursor.
  local row = place.row > 0 and place.row or vim.fn.screenrow()
  local above, below = row - 1, vim.o.lines - vim.o.cmdheight - row - 1
  local borders = 2
  local rows = 0
  for _, text in ipairs(plain(page.lines)) do
    -- A line that breaks between words may need one row more than its cells.
    local needed = math.ceil(vim.fn.strdisplaywidth(text) / width)
    rows = rows + (page.wraps and needed > 1 and needed + 1 or 1)
  end
  local wanted = math.min(rows, math.floor(vim.o.lines * settings.height))
  local is_below = side == 'below' or (side == nil and (below - borders >= wanted or below >= above))
  local height = math.max(math.min(wanted, (is_below and below or above) - borders), 1)
  local column = math.max(place.col - 1, 0)
  return {
    relative = 'editor',
    row = is_below and row or math.max(above - height - borders, 0),
    col = math.max(math.min(column, vim.o.columns - width - borders), 0),
    width = width,
    height = height,
    style = 'minimal',
    border = settings.border,
    title = ' ' .. page.title .. ' ',
    footer = page.footer and (' ' .. page.footer .. ' ') or nil,
    footer_pos = page.footer and 'right' or nil,
  },
    is_below and 'below' or 'above'
end

---@param buffer integer
---@param actions table<string, fun()>
local function map(buffer, actions)
  for name, keys in pairs(config.get().float.keys) do
    local action = actions[name]
    for _, key in ipairs(action and (type(keys) == 'table' and keys or { keys or nil }) or {}) do
      vim.keymap.set('n', key, action, { buffer = buffer, nowait = true, desc = 'LiveBreak: ' .. name })
    end
  end
end

--- Show a page; one that is open already gets the new content.
---@param page livebreak.Page
---@param origin { window: integer, buffer: integer, line: integer }
---@return livebreak.Float
function M.show(page, origin)
  local float = M.current()
  local is_same = float ~= nil and float.origin.window == origin.window
  if float and not is_same then
    M.close()
  end
  local place, side = layout(origin.window, origin.line, page, is_same and float and float.side or nil)
  local buffer = is_same and float and float.buffer or vim.api.nvim_create_buf(false, true)
  if is_same and float then
    local view = vim.api.nvim_win_call(float.window, vim.fn.winsaveview)
    vim.api.nvim_win_set_config(float.window, place)
    fill(buffer, page.lines)
    vim.api.nvim_win_call(float.window, function()
      vim.fn.winrestview(view)
    end)
    for _, mapping in ipairs(vim.api.nvim_buf_get_keymap(buffer, 'n')) do
      vim.keymap.del('n', mapping.lhs, { buffer = buffer })
    end
  else
    fill(buffer, page.lines)
    vim.bo[buffer].bufhidden = 'wipe'
    vim.bo[buffer].filetype = 'livebreak'
    local window = vim.api.nvim_open_win(buffer, config.get().float.enter, place)
    vim.wo[window].linebreak = true
    vim.wo[window].cursorline = true
    float = { window = window, buffer = buffer, origin = origin }
    current = float
  end
  ---@cast float -nil
  vim.wo[float.window].wrap = page.wraps or false
  float.origin, float.side, float.data = origin, side, page.data
  map(buffer, vim.tbl_extend('keep', page.keys or {}, { close = M.close }))
  return float
end

--- Go into the float that is open.
function M.enter()
  local float = M.current()
  if float then
    vim.api.nvim_set_current_win(float.window)
  end
end

--- A page of plain text.
---@param title string
---@param text string
---@param origin { window: integer, buffer: integer, line: integer }
function M.text(title, text, origin)
  local lines = vim.tbl_map(function(line)
    return { { require('livebreak.text').plain(line) } }
  end, vim.split(vim.trim(text), '\n'))
  M.show({ title = title, footer = 'q close', lines = lines, wraps = true }, origin)
end

return M

--- A hit in the floating window, and what its keys do.

local config = require('livebreak.config')
local float = require('livebreak.float')
local hit_page = require('livebreak.hit_page')
local requests = require('livebreak.requests')
local tell = require('livebreak.tell')

local M = {}

--- Values of one level that are fetched at once.
local PAGE = 100

local show

---@param view livebreak.View
---@return livebreak.Row?
local function row_here(view)
  local open = float.current()
  if open and open.data == view then
    local _, rows = hit_page.render(view)
    return rows[vim.api.nvim_win_get_cursor(open.window)[1]]
  end
end

--- Fetch one level of values, and show it.
---@param view livebreak.View
---@param frame integer
---@param path string[]
---@param offset integer
local function fetch(view, frame, path, offset)
  local params = { hitId = view.hit.id, frame = frame, path = path, offset = offset, limit = PAGE }
  requests.request(view.origin.buffer, 'livebreak/variables', params, function(result)
    local key = hit_page.key(frame, path)
    local level = offset > 0 and view.values[key] or { variables = {}, total = 0 }
    vim.list_extend(level.variables, result.variables)
    level.total, level.note = result.total, result.note
    view.values[key] = level
    local open = float.current()
    if open and open.data == view then
      show(view)
    end
  end)
end

---@param view livebreak.View
---@param frame integer
---@param path string[]
local function fold(view, frame, path)
  local key = hit_page.key(frame, path)
  view.unfolded[key] = not view.unfolded[key]
  if view.unfolded[key] and not view.values[key] then
    fetch(view, frame, path, 0)
  end
  show(view)
end

---@param view livebreak.View
---@param direction 'olderThan'|'newerThan'
local function step(view, direction)
  local params = { breakpointId = view.hit.breakpointId, [direction] = view.hit.id, limit = 1 }
  requests.request(view.origin.buffer, 'livebreak/hitList', params, function(list)
    local next_hit = list.hits[#list.hits]
    if next_hit then
      M.open(next_hit.id, view.origin, view)
    else
      tell.info(direction == 'olderThan' and 'this is the oldest hit that is kept.' or 'this is the newest hit.')
    end
  end)
end

--- Put something where the user's `"x` before the key says, or where copied text goes.
---@param value string
---@param what string
---@param register string as it was when the key was pressed
local function copy(value, what, register)
  vim.fn.setreg(register, value)
  tell.info(('%s is in register %s.'):format(what, register))
end

---@param view livebreak.View
---@param action fun(variable: livebreak.Variable)
local function with_variable(view, action)
  local row = row_here(view)
  if row and row.variable then
    action(row.variable)
  else
    tell.info('go to the line of a value first.')
  end
end

---@param view livebreak.View
---@param action fun(condition: string)
local function with_value(view, action)
  with_variable(view, function(variable)
    if variable.equals then
      action(variable.equals)
    else
      tell.info(('%s is no plain value that a condition can name.'):format(variable.name))
    end
  end)
end

---@param view livebreak.View
---@return table<string, fun()>
local function keys(view)
  local buffer = view.origin.buffer
  return {
    fold = function()
      local row = row_here(view)
      if row and row.kind == 'more' then
        fetch(view, row.frame, row.path, row.shown)
      elseif row and row.kind == 'frame' then
        fold(view, row.frame, {})
      elseif row and row.variable.children > 0 then
        fold(view, row.frame, row.variable.path)
      end
    end,
    open = function()
      local row = row_here(view)
      M.go_to_frame(view.hit, row and row.frame or 0, view.origin)
    end,
    older = function()
      step(view, 'olderThan')
    end,
    newer = function()
      step(view, 'newerThan')
    end,
    diff = function()
      M.compare(view.hit.id, view.origin)
    end,
    copy = function()
      with_variable(view, function(variable)
        copy(variable.text, variable.name, vim.v.register)
      end)
    end,
    copy_hit = function()
      local register = vim.v.register
      requests.execute(buffer, 'copyHit', { id = view.hit.id }, function(json)
        copy(json, 'the hit', register)
      end)
    end,
    share = function()
      local register = vim.v.register
      requests.execute(buffer, 'shareHit', { id = view.hit.id }, function(reference)
        copy(reference, reference, register)
      end)
    end,
    find = function()
      with_value(view, function(condition)
        require('livebreak.hit_list').show(view.origin, view.hit.breakpointId, condition)
      end)
    end,
    only = function()
      with_value(view, function(condition)
        require('livebreak.commands.setting').narrow(view.origin.buffer, view.hit.breakpointId, condition)
      end)
    end,
    keys = function()
      view.lists_keys = not view.lists_keys
      show(view)
    end,
  }
end

---@param view livebreak.View
show = function(view)
  local lines = hit_page.render(view)
  local page = { title = hit_page.title(view), footer = hit_page.footer(), lines = lines, keys = keys(view), data = view }
  float.show(page, view.origin)
end

--- Go to a frame's file at its line as it is now, in the window that the hit is about.
---@param hit livebreak.Hit
---@param index integer 0 is the innermost
---@param origin { window: integer, buffer: integer, line: integer }
function M.go_to_frame(hit, index, origin)
  local frame = hit.frames[index + 1]
  if not frame then
    tell.error(('the hit has %d frames, 0 to %d.'):format(#hit.frames, #hit.frames - 1))
    return
  elseif not frame.uri then
    tell.info(('%s is not in this workspace.'):format(frame.filename))
    return
  end
  float.close()
  if vim.api.nvim_win_is_valid(origin.window) then
    vim.api.nvim_set_current_win(origin.window)
  end
  local place = { line = frame.line, character = 0 }
  vim.lsp.util.show_document({ uri = frame.uri, range = { start = place, ['end'] = place } }, 'utf-8', { focus = true })
  vim.cmd.normal({ '^', bang = true })
end

--- Fetch a hit.
---@param buffer integer
---@param id string
---@param on_hit fun(hit: livebreak.Hit)
function M.fetch(buffer, id, on_hit)
  requests.request(buffer, 'livebreak/hit', { id = id }, on_hit)
end

--- Show a hit in the floating window.
---@param id string
---@param origin { window: integer, buffer: integer, line: integer }
---@param before livebreak.View? the hit that was there: what is unfolded in it stays so
function M.open(id, origin, before)
  M.fetch(origin.buffer, id, function(hit)
    local here = vim.iter(require('livebreak.drawing').all(origin.buffer)):find(function(it)
      return it.state and it.state.id == hit.breakpointId
    end)
    local view = {
      hit = hit,
      here = here,
      origin = origin,
      unfolded = before and before.unfolded or { [hit_page.key(0, {})] = true },
      values = {},
      lists_keys = before and before.lists_keys or false,
    }
    show(view)
    for key, is_open in pairs(view.unfolded) do
      local frame, path = key:match('^(%d+) (.*)$')
      if is_open and tonumber(frame) < #hit.frames then
        fetch(view, tonumber(frame) --[[@as integer]], vim.json.decode(path), 0)
      end
    end
    if not config.get().float.enter then
      return
    end
    float.enter()
  end)
end

--- Show what changed from one hit to another one.
---@param newer string
---@param origin { window: integer, buffer: integer, line: integer }
---@param older string? the one before, if it is not given
function M.compare(newer, origin, older)
  requests.request(origin.buffer, 'livebreak/compareHits', { newer = newer, older = older }, function(result)
    if not result.older then
      tell.info(result.note or 'there is no hit before this one.')
      return
    end
    float.show(require('livebreak.diff_page').page(result), origin)
  end)
end

return M

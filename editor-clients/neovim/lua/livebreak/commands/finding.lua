--- Subcommands that find breakpoints, and find out what is wrong with one.

local drawing = require('livebreak.drawing')
local requests = require('livebreak.requests')
local tell = require('livebreak.tell')

local M = {}

---@param call livebreak.Call
local function list(call)
  require('livebreak.overview').show(call.place.buffer)
end

--- Go to the next breakpoint of the file, around its end.
---@param step 1|-1
---@return fun(call: livebreak.Call)
local function go(step)
  return function(call)
    local lines = {}
    for _, here in ipairs(drawing.all(call.place.buffer)) do
      if lines[#lines] ~= here.line then
        table.insert(lines, here.line)
      end
    end
    if #lines == 0 then
      tell.info('none in this file; `:LiveBreak list` has all of the project.')
      return
    end
    local line = call.origin.line
    -- How many lie before the cursor, or up to it.
    local before = #vim.tbl_filter(function(it)
      return it < line or (it == line and step == 1)
    end, lines)
    local index = step == 1 and before + call.count or before - call.count + 1
    local target = lines[(index - 1) % #lines + 1]
    vim.api.nvim_set_current_win(call.origin.window)
    vim.cmd.normal({ "m'", bang = true })
    vim.api.nvim_win_set_cursor(call.origin.window, { target + 1, 0 })
    vim.cmd.normal({ '^', bang = true })
  end
end

---@param call livebreak.Call
local function why(call)
  local here = drawing.at(call.place.buffer, call.place.first)
  if not here or not here.state then
    tell.info('no live breakpoint on this line; `:LiveBreak` sets one.')
    return
  end
  local params = { uri = vim.uri_from_bufnr(call.place.buffer), id = here.state.id }
  requests.execute(call.place.buffer, 'why', params, function(page)
    require('livebreak.float').text('why are there no hits?', page, call.origin)
  end)
end

---@type table<string, livebreak.Command>
M.commands = {
  list = { run = list, about = 'all breakpoints of the project, in the quickfix list' },
  next = { run = go(1), is_about_lines = true, about = 'go to the next breakpoint' },
  prev = { run = go(-1), is_about_lines = true, about = 'go to the breakpoint before' },
  why = { run = why, is_about_lines = true, about = 'why are there no hits?' },
}

return M

--- The commands: `:LiveBreak toggle|condition|renew|clear|hits|status`.

local client = require('livebreak.client')
local marks = require('livebreak.marks')

local M = {}

--- The window that a command is about: a second `K` or `:LiveBreak hits` jumps into the floating window, and what is
--- said there is said of the line below it.
---@return integer
local function window()
  local current = vim.api.nvim_get_current_win()
  if vim.api.nvim_win_get_config(current).relative == '' then
    return current
  end
  for _, other in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    -- Neovim notes in a buffer which floating window belongs to it.
    local ok, float = pcall(vim.api.nvim_buf_get_var, vim.api.nvim_win_get_buf(other), 'lsp_floating_preview')
    if ok and float == current then
      return other
    end
  end
  return current
end

---@return integer buffer, integer line 0-based
local function here()
  local found = window()
  return vim.api.nvim_win_get_buf(found), vim.api.nvim_win_get_cursor(found)[1] - 1
end

--- The user's mark on the line if there is one, else a breakpoint of theirs that was set elsewhere.
local function remove_at(buffer, line)
  local mark = marks.at(buffer, line)
  if mark then
    marks.remove(buffer, mark)
    client.send_marks(buffer)
    return true
  end
  local state = marks.state_at(buffer, line)
  if not state then
    return false
  end
  local argument = { uri = vim.uri_from_bufnr(buffer), id = state.id }
  client.request(buffer, 'workspace/executeCommand', { command = 'livebreak.remove', arguments = { argument } }, function() end)
  return true
end

--- Set a live breakpoint on the cursor's line, or remove the one that is there.
function M.toggle()
  local buffer, line = here()
  if vim.bo[buffer].filetype ~= 'python' then
    client.tell('live breakpoints are for Python files.', vim.log.levels.WARN)
  elseif not remove_at(buffer, line) then
    marks.set(buffer, line)
    client.send_marks(buffer)
  end
end

--- Give the cursor's line a breakpoint with a condition, and ask for it if it is not given.
---@param condition? string
function M.condition(condition)
  local buffer, line = here()
  if not condition then
    local state = marks.state_at(buffer, line)
    local default = state and state.condition ~= vim.NIL and state.condition or ''
    vim.ui.input({ prompt = 'Live breakpoint if: ', default = default }, function(text)
      if text then
        M.condition(text)
      end
    end)
    return
  end
  condition = vim.trim(condition)
  local function set()
    marks.set(buffer, line, { condition = condition ~= '' and condition or nil })
    client.send_marks(buffer)
  end
  if condition == '' then
    set()
    return
  end
  local params = { text = condition, uri = vim.uri_from_bufnr(buffer), line = line }
  client.request(buffer, 'livebreak/checkCondition', params, function(result)
    if result.ok then
      set()
      if result.doubt then
        client.tell(result.doubt, vim.log.levels.WARN)
      end
    else
      client.tell(result.message, vim.log.levels.ERROR)
    end
  end)
end

--- Let the breakpoint of the cursor's line, which has expired or soon will, go on.
function M.renew()
  local buffer, line = here()
  local state = marks.state_at(buffer, line)
  if not state then
    client.tell('there is no live breakpoint on this line.')
    return
  end
  local argument = { uri = vim.uri_from_bufnr(buffer), id = state.id }
  client.request(buffer, 'workspace/executeCommand', { command = 'livebreak.renew', arguments = { argument } }, function() end)
end

--- Remove the user's marks from this file.
function M.clear()
  local buffer = here()
  marks.clear(buffer)
  client.send_marks(buffer)
end

---@param lines string[]
---@param variables table[]?
---@param indent string
local function add_variables(lines, variables, indent)
  for _, variable in ipairs(variables or {}) do
    local note = variable.note and variable.note ~= vim.NIL and (' (' .. variable.note .. ')') or ''
    table.insert(lines, ('%s%s: %s = %s%s'):format(indent, variable.name, variable.type, variable.text, note))
    add_variables(lines, variable.children, indent .. '  ')
  end
end

---@param hit table a `HitResult`
---@return string[]
local function page(hit)
  local lines = { hit.timestamp .. (hit.process and hit.process ~= vim.NIL and ('  ' .. hit.process) or '') }
  if hit.message and hit.message ~= vim.NIL then
    table.insert(lines, hit.message)
  end
  add_variables(lines, hit.watches, '  ')
  for _, frame in ipairs(hit.frames) do
    table.insert(lines, ('%s  %s:%d'):format(frame['function'], frame.filename, frame.line + 1))
    add_variables(lines, frame.variables, '    ')
  end
  return vim.tbl_map(client.plain, lines)
end

--- Show the newest hit of the line: its locals and its stack.
function M.hits()
  local buffer, line = here()
  local state, hits = marks.state_at(buffer, line)
  if not hits then
    client.tell(state and ('no hits yet. ' .. state.message) or 'there is no live breakpoint on this line.')
    return
  end
  -- Asked from a floating window, the next one belongs to the file below it all the same.
  vim.api.nvim_set_current_win(window())
  client.request(buffer, 'livebreak/hit', { id = hits.newest.id }, function(hit)
    local options = { border = 'rounded', focus_id = 'livebreak', wrap = false, title = ' newest hit, q closes ' }
    local buffer, window = vim.lsp.util.open_floating_preview(page(hit), '', options)
    vim.keymap.set('n', 'q', function()
      if vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_close(window, true)
      end
    end, { buffer = buffer, nowait = true })
  end)
end

--- Say where this editor is connected to.
function M.show_status()
  client.request(here(), 'livebreak/status', nil, function(status)
    client.status = status
    client.tell(status.message)
  end)
end

--- For a status line: the connection in a word, with the project.
---@return string
function M.statusline()
  local status = client.status
  if not status then
    return ''
  end
  local project = status.project and status.project ~= vim.NIL and (' ' .. status.project) or ''
  return client.plain('LiveBreak ' .. status.connection .. project)
end

---@param buffer integer
function M.text_changed(buffer)
  if marks.have_changed(buffer) then
    client.send_marks(buffer)
  end
end

local SUBCOMMANDS = {
  toggle = M.toggle,
  condition = M.condition,
  renew = M.renew,
  clear = M.clear,
  hits = M.hits,
  status = M.show_status,
}

--- `:LiveBreak ARGUMENTS`
---@param arguments string
function M.run(arguments)
  local name, rest = arguments:match('^%s*(%S*)%s*(.-)%s*$')
  local subcommand = SUBCOMMANDS[name == '' and 'toggle' or name]
  if not subcommand then
    client.tell(('there is no %s; say one of %s.'):format(name, table.concat(M.complete('', ''), ', ')), vim.log.levels.ERROR)
  elseif rest ~= '' and name ~= 'condition' then
    client.tell(('%s takes nothing after it.'):format(name), vim.log.levels.ERROR)
  else
    subcommand(rest ~= '' and rest or nil)
  end
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  if line:match('^%s*%S+%s+%S+%s') then
    return {}
  end
  local names = vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, vim.tbl_keys(SUBCOMMANDS))
  table.sort(names)
  return names
end

return M

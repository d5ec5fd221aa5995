--- What the user may set, by `vim.g.livebreak` or by `setup()`, and what holds without.

local M = {}

---@class livebreak.Config
local defaults = {
  --- How the language server is started.
  cmd = { 'livebreak', 'lsp' },
  --- Whether the server starts with the first file; otherwise with the first command, or by `vim.lsp.enable('livebreak')`.
  auto_start = true,
  --- Kinds of files that hold breakpoints.
  filetypes = { 'python' },
  --- The stored connection to use, by its name; nil is the default one.
  connection = nil,
  --- Whether breakpoints are armed in production without a question.
  yes_production = false,
  --- Whether the text behind a breakpoint's line is shown.
  virtual_text = true,
  --- Whether a line flashes when a hit arrives after some quiet.
  flash = true,
  --- Where `:LiveBreak hits` shows them: in the location list, or by `vim.ui.select`.
  hits = 'list',
  --- Signs by state, of one or two cells; `logpoint` is a bound one that logs.
  signs = {
    sending = '◌',
    offline = '◌',
    stored = '○',
    pending = '◐',
    bound = '●',
    logpoint = '◆',
    ['rate-limited'] = '◉',
    failed = '✕',
    expired = '⊘',
    disabled = '⊖',
    paused = '‖',
  },
  --- The floating window.
  float = {
    border = 'rounded',
    --- Parts of the screen that it may take.
    width = 0.8,
    height = 0.6,
    --- Whether the cursor goes into it at once; otherwise when it is asked for again.
    enter = true,
    --- A key, a list of keys, or false.
    keys = {
      fold = { '<CR>', '<Tab>' },
      open = 'o',
      older = '[',
      newer = ']',
      diff = 'd',
      copy = 'y',
      copy_hit = 'Y',
      share = 'r',
      find = 's',
      only = 'c',
      keys = 'g?',
      close = { 'q', '<Esc>' },
    },
  },
}

---@type table
local from_setup = {}

--- What is wrong with a value, in words; nil if nothing is.
---@param value any
---@param default any
---@return string?
local function mismatch(value, default)
  if type(default) ~= type(value) then
    return ('a %s is expected, not a %s'):format(type(default), type(value))
  end
end

local CHOICES = { hits = { 'list', 'pick' } }

---@param given table
---@param known table
---@param prefix string
---@param problems string[]
local function check(given, known, prefix, problems)
  for name, value in vim.spairs(given) do
    local full = prefix .. name
    local default = known[name]
    local is_key = prefix == 'float.keys.'
    if full == 'connection' then
      default = ''
    elseif full == 'float.border' and type(value) == 'table' then
      default = {}
    elseif is_key and default ~= nil and (value == false or type(value) == 'string' or type(value) == 'table') then
      default = value
    end
    local choices = CHOICES[full]
    if default == nil then
      table.insert(problems, ('there is no setting %s'):format(full))
    elseif mismatch(value, default) then
      table.insert(problems, ('%s: %s'):format(full, mismatch(value, default)))
    elseif choices and not vim.list_contains(choices, value) then
      table.insert(problems, ('%s: one of %s is expected'):format(full, table.concat(choices, ', ')))
    elseif type(value) == 'table' and not vim.islist(default) and not is_key then
      check(value, default, full .. '.', problems)
    end
  end
end

--- What is wrong with the user's settings, in words.
---@return string[]
function M.problems()
  local problems = {}
  local global = vim.g.livebreak
  if global ~= nil and type(global) ~= 'table' then
    table.insert(problems, 'vim.g.livebreak: a table is expected')
    global = nil
  end
  check(global or {}, defaults, '', problems)
  check(from_setup, defaults, '', problems)
  return problems
end

--- Settings that are of no use are left out, so that one slip costs one setting only.
---@param given any
---@param known table
---@param prefix string
---@return table
local function usable(given, known, prefix)
  local kept = {}
  for name, value in pairs(type(given) == 'table' and given or {}) do
    local problems = {}
    check({ [name] = value }, known, prefix, problems)
    if #problems == 0 then
      kept[name] = value
    elseif type(value) == 'table' and type(known[name]) == 'table' and not vim.islist(known[name]) then
      kept[name] = usable(value, known[name], prefix .. name .. '.')
    end
  end
  return kept
end

--- The settings in force.
---@return livebreak.Config
function M.get()
  local global, own = usable(vim.g.livebreak, defaults, ''), usable(from_setup, defaults, '')
  return vim.tbl_deep_extend('force', defaults, global, own)
end

--- Override settings; what is not named stays.
---@param settings table?
function M.set(settings)
  from_setup = settings or {}
end

return M

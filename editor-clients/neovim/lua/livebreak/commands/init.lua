--- `:LiveBreak`: which subcommands there are, what stands behind them, and how they are completed.

local here = require('livebreak.here')
local tell = require('livebreak.tell')

local M = {}

---@type table<string, livebreak.Command>
local commands = {}
for _, part in ipairs({ 'setting', 'changing', 'hits', 'finding', 'project' }) do
  commands = vim.tbl_extend('error', commands, require('livebreak.commands.' .. part).commands)
end

---@return string[]
function M.names()
  local names = vim.tbl_keys(commands)
  table.sort(names)
  return names
end

--- What is told of a word that names nothing: those that look like it, or all.
---@param word string
---@return string
local function unknown(word)
  local like = vim.fn.matchfuzzy(M.names(), word)
  if #like == 0 then
    like = vim.tbl_filter(function(name)
      return name:sub(1, 1) == word:sub(1, 1)
    end, M.names())
  end
  if #like == 0 then
    like = M.names()
  end
  return ('there is no %s; say %s. `:help :LiveBreak` has all.'):format(word, table.concat(like, ', '))
end

---@class livebreak.Given what Neovim gives a command, as much as is needed
---@field args string
---@field bang boolean?
---@field range integer?
---@field line1 integer?
---@field line2 integer?
---@field count integer?

--- `:LiveBreak ARGUMENTS`
---@param given livebreak.Given
function M.run(given)
  local name, rest = given.args:match('^%s*(%S*)%s*(.-)%s*$')
  name = name == '' and 'toggle' or name
  local command = commands[name]
  if not command then
    tell.error(unknown(name))
  elseif rest ~= '' and not command.takes then
    tell.error(('%s takes nothing after it.'):format(name))
  elseif given.bang and not command.is_forcible then
    tell.error(('%s asks nothing, so it takes no `!`.'):format(name))
  else
    local origin = here.origin()
    local has_range = (given.range or 0) > 0
    local place = {
      buffer = origin.buffer,
      first = has_range and given.line1 - 1 or origin.line,
      last = has_range and given.line2 - 1 or origin.line,
    }
    if command.arms then
      require('livebreak.server').force(given.bang or false)
    end
    local call = {
      rest = rest,
      is_forced = given.bang or false,
      has_range = has_range,
      count = math.max(given.count or 1, 1),
      place = place,
      origin = origin,
    }
    if command.is_about_lines then
      require('livebreak.requests').settled(origin.buffer, function()
        command.run(call)
      end)
    else
      command.run(call)
    end
  end
end

---@param words string[]
---@param lead string
---@return string[]
local function beginning_with(words, lead)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, words)
end

--- What may stand where the cursor is in the command line.
---@param lead string
---@param line string
---@param position integer
---@return string[]
function M.complete(lead, line, position)
  local before = line:sub(1, position):gsub('^.-LiveBreak!?%s*', '')
  local name = before:match('^(%S+)%s')
  if not name then
    return beginning_with(M.names(), lead)
  end
  local command = commands[name]
  return command and command.complete and beginning_with(command.complete(lead), lead) or {}
end

--- All subcommands, for the help's own test.
---@return table<string, livebreak.Command>
function M.all()
  return commands
end

return M

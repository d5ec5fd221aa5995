--- What is said to the user: one sentence at a time, and never so long that Neovim asks for a key.

local text = require('livebreak.text')

local M = {}

--- Where the rest of a sentence is that does not fit.
local MORE = ' … :messages'

local HIGHLIGHTS = { [vim.log.levels.WARN] = 'WarningMsg', [vim.log.levels.ERROR] = 'ErrorMsg' }

--- Whether messages go to the command line, which is one line of the screen. Who replaces `vim.notify` shows all of a sentence,
--- and so does a user interface that has messages of its own.
---@return boolean
local function is_in_command_line()
  -- Neovim's own modules are built in, stripped in newer versions.
  local source = debug.getinfo(vim.notify, 'S').source
  local is_own = source == '?' or source == '=?' or source:match('vim/_[%w_/]*editor%.lua$') ~= nil
  local interfaces = vim.api.nvim_list_uis()
  return is_own and #interfaces > 0 and not vim.iter(interfaces):any(function(interface)
    return interface.ext_messages
  end)
end

--- As much of a sentence as fits, between two words, and where the rest is.
---@param sentence string
---@param room integer cells
---@return string
local function beginning(sentence, room)
  local kept = text.clip(sentence, math.max(room - vim.fn.strdisplaywidth(MORE), 1)):gsub('…$', '')
  local words = kept:gsub('%s+%S*$', '')
  -- A long path is one word.
  return (#words > #kept / 2 and words or kept):gsub('[%s.,;:]+$', '') .. MORE
end

---@param message string
---@return string
local function sentence_of(message)
  return 'LiveBreak: ' .. text.plain(message):gsub('^LiveBreak: ', '')
end

---@param message string
---@param level integer
local function say(message, level)
  local sentence = sentence_of(message)
  if not is_in_command_line() then
    vim.notify(sentence, level)
    return
  end
  -- Two messages of one moment are two lines, which are more than there are.
  vim.cmd.redraw()
  local room, highlight = vim.v.echospace, HIGHLIGHTS[level]
  if vim.fn.strdisplaywidth(sentence) <= room then
    -- `vim.notify` would make an error one of Neovim's own, after which the next message is a line more.
    vim.api.nvim_echo({ { sentence, highlight } }, true, {})
    return
  end
  -- This one is for `:messages`: Neovim cuts what `:echomsg` shows in its middle, where the sense is.
  vim.api.nvim_cmd({ cmd = 'echohl', args = { highlight or 'None' } }, {})
  vim.api.nvim_cmd({ cmd = 'echomsg', args = { vim.fn.string(sentence) } }, {})
  vim.api.nvim_cmd({ cmd = 'echohl', args = { 'None' } }, {})
  vim.cmd.redraw()
  vim.api.nvim_echo({ { beginning(sentence, room), highlight } }, false, {})
end

--- Whether all of a message would be seen at once.
---@param message string
---@return boolean
function M.fits(message)
  return not is_in_command_line() or vim.fn.strdisplaywidth(sentence_of(message)) <= vim.v.echospace
end

--- Something went as it should.
---@param message string
function M.info(message)
  say(message, vim.log.levels.INFO)
end

--- Something is odd, or there is nothing to do.
---@param message string
function M.warn(message)
  say(message, vim.log.levels.WARN)
end

--- What was asked for was not done.
---@param message string
function M.error(message)
  say(message, vim.log.levels.ERROR)
end

--- Ask something that is answered by yes or no. Silence is a no.
---@param question string
---@return boolean
function M.asks(question)
  return vim.fn.confirm('LiveBreak: ' .. text.plain(question), '&Yes\n&No', 2) == 1
end

return M

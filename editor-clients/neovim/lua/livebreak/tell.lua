--- What is said to the user: one sentence at a time.

local M = {}

---@param message string
---@param level integer
local function say(message, level)
  local sentence = require('livebreak.text').plain(message):gsub('^LiveBreak: ', '')
  vim.notify('LiveBreak: ' .. sentence, level)
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
  return vim.fn.confirm('LiveBreak: ' .. require('livebreak.text').plain(question), '&Yes\n&No', 2) == 1
end

return M

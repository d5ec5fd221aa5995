--- What a configuration may call; everything else is reached by `:LiveBreak`.

local M = {}

--- Override settings. There is no need to call it: the plugin works without.
---@param settings table? see `:help livebreak-settings`
function M.setup(settings)
  vim.validate('settings', settings, 'table', true)
  local config = require('livebreak.config')
  config.set(settings)
  local problems = config.problems()
  if #problems > 0 then
    require('livebreak.tell').warn(table.concat(problems, '; ') .. '. `:help livebreak-settings` has them all.')
  end
end

--- For a status line: the connection in a few words, '' as long as there is no server.
---@return string
function M.statusline()
  return require('livebreak.connection').statusline()
end

--- `:LiveBreak` with these arguments, for maps: `require('livebreak').run('if total < 0')`.
---@param arguments string?
function M.run(arguments)
  vim.validate('arguments', arguments, 'string', true)
  require('livebreak.commands').run({ args = arguments or '' })
end

return M

--- The server's own log, which is there when the server is not any more.

local tell = require('livebreak.tell')

local M = {}

--- Where the last server that told writes it.
---@type string?
local path

--- Ask a server that has just started.
---@param client vim.lsp.Client
function M.ask(client)
  local params = { command = 'livebreak.logFile', arguments = {} }
  client:request('workspace/executeCommand', params, function(_, result)
    path = type(result) == 'string' and result or path
  end)
end

---@return string?
function M.path()
  return path
end

--- Show it in a split window.
function M.open()
  if path and vim.uv.fs_stat(path) then
    vim.cmd.split({ vim.fn.fnameescape(path), magic = { file = false, bar = false } })
    vim.bo.readonly = true
    vim.bo.autoread = true
    vim.cmd.normal({ 'G', bang = true })
  elseif path then
    tell.info(('%s is gone; servers that ended long ago leave no log.'):format(path))
  else
    tell.info('no server has run yet, so there is no log; `:checkhealth livebreak` says what is missing.')
  end
end

return M

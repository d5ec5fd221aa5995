--- nvim-dap, where it is installed: hits browsed as if the program were stopped there.

local tell = require('livebreak.tell')

local M = {}

local TYPE = 'livebreak'

--- The server that runs has an adapter of its own, over the same session; without one there is the command.
---@param on_adapter fun(adapter: table)
---@param configuration table
local function adapter(on_adapter, configuration)
  local command = vim.deepcopy(require('livebreak.config').get().cmd)
  command[#command] = 'dap'
  local alone = { type = 'executable', command = table.remove(command, 1), args = command }
  local client = vim.lsp.get_clients({ name = require('livebreak.start').NAME })[1]
  if not client or configuration.arm == 'all' then
    -- Beside a language server an adapter does not arm: whoever wants nvim-dap to arm wants one that stands alone.
    on_adapter(alone)
    return
  end
  client:request('livebreak/debugAdapter', nil, function(_, result)
    local pipe = result and result.pipe
    on_adapter(type(pipe) == 'string' and { type = 'pipe', pipe = pipe } or alone)
  end)
end

---@return table[]
local function configurations()
  return { { type = TYPE, request = 'attach', name = 'LiveBreak: hits', folder = '${workspaceFolder}' } }
end

---@param dap table the module `dap`
function M.register(dap)
  if not dap.adapters[TYPE] then
    dap.adapters[TYPE] = adapter
    dap.providers.configs[TYPE] = function(buffer)
      local filetypes = require('livebreak.config').get().filetypes
      return vim.list_contains(filetypes, vim.bo[buffer].filetype) and configurations() or {}
    end
  end
end

--- Register where nvim-dap is on the runtime path; one that is loaded lazily is registered by `:LiveBreak debug`.
function M.register_if_there()
  if package.loaded.dap or #vim.api.nvim_get_runtime_file('lua/dap.lua', false) > 0 then
    local is_there, dap = pcall(require, 'dap')
    if is_there then
      M.register(dap)
    end
  end
end

--- Browse the hits of a breakpoint, from one of them on.
---@param buffer integer
---@param hit_id string
function M.run(buffer, hit_id)
  local is_there, dap = pcall(require, 'dap')
  if not is_there then
    tell.error('no nvim-dap here; `:LiveBreak show` does without it.')
    return
  end
  M.register(dap)
  dap.run(vim.tbl_extend('force', configurations()[1], {
    name = 'LiveBreak: this hit',
    hit = hit_id,
    folder = vim.fs.root(buffer, '.git') or vim.fn.getcwd(),
  }))
end

return M

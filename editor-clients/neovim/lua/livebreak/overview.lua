--- All breakpoints of the project, also in files that are not open: in the quickfix list.

local looks = require('livebreak.looks')
local requests = require('livebreak.requests')
local tell = require('livebreak.tell')
local text = require('livebreak.text')

local M = {}

--- Fetch them.
---@param buffer integer
---@param on_rows fun(rows: livebreak.OverviewRow[])
function M.fetch(buffer, on_rows)
  requests.request(buffer, 'livebreak/overview', nil, function(result)
    on_rows(result.breakpoints)
  end)
end

local TYPES = { failed = 'E', pending = 'W', offline = 'W', paused = 'W' }

---@param row livebreak.OverviewRow
---@return table
local function item(row)
  local state = row.breakpoint
  local parts = {
    looks.sign(state) .. ' ' .. (state.brief or state.message),
    looks.setting(state),
    state.hits == 1 and '1 hit' or state.hits and state.hits > 0 and ('%d hits'):format(state.hits) or '',
    row.newest and text.time(row.newest.timestamp) or '',
    state.mine and '' or state.owner or 'somebody else',
    row.uri and '' or ('%s:%d, not in this workspace'):format(row.filename, state.line + 1),
  }
  local label = table.concat(
    vim.tbl_filter(function(part)
      return part ~= ''
    end, parts),
    ' · '
  )
  return {
    filename = row.uri and vim.uri_to_fname(row.uri) or nil,
    lnum = row.uri and state.line + 1 or nil,
    text = text.plain(label),
    type = TYPES[state.state] or 'I',
    user_data = { livebreak_breakpoint = state.id },
  }
end

--- Show them in the quickfix list.
---@param buffer integer
function M.show(buffer)
  M.fetch(buffer, function(rows)
    if #rows == 0 then
      tell.info('no live breakpoints in the project; `:LiveBreak` sets one.')
      return
    end
    table.sort(rows, function(one, other)
      return one.filename < other.filename or (one.filename == other.filename and one.breakpoint.line < other.breakpoint.line)
    end)
    vim.fn.setqflist({}, ' ', { title = 'LiveBreak breakpoints', items = vim.tbl_map(item, rows) })
    vim.cmd('botright copen ' .. math.min(math.max(#rows, 3), 10))
    vim.wo.wrap = false
  end)
end

return M

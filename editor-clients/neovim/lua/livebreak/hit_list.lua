--- The kept hits of a breakpoint, or of all: in the location list, or by `vim.ui.select`.

local float = require('livebreak.float')
local requests = require('livebreak.requests')
local tell = require('livebreak.tell')
local text = require('livebreak.text')

local M = {}

--- Hits that are listed: the terminal's `livebreak hits list` goes on.
local MOST = 200

---@param hit livebreak.HitRow
---@return string
local function label(hit)
  local parts = { text.time(hit.timestamp), hit.message or hit.summary, hit.process }
  return text.plain(table.concat(
    vim.tbl_filter(function(part)
      return part and part ~= ''
    end, parts),
    ' · '
  ))
end

--- The entry below the cursor of a list of ours: go to its line, and show its hit.
---@param window integer
local function open_entry(window)
  local list = vim.fn.getloclist(window, { items = 0, filewinid = 0 })
  local item = list.items[vim.fn.line('.')]
  local id = item and type(item.user_data) == 'table' and item.user_data.livebreak
  if not id then
    -- Another list, in the same window.
    vim.cmd.normal({ vim.keycode('<CR>'), bang = true })
    return
  end
  local target = vim.api.nvim_win_is_valid(list.filewinid) and list.filewinid or vim.fn.win_getid(vim.fn.winnr('#'))
  vim.api.nvim_set_current_win(target)
  if item.bufnr > 0 then
    vim.api.nvim_win_set_buf(target, item.bufnr)
    vim.api.nvim_win_set_cursor(target, { math.min(item.lnum, vim.api.nvim_buf_line_count(item.bufnr)), 0 })
  end
  local origin = { window = target, buffer = vim.api.nvim_win_get_buf(target), line = vim.api.nvim_win_get_cursor(target)[1] - 1 }
  require('livebreak.hit_view').open(id, origin)
end

---@param origin { window: integer, buffer: integer, line: integer }
---@param list livebreak.HitList
---@param title string
---@param places table<string, { filename: string?, bufnr: integer?, lnum: integer }> by breakpoint
local function to_location_list(origin, list, title, places)
  float.close()
  local items = vim.tbl_map(function(hit)
    local place = places[hit.breakpointId] or {}
    return vim.tbl_extend('force', { text = label(hit), user_data = { livebreak = hit.id } }, place)
  end, list.hits)
  vim.fn.setloclist(origin.window, {}, ' ', { title = title, items = items })
  if vim.api.nvim_win_is_valid(origin.window) then
    vim.api.nvim_set_current_win(origin.window)
  end
  vim.cmd.lopen({ range = { math.min(math.max(#items, 3), 10) } })
  vim.wo.wrap = false
  local window = vim.api.nvim_get_current_win()
  vim.keymap.set('n', '<CR>', function()
    open_entry(window)
  end, { buffer = true, desc = 'LiveBreak: show this hit' })
end

---@param origin { window: integer, buffer: integer, line: integer }
---@param list livebreak.HitList
---@param title string
local function to_picker(origin, list, title)
  vim.ui.select(list.hits, { prompt = title, format_item = label, kind = 'livebreak-hit' }, function(hit)
    if hit then
      require('livebreak.hit_view').open(hit.id, origin)
    end
  end)
end

--- Show hits, newest first.
---@param origin { window: integer, buffer: integer, line: integer }
---@param breakpoint_id string? nil: of all breakpoints
---@param where string? a filter
function M.show(origin, breakpoint_id, where)
  local params = { breakpointId = breakpoint_id, where = where, limit = MOST }
  local title = 'LiveBreak hits' .. (where and (' where ' .. text.plain(where)) or '')
  local function listed(list, places)
    if list.note then
      tell.info(list.note)
    end
    if #list.hits == 0 then
      local more = list.complete and '' or ' among those that were looked at'
      tell.info(where and ('no hits where %s%s.'):format(where, more) or 'there are no hits yet; `:LiveBreak why` says why.')
    elseif require('livebreak.config').get().hits == 'pick' then
      to_picker(origin, list, title)
    else
      to_location_list(origin, list, title, places)
    end
  end
  requests.request(origin.buffer, 'livebreak/hitList', params, function(list)
    if breakpoint_id then
      listed(list, { [breakpoint_id] = { bufnr = origin.buffer, lnum = origin.line + 1 } })
      return
    end
    require('livebreak.overview').fetch(origin.buffer, function(rows)
      local places = {}
      for _, row in ipairs(rows) do
        places[row.breakpoint.id] = row.uri and { filename = vim.uri_to_fname(row.uri), lnum = row.breakpoint.line + 1 } or nil
      end
      listed(list, places)
    end)
  end)
end

return M

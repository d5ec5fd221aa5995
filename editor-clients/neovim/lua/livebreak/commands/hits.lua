--- Subcommands about hits: those of the cursor's line, or the one in the floating window.

local drawing = require('livebreak.drawing')
local float = require('livebreak.float')
local hit_view = require('livebreak.hit_view')
local requests = require('livebreak.requests')
local tell = require('livebreak.tell')

local M = {}

--- The hit that a command is about: the one that is shown, or the newest of the line. Without any the user is told.
---@param call livebreak.Call
---@return string?
local function hit_id(call)
  local open = float.current()
  if
    open
    and open.data
    and open.data.hit
    and open.origin.buffer == call.place.buffer
    and open.origin.line == call.place.first
  then
    return open.data.hit.id
  end
  local here = drawing.at(call.place.buffer, call.place.first)
  if not here then
    tell.info('no live breakpoint on this line; `:LiveBreak` sets one.')
  elseif not here.hits then
    tell.info('no hits yet. ' .. (here.state and here.state.message or 'The breakpoint is on its way.'))
  else
    return here.hits.newest.id
  end
end

---@param call livebreak.Call
local function show(call)
  local open = float.current()
  if open and open.origin.buffer == call.place.buffer and open.origin.line == call.place.first and open.data then
    float.enter()
    return
  end
  local id = hit_id(call)
  if id then
    hit_view.open(id, call.origin)
  end
end

---@param call livebreak.Call
local function list(call)
  local here = drawing.at(call.place.buffer, call.place.first)
  local where = call.rest ~= '' and call.rest or nil
  require('livebreak.hit_list').show(call.origin, here and here.state and here.state.id or nil, where)
end

---@param call livebreak.Call
local function diff(call)
  local id = hit_id(call)
  if id then
    hit_view.compare(id, call.origin)
  end
end

---@param call livebreak.Call
---@param hit livebreak.Hit
local function pick_frame(call, hit)
  local places = {}
  for index, frame in ipairs(hit.frames) do
    if frame.uri then
      table.insert(places, { index = index - 1, frame = frame })
    end
  end
  if #places == 0 then
    tell.info('no frame of this hit is in this workspace.')
    return
  end
  vim.ui.select(places, {
    prompt = 'Open',
    kind = 'livebreak-frame',
    format_item = function(place)
      local label = ('%s  %s:%d'):format(place.frame['function'], place.frame.filename, place.frame.line + 1)
      return require('livebreak.text').plain(label)
    end,
  }, function(place)
    if place then
      hit_view.go_to_frame(hit, place.index, call.origin)
    end
  end)
end

---@param call livebreak.Call
local function open(call)
  local reference = call.rest:match('^livebreak://hit/(%S+)$')
  if reference then
    hit_view.open(reference, call.origin)
    return
  end
  local index = tonumber(call.rest)
  if call.rest ~= '' and not index then
    tell.error('open takes a frame (0 is innermost) or livebreak://hit/ID')
    return
  end
  local id = hit_id(call)
  if id then
    hit_view.fetch(call.place.buffer, id, function(hit)
      if index then
        hit_view.go_to_frame(hit, index --[[@as integer]], call.origin)
      else
        pick_frame(call, hit)
      end
    end)
  end
end

---@param call livebreak.Call
local function export(call)
  local id = hit_id(call)
  if id then
    requests.execute(call.place.buffer, 'exportHit', { id = id }, function(path)
      tell.info(('the hit is in %s.'):format(path))
    end)
  end
end

---@param call livebreak.Call
local function debug_hit(call)
  local id = hit_id(call)
  if id then
    require('livebreak.debugger').run(call.place.buffer, id)
  end
end

---@type table<string, livebreak.Command>
M.commands = {
  show = { run = show, is_about_lines = true, about = 'the newest hit in a floating window: values and stack' },
  hits = { run = list, takes = '[filter]', is_about_lines = true, about = 'the hits of the line, or of all breakpoints' },
  diff = { run = diff, is_about_lines = true, about = 'what changed since the hit before' },
  open = {
    run = open,
    takes = '[frame | livebreak://hit/ID]',
    is_about_lines = true,
    about = "go to a frame of the hit's stack, or open a hit",
  },
  export = { run = export, is_about_lines = true, about = 'write the hit into a file' },
  debug = { run = debug_hit, is_about_lines = true, about = 'browse the hits in nvim-dap' },
}

return M

--- Subcommands that switch, renew, remove and follow the breakpoints that are there.

local drawing = require('livebreak.drawing')
local marks = require('livebreak.marks')
local requests = require('livebreak.requests')
local sending = require('livebreak.sending')
local targets = require('livebreak.commands.targets')
local tell = require('livebreak.tell')

local M = {}

---@param is_enabled boolean
---@return fun(call: livebreak.Call)
local function switch(is_enabled)
  local word = is_enabled and 'enable' or 'disable'
  return function(call)
    local has_marks = false
    targets.each(call, function(here)
      if here.mark then
        here.mark.enabled = is_enabled
        has_marks = true
      elseif here.state then
        targets.execute(call, here.state, word, word)
      end
    end)
    if has_marks then
      sending.send(call.place.buffer, true)
    end
  end
end

---@param call livebreak.Call
local function renew(call)
  targets.each(call, function(here)
    if here.state then
      targets.execute(call, here.state, 'renew', 'renew', function()
        tell.info('its time and its number of hits begin anew.')
      end)
    end
  end)
end

---@param call livebreak.Call
local function clear(call)
  local buffer = call.place.buffer
  local own = vim.tbl_filter(function(here)
    local is_there = not call.has_range or (here.line >= call.place.first and here.line <= call.place.last)
    return is_there and (here.mark ~= nil or here.state.mine)
  end, drawing.all(buffer))
  if #own == 0 then
    tell.info('there are no live breakpoints of yours here.')
    return
  end
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':t')
  local question = ('Remove your %d live breakpoints from %s?'):format(#own, name)
  if #own > 1 and not call.is_forced and not tell.asks(question) then
    return
  end
  for _, here in ipairs(own) do
    if here.mark then
      marks.remove(buffer, here.mark)
    else
      targets.execute(call, here.state, 'remove', 'clear')
    end
  end
  drawing.redraw(buffer)
  sending.send(buffer)
end

---@param call livebreak.Call
local function follow(call)
  targets.each(call, function(here)
    local state = here.state
    if not state or state.mine then
      tell.info("this breakpoint is yours; a teammate's can be followed.")
      return
    end
    requests.execute(
      call.place.buffer,
      state.followed and 'unfollow' or 'follow',
      targets.argument(call.place.buffer, state),
      function()
        local owner = state.owner or 'somebody else'
        tell.info(
          (state.followed and "%s's breakpoint is only counted again." or "%s's breakpoint is shown in full."):format(owner)
        )
      end
    )
  end)
end

---@type table<string, livebreak.Command>
M.commands = {
  enable = { run = switch(true), is_forcible = true, arms = true, is_about_lines = true, about = 'let it take hits again' },
  disable = { run = switch(false), is_forcible = true, is_about_lines = true, about = 'keep it without taking hits' },
  renew = { run = renew, is_forcible = true, arms = true, is_about_lines = true, about = 'let it go on when it has expired' },
  clear = { run = clear, is_forcible = true, is_about_lines = true, about = 'remove your breakpoints from the file' },
  follow = { run = follow, is_about_lines = true, about = "show a teammate's in full, or only count it again" },
}

return M

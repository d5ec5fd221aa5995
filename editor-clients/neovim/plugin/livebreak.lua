-- What is here costs every start of Neovim, so it only says what there is: modules are loaded when something is used.
if vim.g.loaded_livebreak then
  return
end
vim.g.loaded_livebreak = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.api.nvim_create_user_command('LiveBreak', function()
    local version = vim.version()
    local here = ('%d.%d.%d'):format(version.major, version.minor, version.patch)
    -- So short that it fits into the command line; the help has the rest.
    vim.notify(('LiveBreak needs Neovim 0.11+; this is %s.'):format(here), vim.log.levels.ERROR)
  end, { nargs = '*', bang = true, range = true, desc = 'Needs Neovim 0.11 or newer' })
  return
end

vim.api.nvim_create_user_command('LiveBreak', function(command)
  require('livebreak.commands').run(command)
end, {
  nargs = '*',
  bang = true,
  range = true,
  desc = 'Live breakpoints in running processes',
  complete = function(lead, line, position)
    return require('livebreak.commands').complete(lead, line, position)
  end,
})

for _, name in ipairs({ 'toggle', 'if', 'log', 'edit', 'show', 'hits', 'list', 'next', 'prev', 'why', 'diff', 'debug' }) do
  vim.keymap.set('n', ('<Plug>(livebreak-%s)'):format(name), function()
    require('livebreak.commands').run({ args = name, count = vim.v.count1 })
  end, { desc = ':LiveBreak ' .. name })
end
vim.keymap.set('x', '<Plug>(livebreak-toggle)', ':LiveBreak toggle<CR>', { desc = ':LiveBreak toggle on each line' })

local group = vim.api.nvim_create_augroup('livebreak', {})

vim.api.nvim_create_autocmd({ 'TextChanged', 'InsertLeave' }, {
  group = group,
  desc = 'A live breakpoint goes with its line, and comes back when that is undone',
  callback = function(event)
    if package.loaded['livebreak.marks'] then
      require('livebreak.sending').text_changed(event.buf)
    end
  end,
})

vim.api.nvim_create_autocmd({ 'BufUnload', 'FileChangedShellPost' }, {
  group = group,
  desc = 'The breakpoints stay; the server names them again when the file is opened, at their lines of now',
  callback = function(event)
    if package.loaded['livebreak.marks'] then
      require('livebreak.drawing').forget(event.buf)
    end
  end,
})

vim.api.nvim_create_autocmd('ColorScheme', {
  group = group,
  desc = 'A colour scheme clears the links of highlight groups',
  callback = function()
    if package.loaded['livebreak.looks'] then
      require('livebreak.looks').link()
    end
  end,
})

-- The first file of a kind that holds breakpoints starts the server. Which kinds these are is set in the configuration, which
-- the user's init.lua may set after this file was read.
vim.api.nvim_create_autocmd('FileType', {
  group = group,
  desc = 'Start the language server',
  callback = function(event)
    if package.loaded['livebreak.config'] or event.match == 'python' or vim.g.livebreak then
      return require('livebreak.start').file_type(event.match)
    end
  end,
})

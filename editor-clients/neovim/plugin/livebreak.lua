if vim.g.loaded_livebreak or vim.fn.has('nvim-0.10') == 0 then
  return
end
vim.g.loaded_livebreak = true

vim.api.nvim_create_user_command('LiveBreak', function(command)
  require('livebreak').run(command.args)
end, {
  nargs = '*',
  desc = 'Live breakpoints in running processes',
  complete = function(lead, line)
    return require('livebreak').complete(lead, line)
  end,
})

vim.keymap.set('n', '<Plug>(livebreak-toggle)', function()
  require('livebreak').toggle()
end, { desc = 'Set or remove a live breakpoint' })

local group = vim.api.nvim_create_augroup('livebreak', {})

vim.api.nvim_create_autocmd({ 'TextChanged', 'InsertLeave' }, {
  group = group,
  desc = 'A live breakpoint goes with its line, and comes back when that is undone',
  callback = function(event)
    if package.loaded['livebreak.marks'] then
      require('livebreak').text_changed(event.buf)
    end
  end,
})

vim.api.nvim_create_autocmd('BufUnload', {
  group = group,
  desc = 'The breakpoints stay; the server names them again when the file is opened',
  callback = function(event)
    if package.loaded['livebreak.marks'] then
      require('livebreak.marks').forget(event.buf)
    end
  end,
})

if vim.lsp.enable then
  if require('livebreak.client').is_installed() then
    vim.lsp.enable('livebreak')
  end
else
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = 'python',
    desc = 'Start the language server',
    callback = function(event)
      require('livebreak.client').start(event.buf)
    end,
  })
end

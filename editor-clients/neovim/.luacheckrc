-- What Neovim gives to Lua; everything else that is global is a slip.
std = 'luajit'
read_globals = { 'vim' }
-- Options and variables of Neovim are set by assignment.
globals = { 'vim.g', 'vim.b', 'vim.o', 'vim.bo', 'vim.wo', 'vim.opt' }
max_line_length = 130
-- The types are comments.
exclude_files = { 'lua/livebreak/types.lua' }

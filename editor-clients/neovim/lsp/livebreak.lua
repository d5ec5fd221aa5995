-- Neovim 0.11 and newer read this for `vim.lsp.enable('livebreak')`; the plugin does that by itself.
return require('livebreak.client').config()

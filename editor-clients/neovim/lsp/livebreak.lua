-- What `vim.lsp.enable('livebreak')` reads; the plugin enables it by itself unless `auto_start` is false.
return require('livebreak.server').config()

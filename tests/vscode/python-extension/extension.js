// As much of the Python extension's API as is asked for the interpreter of a workspace; here it is the one that a file names.
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");

const CHOSEN = path.join(process.env.HOME, "chosen-python");

exports.activate = () => ({
  environments: {
    getActiveEnvironmentPath: () => ({ path: fs.existsSync(CHOSEN) ? fs.readFileSync(CHOSEN, "utf-8") : "" }),
    resolveEnvironment: async (chosen) => (chosen.path ? { executable: { uri: vscode.Uri.file(chosen.path) } } : undefined),
  },
});

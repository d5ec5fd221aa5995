// Debug sessions of a real debugpy, as the Python extension starts them; that one is on no registry the tests can use.
const vscode = require("vscode");

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory("debugpy", {
      createDebugAdapterDescriptor: (session) =>
        new vscode.DebugAdapterExecutable(session.configuration.python, ["-m", "debugpy.adapter"]),
    }),
  );
};

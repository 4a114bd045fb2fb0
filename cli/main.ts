#!/usr/bin/env node
// Front door: terminal. Reads the world once, runs one command, tells the shell how it went.

import { run } from "./program.ts";
import { processTerminal } from "./terminal.ts";

// on Node 20 the AWS SDK would begin every command with a warning
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
// `hallpass … | head` closes the pipe early; there is nobody left to tell
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

// set, not exited with: what was written to a pipe has to get out first
process.exitCode = await run(processTerminal(process));

#!/usr/bin/env node
// Front door: terminal. Reads the world once, runs one command, tells the shell how it went.

import * as nodeModule from "node:module";

// from Node 22.1 on the next start finds what this one compiled; what it covers has to be loaded later than this
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();
// on Node 20 the AWS SDK would begin every command with a warning
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
// `hallpass … | head` closes the pipe early: what was begun goes on, and its exit code stays true
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

const { run } = await import("./program.ts");
const { processTerminal } = await import("./terminal.ts");
// set, not exited with: what was written to a pipe has to get out first
process.exitCode = await run(processTerminal(process));

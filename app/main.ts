// Starts the server from the environment. Errors are caught here and nowhere else.

import { systemClock } from "../flow/clock.ts";
import { jsonLog } from "./log.ts";
import { OptionsError, readServerOptions } from "./options.ts";
import { startServer } from "./server.ts";

const log = jsonLog((line) => process.stderr.write(`${line}\n`), systemClock.now);

try {
  const server = await startServer(readServerOptions(process.env), { clock: systemClock, log });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      log("info", "stopping");
      void server.close().then(() => process.exit(0));
    });
} catch (error) {
  if (!(error instanceof OptionsError)) throw error;
  process.stderr.write(`hallpass: cannot start\n${error.message}\n`);
  process.exitCode = 1;
}

// Where the sandbox listens: at the same ports each time, and beside another one at others.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../../sandbox/start.ts";

test("a port that somebody has is left to them", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const instead = await freePort(port);
  await new Promise((resolve) => other.close(resolve));
  expect(instead).not.toBe(port);
  expect(await freePort(port)).toBe(port);
});

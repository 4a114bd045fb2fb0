// Makes the pictures of the README from what the sandbox does: node --import tsx sandbox/recordings/pictures.ts

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { appSettings } from "../demo/settings.ts";
import { startSandbox, writeInventory } from "../start.ts";
import { columns, playMainFlow } from "./main-flow.ts";
import { findBrowser, photograph } from "./photograph.ts";
import { statusPage } from "./status-page.ts";
import { terminalSvg } from "./terminal-svg.ts";

const folder = fileURLToPath(new URL("../../.github/images/", import.meta.url));
const widths = { desktop: 1000, phone: 390 };

const home = mkdtempSync(join(tmpdir(), "hallpass-pictures-"));
const sandbox = await startSandbox(appSettings);
try {
  const { stage } = sandbox;
  await writeInventory(sandbox);
  await stage.actions.idle();
  const { frames, comments } = await playMainFlow(sandbox, home);
  mkdirSync(folder, { recursive: true });
  const title = "hallpass connect asks and waits, people approve with hallpass approve, and a shell opens";
  writeFileSync(join(folder, "connect.svg"), terminalSvg({ title, columns }, frames));
  const browser = findBrowser();
  if (browser === undefined) console.error("no Chromium on PATH: the status comment was not photographed");
  else
    for (const [state, comment] of Object.entries(comments))
      for (const [device, width] of Object.entries(widths)) {
        const file = join(folder, `status-${state}-${device}.png`);
        photograph(browser, { html: statusPage(comment, width), width, file, home });
      }
} finally {
  await sandbox.stop();
  rmSync(home, { recursive: true, force: true });
}

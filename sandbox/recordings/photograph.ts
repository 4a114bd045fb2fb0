// A page as a browser shows it, whole, in a PNG.

import { execFileSync } from "node:child_process";
import { accessSync, constants, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

export function findBrowser(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Photograph {
  readonly html: string;
  /** CSS pixels. */
  readonly width: number;
  readonly file: string;
  /** A folder of its own, which is thrown away. */
  readonly home: string;
}

export function photograph(browser: string, { html, width, file, home }: Photograph): void {
  const page = join(home, "page.html");
  writeFileSync(page, html);
  const run = (...args: readonly string[]): string =>
    execFileSync(
      browser,
      [
        ...["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"],
        ...["--force-device-scale-factor=1", `--user-data-dir=${join(home, "browser")}`],
        ...args,
        pathToFileURL(page).href,
      ],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
        timeout: 60_000,
        env: { ...process.env, HOME: home },
      },
    );
  // the page says how high it is at this width
  const [, height = "1000"] =
    /data-height="(\d+)"/.exec(run(`--window-size=${width},1000`, "--dump-dom")) ?? [];
  run(`--window-size=${width},${height}`, `--screenshot=${file}`);
}

// The licences of everything that is bundled, as their own files say them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Bundled {
  readonly title: string;
  readonly licence: string;
  /** The text of its licence and notice; empty where the package ships none. */
  readonly text: string;
}

/** @param inputs - paths of the bundled files, relative to the root. */
export function noticesOf(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((path) => packageFolder.exec(path)?.[1] ?? []));
  const packages = [...folders].map((folder) => read(join(root, folder)));
  // the same package may be installed in two places
  const byTitle = new Map(packages.map((each) => [each.title, each]));
  const sorted = [...byTitle.values()].sort((a, b) => (a.title < b.title ? -1 : 1));
  const texts = new Map<string, string[]>();
  for (const { title, licence, text } of sorted) {
    const said = text === "" ? `Licensed under ${licence}; its package has no further text.` : text;
    texts.set(said, [...(texts.get(said) ?? []), `${title} (${licence})`]);
  }
  const parts = [...texts].map(([text, titles]) => `${titles.join("\n")}\n\n${text}\n`);
  return [`This program contains the following packages.\n`, ...parts].join(`\n${"-".repeat(78)}\n\n`);
}

const packageFolder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

function read(folder: string): Bundled {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly [field: string]: string | undefined;
  };
  if (license === undefined)
    throw new Error(`${folder} does not say its licence; it must not be bundled before somebody has looked`);
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), "utf8").trim());
  return { title: `${name} ${version}`, licence: license, text: texts.join("\n\n").replaceAll("\r\n", "\n") };
}

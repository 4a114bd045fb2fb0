// What `hallpass can` and `hallpass explain` take: what would be asked for, and by whom.

import type { Command } from "commander";
import type { CanOptions } from "../can.ts";
import { repoOption } from "../describe.ts";
import { asking } from "./asking.ts";

export type Typed = Omit<CanOptions, "nodes" | "json"> & { readonly json?: true };

export const foreseeing = (command: Command): Command =>
  asking(
    command.argument("<node...>", "an id, a name, account/region/name, or tag:Key=Value for all that match"),
    "a reason, where policies read it",
  )
    .option("--from <time>", "not before, 2026-12-01T22:00:00Z")
    .option("--as <login>", "as if somebody else asked")
    .option(...repoOption);

export const optionsOf = (nodes: readonly string[], { json, ...rest }: Typed): CanOptions => ({
  ...rest,
  nodes,
  json: json === true,
});

export const exits = `Exits with 0 when access could be had, at once or by approval, 1 when it could not: denied, out of reach, wrong as it
is written, or not to be decided now. 2 when it could not look. Nothing is written, and nobody is told.`;

// What `hallpass list` takes.

import { Option } from "commander";
import { type Describe, repoOption } from "../describe.ts";
import type { Which } from "../list.ts";

type Typed = { [W in Which]?: true } & { forMe?: true; repo?: string; json?: true };

const lists: readonly Which[] = ["mine", "for-me", "active", "all"];
/** As commander calls them. */
const optionName = (name: Which): string => (name === "for-me" ? "forMe" : name);

const which = (name: Which, text: string): Option =>
  new Option(`--${name}`, text).conflicts(lists.filter((each) => each !== name).map(optionName));

export const describeList: Describe = (program, run) => {
  program
    .command("list")
    .description("List requests: yours, those that wait for you, those that are open.")
    .addOption(which("mine", "open requests of yours (default)"))
    .addOption(which("for-me", "those whose review is asked of you, or of a team of yours"))
    .addOption(which("active", "those with open access, of everybody"))
    .addOption(which("all", "the newest 100 of everybody, over or not"))
    .option(...repoOption)
    .option(
      "--json",
      "one JSON array: request, url, state, open, by, opened, updated, nodes, access, forward, for, reason, ticket, from, pull",
    )
    .addHelpText(
      "after",
      `
State: new (nobody has looked yet), pending, approved (waits for its start), active; over: expired, revoked, denied (by
policy), rejected (by a person), cancelled, lapsed, failed, or closed (without a decision). Invalid is a form to mend.

Exits with 0 when it could look, with none found too, 2 when it could not.

Examples:
  $ hallpass list
  $ hallpass list --for-me
  $ hallpass list --all --json | jq '.[] | select(.state == "denied")'`,
    )
    .action(({ mine: _, forMe, active, all, json, ...rest }: Typed) => {
      const chosen: Which = forMe ? "for-me" : active ? "active" : all ? "all" : "mine";
      return run(
        { ...rest, which: chosen, json: json === true },
        async () => (await import("../list.ts")).list,
      );
    });
};

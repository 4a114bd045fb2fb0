// The commands that decide and end, and their help. Each is an ordinary review or comment, as on the web.

import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { ReviewOptions } from "./review.ts";
import type { SayOptions } from "./say.ts";
import type { Terminal } from "./terminal.ts";

type Finish = (code: ExitCode) => void;

const repoOption = [
  "--repo <owner/name>",
  "the access repository (default: HALLPASS_REPOSITORY, else the remote `origin`)",
] as const;

type Reviewed = { message?: string; repo?: string; yes?: true; json?: true };

const reviewing =
  (terminal: Terminal, finish: Finish, verdict: ReviewOptions["verdict"]) =>
  async (id: string, { yes, json, ...rest }: Reviewed) => {
    const { review } = await import("./review.ts");
    finish(await review(terminal, { ...rest, id, verdict, yes: yes === true, json: json === true }));
  };

const reviewJson =
  "one JSON object: request, pull, head, did (approved, rejected), url; what it is of on standard error";

export function describeApprove(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("approve")
    .description("Approve a request, after showing what it asks for.")
    .argument("<id>", "number of the request")
    .option("-m, --message <text>", "a word with it")
    .option("--yes", "do not ask; needed off a terminal")
    .option(...repoOption)
    .option("--json", reviewJson)
    .addHelpText(
      "after",
      `
It is a review of the request's pull request, of the very commit that was shown. Whether it counts, and whether more
are needed, the policies say: \`hallpass status\`.

Exits with 0 when the review is given, 1 when there is nothing to review, it is your own, or you say no, 2 when it could
not run.

Examples:
  $ hallpass list --for-me
  $ hallpass approve 12
  $ hallpass approve 12 --yes --json`,
    )
    .action(reviewing(terminal, finish, "approve"));
}

export function describeReject(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("reject")
    .description("Reject a request, after showing what it asks for.")
    .argument("<id>", "number of the request")
    .requiredOption("-m, --message <text>", "why; whoever asked reads it")
    .option("--yes", "do not ask; needed off a terminal")
    .option(...repoOption)
    .option("--json", reviewJson)
    .addHelpText(
      "after",
      `
It is a review that requests changes. From anyone who could approve it ends the request.

Exits with 0 when the review is given, 1 when there is nothing to review or you say no, 2 when it could not run.

Examples:
  $ hallpass reject 12 -m "use the replica"
  $ hallpass reject 12 -m "not tonight" --yes`,
    )
    .action(reviewing(terminal, finish, "reject"));
}

type Said = { message?: string; repo?: string; json?: true };

const sayJson = "one JSON object: request, said, comment, url";
const sayExits =
  "Exits with 0 when it is said, 1 when it would be in vain, and why, 2 when it could not run.";

const saying = async (
  terminal: Terminal,
  finish: Finish,
  {
    id,
    word,
    rest,
    repo,
    json,
  }: Omit<SayOptions, "json" | "rest" | "repo"> & {
    rest?: string | undefined;
    repo?: string | undefined;
    json?: true | undefined;
  },
): Promise<void> => {
  const { say } = await import("./say.ts");
  const given = { ...(rest === undefined ? {} : { rest }), ...(repo === undefined ? {} : { repo }) };
  finish(await say(terminal, { id, word, ...given, json: json === true }));
};

export function describeRevoke(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("revoke")
    .description("End open access early: your own, or as an approver or with write access anybody's.")
    .argument("<id>", "number of the request")
    .option("-m, --message <text>", "why")
    .option(...repoOption)
    .option("--json", sayJson)
    .addHelpText("after", `\n${sayExits}\n\nExamples:\n  $ hallpass revoke 12 -m "done early"`)
    .action((id: string, { message, repo, json }: Said) =>
      saying(terminal, finish, { id, word: "revoke", rest: message, repo, json }),
    );
}

export function describeCancel(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("cancel")
    .description("Withdraw a request of yours that is not open yet.")
    .argument("<id>", "number of the request")
    .option("-m, --message <text>", "why")
    .option(...repoOption)
    .option("--json", sayJson)
    .addHelpText("after", `\n${sayExits}\n\nExamples:\n  $ hallpass cancel 12`)
    .action((id: string, { message, repo, json }: Said) =>
      saying(terminal, finish, { id, word: "cancel", rest: message, repo, json }),
    );
}

export function describeExtend(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("extend")
    .description("Ask for more time while your access is open. It is decided like any other request.")
    .argument("<id>", "number of the request")
    .argument("<duration>", "how much more, 1h")
    .option(...repoOption)
    .option("--json", sayJson)
    .addHelpText("after", `\n${sayExits}\n\nExamples:\n  $ hallpass extend 12 1h`)
    .action((id: string, duration: string, { repo, json }: Said) =>
      saying(terminal, finish, { id, word: "extend", rest: duration, repo, json }),
    );
}

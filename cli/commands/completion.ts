// What `hallpass completion` takes, and what its scripts ask.

import { Argument, Option } from "commander";
import type { CompleteOptions, CompletionOptions } from "../completion.ts";
import { shells } from "../completion-scripts.ts";
import { type Describe, repoOption } from "../describe.ts";

export const describeCompletion: Describe = (program, run) => {
  program
    .command("completion")
    .description("Print what lets your shell complete commands, options, nodes and numbers of requests.")
    .addArgument(new Argument("<shell>", "yours").choices(shells))
    .addHelpText(
      "after",
      `
In ~/.bashrc   eval "$(hallpass completion bash)"
In ~/.zshrc    eval "$(hallpass completion zsh)", after compinit
For fish       hallpass completion fish > ~/.config/fish/completions/hallpass.fish

Names of nodes come from the last inventory that \`connect\`, \`request\` or \`nodes\` has read, kept in
~/.cache/hallpass (XDG_CACHE_HOME) for you alone, and read anew in the background after a quarter of an hour.

Exits with 0 when it was printed, 2 for a shell that it does not know.

Examples:
  $ eval "$(hallpass completion bash)"
  $ hallpass connect r2d2-<Tab>`,
    )
    .action((shell: CompletionOptions["shell"]) =>
      run({ shell }, async () => (await import("../completion.ts")).completion),
    );
  program
    .command("__complete", { hidden: true })
    .argument("[words...]")
    .addOption(new Option("--refresh <what>").choices(["nodes", "requests"]))
    .option(...repoOption)
    .action((words: readonly string[], options: Omit<CompleteOptions, "words">) =>
      run({ ...options, words }, async () => {
        const { complete } = await import("../completion.ts");
        return (terminal, given) => complete(terminal, program, given);
      }),
    );
};

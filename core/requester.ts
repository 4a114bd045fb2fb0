// Why somebody cannot ask at all, or not in this way: nothing that they could write in the form would help.

import type { Facts, PullFacts } from "./facts.ts";
import { type Problem, problem } from "./problem.ts";

/** About the author and about how the text came to be. */
export function cannotAsk({ subject, repository }: Facts): readonly Problem[] {
  const { login } = subject.author;
  if (!subject.authorIsPerson)
    return [
      problem(
        "requester.not-a-person",
        `\`${login}\` is not a person: expected a GitHub user as the author; ask from your own account`,
      ),
      ...subject.distrust,
    ];
  if (subject.authorHasAccess) return subject.distrust;
  return [
    ...subject.distrust,
    problem(
      "requester.no-access",
      `\`${login}\` has no read access to \`${repository.owner}/${repository.name}\`; ask an admin of the repository for it`,
    ),
  ];
}

/** A pull request that asks is its own pull request under review, `own`; without one nobody could approve what it says. */
export function handWrittenMisfit({ subject, pulls }: Facts, own: PullFacts | undefined): readonly Problem[] {
  if (subject.kind === "issue" || own !== undefined) return [];
  const found = pulls.flatMap(({ file }) => (file.ok ? [] : file.problems));
  return found.length > 0
    ? found
    : [
        problem(
          "request.files",
          "this pull request asks for nothing: expected one that goes to the branch `ledger` and adds one request file; open such a one, or an issue",
        ),
      ];
}

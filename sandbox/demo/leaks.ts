// What must not be anywhere: every secret that the AWS of the sandbox has issued, searched for in everything that anybody could read.

import type { Sandbox } from "../start.ts";

/** Named texts: comments, files of the ledger, logs before masking, what the App and the demo printed. */
export async function everythingWritten(
  sandbox: Sandbox,
  printed: string,
): Promise<ReadonlyMap<string, string>> {
  const { stage } = sandbox;
  const texts = new Map([
    ["the App's log", sandbox.appLog()],
    ["the demo's output", printed],
    ["requests to GitHub", JSON.stringify(stage.github.requests)],
    ["webhooks", JSON.stringify(stage.github.webhooks.deliveries)],
  ]);
  const octokit = stage.as("olivia");
  const repo = { owner: "acme", repo: "access" };
  for (const issue of await octokit.paginate(octokit.rest.issues.listForRepo, { ...repo, state: "all" })) {
    texts.set(`issue ${issue.number}`, JSON.stringify(issue));
    const comments = await octokit.paginate(octokit.rest.issues.listComments, {
      ...repo,
      issue_number: issue.number,
    });
    texts.set(`comments of ${issue.number}`, JSON.stringify(comments));
  }
  for (const [path, text] of await ledgerFiles(sandbox)) texts.set(`ledger: ${path}`, text);
  for (const run of await octokit.paginate(octokit.rest.actions.listWorkflowRunsForRepo, repo))
    for (const job of stage.actions.jobs(run.id)) {
      texts.set(`log of run ${run.id}, before masking`, job.log.unmaskedForTests());
      texts.set(`outputs of run ${run.id}`, JSON.stringify(job.outputs) + job.summary);
    }
  return texts;
}

/** Where a secret of AWS was found in plain. */
export function leaksIn(texts: ReadonlyMap<string, string>, secrets: readonly string[]): readonly string[] {
  return [...texts].flatMap(([name, text]) =>
    secrets.some((secret) => text.includes(secret)) ? [name] : [],
  );
}

export async function ledgerFiles({ stage }: Sandbox): Promise<ReadonlyMap<string, string>> {
  const octokit = stage.as("olivia");
  const repo = { owner: "acme", repo: "access" };
  const { data } = await octokit.rest.git.getTree({ ...repo, tree_sha: "ledger", recursive: "1" });
  const files = new Map<string, string>();
  for (const entry of data.tree)
    if (entry.type === "blob") {
      const blob = await octokit.rest.git.getBlob({ ...repo, file_sha: entry.sha });
      files.set(entry.path, Buffer.from(blob.data.content, "base64").toString("utf8"));
    }
  return files;
}

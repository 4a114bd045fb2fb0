// What GitHub and AWS show of a request: read as an auditor would, past all of our own code.

import type { Stage } from "../../sandbox/stage.ts";

const repo = { owner: "acme", repo: "access" };

/** How often each thing that may happen once has happened to a request, ever. */
export interface Tally {
  readonly openPulls: number;
  readonly pulls: number;
  readonly merges: number;
  /** Commits of the ledger that added `active/N.yaml`. */
  readonly grants: number;
  /** Commits of the ledger that added `ended/…/N.yaml`. */
  readonly ends: number;
  readonly statuses: number;
  readonly sealed: number;
}

export interface Shown {
  readonly status: (number: number) => Promise<string>;
  readonly labels: (number: number) => Promise<readonly string[]>;
  readonly state: (number: number) => Promise<string>;
  readonly comments: (number: number) => Promise<readonly { by: string; id: number; body: string }[]>;
  /** Path → text at the ledger's head. */
  readonly ledger: (branch?: string) => ReadonlyMap<string, string>;
  /** The request's record, wherever it lies. */
  readonly record: (number: number) => { readonly path: string; readonly text: string } | undefined;
  /** Messages of the ledger's commits, oldest first. */
  readonly history: () => Promise<readonly { sha: string; message: string; files: readonly string[] }[]>;
  readonly pulls: (
    request: number,
  ) => Promise<readonly { number: number; state: string; merged: boolean; head: string }[]>;
  readonly tally: (number: number) => Promise<Tally>;
  /** The App's sealed comments. */
  readonly sealed: (number: number) => Promise<readonly { id: number; body: string }[]>;
  /** Every `until` that the request's active record ever had in the ledger's history, each once. */
  readonly untils: (number: number) => Promise<readonly string[]>;
  readonly runs: () => readonly { title: string; status: string; conclusion: string | null }[];
  readonly sessions: (number: number) => readonly { id: string; open: boolean }[];
}

export function createShown(stage: Stage): Shown {
  const { rest } = stage.as("olivia");
  const world = stage.github.actionsWorld;
  const repository = () => {
    const found = world.repository(stage.repository.fullName);
    if (found === undefined) throw new Error("the access repo is gone");
    return found;
  };
  const comments: Shown["comments"] = async (issue_number) => {
    const { data } = await rest.issues.listComments({ ...repo, issue_number, per_page: 100 });
    return data.map(({ id, user, body }) => ({ id, by: user?.login ?? "", body: body ?? "" }));
  };
  const ours = async (number: number, marker: string) =>
    (await comments(number)).filter(({ by, body }) => by === stage.app.botLogin && body.startsWith(marker));
  const sealed = (number: number) => ours(number, "<!-- hallpass:credentials -->");
  const ledger: Shown["ledger"] = (branch = "ledger") => {
    const head = world.resolveRef(repository(), `refs/heads/${branch}`)?.sha ?? "";
    const paths = world.listFiles(repository(), head, "");
    const text = (path: string) =>
      Buffer.from(world.readFile(repository(), head, path) ?? []).toString("utf8");
    return new Map(paths.map((path) => [path, text(path)]));
  };
  const pulls: Shown["pulls"] = async (request) => {
    const { data } = await rest.pulls.list({ ...repo, state: "all", per_page: 100 });
    return data
      .filter(
        ({ head, user }) =>
          user?.login === stage.app.botLogin && new RegExp(`^request/${request}(-\\d+)?$`).test(head.ref),
      )
      .map(({ number, state, merged_at, head }) => ({
        number,
        state,
        merged: merged_at !== null,
        head: head.ref,
      }));
  };
  const history: Shown["history"] = async () => {
    const { data } = await rest.repos.listCommits({ ...repo, sha: "ledger", per_page: 100 });
    const commits = await Promise.all(
      data.map(async ({ sha }) => (await rest.repos.getCommit({ ...repo, ref: sha })).data),
    );
    return commits.reverse().map(({ sha, commit, files }) => ({
      sha,
      message: commit.message,
      files: (files ?? []).map(({ status, filename }) => `${status} ${filename}`),
    }));
  };
  return {
    comments,
    ledger,
    pulls,
    history,
    status: async (number) => (await ours(number, "<!-- hallpass:status -->"))[0]?.body ?? "",
    labels: async (issue_number) =>
      (await rest.issues.get({ ...repo, issue_number })).data.labels.map((label) =>
        typeof label === "string" ? label : (label.name ?? ""),
      ),
    state: async (issue_number) => (await rest.issues.get({ ...repo, issue_number })).data.state,
    record: (number) => {
      const found = [...ledger()].find(([path]) => path.endsWith(`/${number}.yaml`));
      return found === undefined ? undefined : { path: found[0], text: found[1] };
    },
    untils: async (number) => {
      const path = `active/${number}.yaml`;
      const texts = (await history())
        .filter(({ files }) =>
          files.some((each) => /^(added|renamed|modified) /.test(each) && each.endsWith(path)),
        )
        .map(({ sha }) => Buffer.from(world.readFile(repository(), sha, path) ?? []).toString("utf8"));
      return [...new Set(texts.map((text) => /^ {2}until: (.*)$/m.exec(text)?.[1] ?? ""))];
    },
    tally: async (number) => {
      const own = await pulls(number);
      const added = (await history()).flatMap(({ files }) => files);
      const count = (pattern: RegExp) => added.filter((each) => pattern.test(each)).length;
      return {
        openPulls: own.filter(({ state }) => state === "open").length,
        pulls: own.length,
        merges: own.filter(({ merged }) => merged).length,
        grants: count(new RegExp(`^(added|renamed) active/${number}\\.yaml$`)),
        ends: count(new RegExp(`^(added|renamed) ended/\\d{4}/\\d\\d/${number}\\.yaml$`)),
        statuses: (await ours(number, "<!-- hallpass:status -->")).length,
        sealed: (await sealed(number)).length,
      };
    },
    sealed,
    runs: () =>
      runsOf(stage).map(({ displayTitle, status, conclusion }) => ({
        title: displayTitle.trim(),
        status,
        conclusion,
      })),
    sessions: (number) =>
      stage.aws
        .sessions()
        .filter(({ owner }) => owner.endsWith(`/hp.${stage.repository.id}.${number}`))
        .map(({ id, ended }) => ({ id, open: ended === undefined })),
  };
}

/** Oldest first. */
export function runsOf(stage: Stage) {
  const found = stage.github.actionsWorld.repository(stage.repository.fullName);
  return found === undefined ? [] : stage.actions.host.listRuns(found).reverse();
}

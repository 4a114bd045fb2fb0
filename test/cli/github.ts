// A GitHub on a loopback port with the access repository, an inventory and no App: what a command posts lies there to be looked at.

import { Octokit } from "@octokit/rest";
import { afterAll, beforeAll } from "vitest";
import type {
  AccountId,
  Instant,
  NodeId,
  Region,
  RequestNumber,
  Seconds,
  Sha,
  UserId,
} from "../../core/ids.ts";
import { renderRecord } from "../../core/record.ts";
import { appJwt } from "../../github/app-tokens.ts";
import { listen } from "../../sandbox/github/listen.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { nodes, type Person, type Stage, setStage } from "../../sandbox/stage.ts";
import { emptyFolder, hallpass, type Person as Terminal } from "./folder.ts";

export interface Posted {
  readonly stage: Stage;
  readonly url: string;
  /** Runs a command as this person. */
  readonly as: (
    login: Person,
    args: readonly string[],
    more?: Partial<Terminal>,
  ) => ReturnType<typeof hallpass>;
  /** What the App writes: the label, the status comment, and a pull request with the one file that people approve. */
  readonly answer: (number: number, state: string, lines: readonly string[]) => Promise<void>;
  readonly openPull: (
    number: number,
    reviewers: { readonly people?: string[]; readonly teams?: string[] },
  ) => Promise<number>;
  /** What a grant leaves in the ledger, and the App's comment. */
  readonly grant: (number: number, comment: string) => Promise<void>;
  /** The issue that the App opens because this person says `/extend` on a request; its number. */
  readonly extend: (number: number, login: Person, said?: string) => Promise<number>;
  /** More nodes in the inventory, by id and name. */
  readonly addNodes: (more: readonly { readonly id: string; readonly name: string }[]) => Promise<void>;
  /** Methods and paths of what was written since the last look. */
  readonly writes: () => readonly string[];
}

export const repo = { owner: "acme", repo: "access" } as const;

const inventory = JSON.stringify({
  nodes: [...nodes]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, name, tags }) => ({
      ...{ id, type: "AWS::EC2::Instance", name, platform: "Linux", agent: "online" },
      tags: { Name: name, ...tags },
    })),
});

/** r2d2-app-01, asked for by alice. */
const decided = (number: number) =>
  ({
    subject: { kind: "issue", number: number as RequestNumber },
    requester: { login: "alice", id: 1 as UserId },
    request: {
      nodes: [{ by: "id", id: nodes[2].id as NodeId }],
      access: "shell",
      for: 3_600 as Seconds,
      reason: "INC-1",
    },
    nodes: [
      {
        type: "AWS::EC2::Instance",
        account: "111122223333" as AccountId,
        region: "eu-central-1" as Region,
        id: nodes[2].id as NodeId,
        name: nodes[2].name,
        tags: nodes[2].tags,
      },
    ],
    policies: "0".repeat(40) as Sha,
  }) as const;

/** What the App pins for people to approve. */
const approved = (number: number): string => renderRecord({ folder: "approved", ...decided(number) });

const active = (number: number): string => {
  const at = realClock.now() as Instant;
  const granted = { at, until: (at + 3_600_000) as Instant, session: `hp.1.${number}`, run: 7 };
  return renderRecord({ folder: "active", ...decided(number), granted });
};

const nothingRuns = () => Promise.resolve({ exitCode: 0, log: "" });

/** For the tests of a whole file. */
export function withGitHub(): Posted {
  let [stage, url, stop] = [undefined as Stage | undefined, "", () => {}];
  let written: string[] = [];
  const theStage = (): Stage => {
    if (stage === undefined) throw new Error("there is no GitHub before the tests");
    return stage;
  };
  beforeAll(async () => {
    const twin = await listen((request) => {
      const { pathname } = new URL(request.url);
      if (request.method !== "GET" && !pathname.endsWith("/graphql"))
        written.push(`${request.method} ${pathname}`);
      return theStage().github.handle(request);
    }, 0);
    url = `http://127.0.0.1:${twin.port}`;
    stage = await setStage({
      clock: realClock,
      url,
      executor: { javaScript: nothingRuns, shell: nothingRuns },
      modes: ["shell", "ssh", "port-forward"],
      forwards: [{ name: "postgres", host: "db.internal", port: 5432 }],
    });
    const { github } = stage;
    const commit = github.commit({
      repository: "acme/access",
      parent: null,
      files: { "111122223333/eu-central-1.json": inventory },
      message: "Inventory",
      by: "olivia",
    });
    github.push("olivia", "acme/access", "inventory", commit);
    stop = () => {
      theStage().aws.close();
      twin.server.closeAllConnections();
      twin.server.close();
    };
  });
  afterAll(() => stop());
  const app = async (): Promise<Octokit> => {
    const { id: appId, privateKey, installation } = theStage().app;
    const jwt = appJwt({ appId, privateKey, now: Date.now() });
    const asApp = new Octokit({ auth: jwt, baseUrl: url });
    const { data } = await asApp.rest.apps.createInstallationAccessToken({ installation_id: installation });
    return new Octokit({ auth: data.token, baseUrl: url });
  };
  return {
    get stage() {
      return theStage();
    },
    get url() {
      return url;
    },
    as: (login, args, more = {}) =>
      hallpass(args, {
        cwd: emptyFolder(),
        ...more,
        env: {
          GITHUB_API_URL: url,
          GITHUB_TOKEN: theStage().github.personalToken(login),
          HALLPASS_REPOSITORY: "acme/access",
          ...more.env,
        },
      }),
    answer: async (issue_number, state, lines) => {
      const { rest } = await app();
      await rest.issues.setLabels({ ...repo, issue_number, labels: [`access: ${state}`] });
      const body = ["<!-- hallpass:status -->", ...lines].join("\n");
      await rest.issues.createComment({ ...repo, issue_number, body });
    },
    openPull: async (number, { people = [], teams = [] }) => {
      const { rest } = await app();
      const head = `request/${number}`;
      const { data: ledger } = await rest.git.getRef({ ...repo, ref: "heads/ledger" });
      await rest.git.createRef({ ...repo, ref: `refs/heads/${head}`, sha: ledger.object.sha });
      const content = Buffer.from(approved(number)).toString("base64");
      const path = `approved/${number}.yaml`;
      await rest.repos.createOrUpdateFileContents({ ...repo, path, branch: head, message: path, content });
      const title = `Access request #${number}`;
      const { data: pull } = await rest.pulls.create({ ...repo, base: "ledger", head, title });
      const asked = { reviewers: people, team_reviewers: teams };
      await rest.pulls.requestReviewers({ ...repo, pull_number: pull.number, ...asked });
      return pull.number;
    },
    grant: async (issue_number, body) => {
      const { rest } = await app();
      const path = `active/${issue_number}.yaml`;
      const content = Buffer.from(active(issue_number)).toString("base64");
      await rest.repos.createOrUpdateFileContents({
        ...repo,
        path,
        branch: "ledger",
        message: path,
        content,
      });
      await rest.issues.createComment({ ...repo, issue_number, body });
    },
    extend: async (issue_number, login, said = "/extend 1h") => {
      const asked = theStage().as(login).rest.issues;
      const { data: comment } = await asked.createComment({ ...repo, issue_number, body: said });
      const { data: first } = await asked.get({ ...repo, issue_number });
      const of = `<!-- hallpass:extend ${issue_number} ${comment.id} -->`;
      const form = first.body?.slice(first.body.indexOf("### Nodes")) ?? "";
      const body = `${of}\nMore time for #${issue_number}.\n\n${form}`;
      const { rest } = await app();
      const { data: issue } = await rest.issues.create({
        ...{ ...repo, title: `Extend access request #${issue_number}`, body, labels: ["access: pending"] },
      });
      return issue.number;
    },
    addNodes: async (more) => {
      const { rest } = theStage().as("olivia");
      const path = "111122223333/eu-central-1.json";
      const { data } = await rest.repos.getContent({ ...repo, path, ref: "inventory" });
      if (!("content" in data)) throw new Error("expected a file");
      const known = JSON.parse(Buffer.from(data.content, "base64").toString("utf8")) as { nodes: object[] };
      const added = more.map(({ id, name }) => ({
        ...{ id, type: "AWS::EC2::Instance", name, platform: "Linux", agent: "online" },
        tags: { Name: name },
      }));
      const content = Buffer.from(JSON.stringify({ nodes: [...known.nodes, ...added] })).toString("base64");
      const { sha } = data;
      await rest.repos.createOrUpdateFileContents({
        ...repo,
        ...{ path, branch: "inventory", sha, message: "More", content },
      });
      written = [];
    },
    writes: () => {
      const all = written;
      written = [];
      return all;
    },
  };
}

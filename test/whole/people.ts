// What people do on GitHub's pages and in comments, each through their own Octokit.

import { generateIdentity, identityToRecipient } from "age-encryption";
import type { Person, Stage } from "../../sandbox/stage.ts";

const repo = { owner: "acme", repo: "access" };

export interface FormFields {
  readonly nodes?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly access?: string;
  readonly forward?: string;
  readonly ticket?: string;
  readonly from?: string;
}

export interface People {
  /** Submits the form; the number of the issue. */
  readonly ask: (login: Person, fields?: FormFields) => number;
  /** Posts `/token` with the person's key; the comment's id. */
  readonly token: (login: Person, number: number) => Promise<number>;
  readonly comment: (login: Person, number: number, body: string) => Promise<number>;
  readonly review: (
    login: Person,
    pull: number,
    event: "APPROVE" | "REQUEST_CHANGES" | "COMMENT",
  ) => Promise<number>;
  /** Approves the newest open pull request of a request. */
  readonly approve: (login: Person, request: number) => Promise<number>;
  readonly reject: (login: Person, request: number) => Promise<number>;
  readonly dismiss: (login: Person, pull: number, review: number) => Promise<void>;
  readonly close: (login: Person, number: number) => Promise<void>;
  readonly reopen: (login: Person, number: number) => Promise<void>;
  readonly edit: (login: Person, number: number, change: (body: string) => string) => Promise<void>;
  readonly dispatch: (login: Person, command: string, request?: number, ref?: string) => Promise<void>;
  /** The person's age identity, `AGE-SECRET-KEY-…`. */
  readonly identity: (login: Person) => Promise<string>;
}

// one key a person for the whole process: making one costs more than a story
const identities = new Map<Person, Promise<string>>();

export function createPeople(stage: Stage): People {
  const issues = (login: Person) => stage.as(login).rest.issues;
  const identity = (login: Person): Promise<string> => {
    const made = identities.get(login) ?? generateIdentity();
    identities.set(login, made);
    return made;
  };
  const comment = async (login: Person, number: number, body: string): Promise<number> =>
    (await issues(login).createComment({ ...repo, issue_number: number, body })).data.id;
  const review: People["review"] = async (login, pull_number, event) => {
    const { rest } = stage.as(login);
    const { head } = (await rest.pulls.get({ ...repo, pull_number })).data;
    const body = event === "APPROVE" ? {} : { body: "see above" };
    const given = await rest.pulls.createReview({
      ...repo,
      pull_number,
      event,
      commit_id: head.sha,
      ...body,
    });
    return given.data.id;
  };
  const pullOf = async (request: number): Promise<number> => {
    const { data } = await stage.as("olivia").rest.pulls.list({ ...repo, state: "open", per_page: 100 });
    const own = data.filter(
      ({ head, user }) =>
        user?.login === stage.app.botLogin && new RegExp(`^request/${request}(-\\d+)?$`).test(head.ref),
    );
    const newest = own.sort((a, b) => b.number - a.number)[0];
    if (newest === undefined) throw new Error(`no pull request of #${request} is open`);
    return newest.number;
  };
  return {
    identity,
    comment,
    review,
    ask: (login, fields = {}) =>
      stage.github.submitForm(login, stage.repository.fullName, "access-request.yml", {
        nodes: "r2d2-dev-01",
        access: "shell",
        for: "1h",
        reason: "INC-1 checkout is down",
        ...fields,
      }),
    token: async (login, number) =>
      comment(login, number, `/token ${await identityToRecipient(await identity(login))}`),
    approve: async (login, request) => review(login, await pullOf(request), "APPROVE"),
    reject: async (login, request) => review(login, await pullOf(request), "REQUEST_CHANGES"),
    dismiss: async (login, pull_number, review_id) => {
      const { rest } = stage.as(login);
      await rest.pulls.dismissReview({ ...repo, pull_number, review_id, message: "no longer so" });
    },
    close: async (login, issue_number) => {
      await issues(login).update({ ...repo, issue_number, state: "closed" });
    },
    reopen: async (login, issue_number) => {
      await issues(login).update({ ...repo, issue_number, state: "open" });
    },
    edit: async (login, issue_number, change) => {
      const { body } = (await issues("olivia").get({ ...repo, issue_number })).data;
      await issues(login).update({ ...repo, issue_number, body: change(body ?? "") });
    },
    dispatch: async (login, command, request, ref = "main") => {
      await stage.as(login).rest.actions.createWorkflowDispatch({
        ...repo,
        workflow_id: "access.yml",
        ref,
        inputs: { command, ...(request === undefined ? {} : { request: String(request) }) },
      });
    },
  };
}

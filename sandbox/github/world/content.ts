import { commitTo, headOf, resolveCommit, signatureOf } from "../commits.ts";
import { applyChanges } from "../git/objects.ts";
import { isRefusal, refusal } from "../http.ts";
import { openIssue, requireIssue, transferIssue } from "../issues.ts";
import { requirePush, updateRef } from "../refs.ts";
import { asWriter } from "../timeline.ts";
import type { Twin } from "../twin.ts";
import type { World } from "../world.ts";
import { fillForm } from "./forms.ts";
import type { Lookup } from "./lookup.ts";
import { toChanges } from "./repositories.ts";

type Git = Pick<World, "commit" | "push" | "pushFiles">;

export function gitParts(twin: Twin, lookup: Lookup): Git {
  const world: Git = {
    commit: ({ repository: fullName, parent, files, message, author, by }) => {
      const repository = lookup.repository(fullName);
      const base = parent === null ? undefined : resolveCommit(repository, parent);
      if (parent !== null && base === undefined) throw refusal(404, `${fullName} has no commit ${parent}`);
      const committer = signatureOf(lookup.account(by), twin.clock.now());
      return commitTo(repository, {
        tree: applyChanges(repository.objects, base?.tree, toChanges(repository.objects, files)),
        parents: base === undefined ? [] : [base.sha],
        message,
        author: author === undefined ? committer : { ...author, at: committer.at },
        committer,
        verified: false,
      });
    },
    push: (login, fullName, name, sha, { force = false } = {}) => {
      const repository = lookup.repository(fullName);
      const ref = name.startsWith("refs/") ? name : `refs/heads/${name}`;
      const writer = asWriter(lookup.account(login));
      try {
        requirePush(twin, repository, ref, writer);
        updateRef(twin, repository, { ref, after: sha ?? undefined, force: force || sha === null }, writer);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        throw new Error(`! [remote rejected] ${ref} (${error.message.trim()})`, { cause: error });
      }
    },
    pushFiles: (login, repository, branch, files, message) => {
      const exists = headOf(lookup.repository(repository), branch) !== undefined;
      const parent = exists ? `refs/heads/${branch}` : lookup.repository(repository).defaultBranch;
      const sha = world.commit({ repository, parent, files, message, by: login });
      world.push(login, repository, branch, sha);
      return sha;
    },
  };
  return world;
}

type Issues = Pick<World, "submitForm" | "transferIssue" | "deleteRevision">;

export function issueParts(twin: Twin, lookup: Lookup): Issues {
  return {
    submitForm: (login, fullName, template, values, { title } = {}) => {
      const repository = lookup.repository(fullName);
      const filled = fillForm(repository, template, values, title);
      // a form's labels go on whoever submits it, if they exist; they are never made
      const issue = openIssue(
        twin,
        repository,
        { ...filled, labels: [], assignees: [] },
        asWriter(lookup.account(login)),
      );
      issue.labels = filled.labels.flatMap((name) => repository.labels.get(name.toLowerCase()) ?? []);
      return issue.number;
    },
    transferIssue: (login, fullName, number, target) => {
      const issue = requireIssue(twin, lookup.repository(fullName), String(number));
      return transferIssue(twin, issue, lookup.repository(target), asWriter(lookup.account(login))).number;
    },
    deleteRevision: (login, fullName, number, revision, commentId) => {
      const issue = requireIssue(twin, lookup.repository(fullName), String(number));
      const text =
        commentId === undefined ? issue : issue.comments.find((comment) => comment.id === commentId);
      const edit = text?.edits[revision];
      if (edit === undefined) throw refusal(404, `no revision ${revision}`);
      edit.text = null;
      edit.deletedAt = twin.clock.now();
      edit.deletedBy = lookup.account(login);
    },
  };
}

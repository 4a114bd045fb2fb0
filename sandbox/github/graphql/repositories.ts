import type { GraphQLResolveInfo } from "graphql";
import { permissionOf } from "../access.ts";
import { codeOwnerErrors } from "../codeowners.ts";
import type { Issue } from "../issue-state.ts";
import type { Repository } from "../state.ts";
import { showActor } from "./actors.ts";
import { findObject, showRef } from "./git-objects.ts";
import { showIssue, showLabel } from "./issues.ts";
import {
  type Arguments,
  connection,
  failure,
  type Graph,
  only,
  requireRead,
  type Source,
  time,
  unimplemented,
} from "./source.ts";

type Resolver = (args: Arguments, info: GraphQLResolveInfo) => unknown;

export function showRepository(graph: Graph, repository: Repository): Source {
  const { owner, name } = repository;
  const { twin, viewer } = graph;
  return {
    __typename: "Repository",
    id: repository.nodeId,
    databaseId: repository.id,
    name,
    nameWithOwner: `${owner.login}/${name}`,
    owner: () => showActor(graph, owner),
    url: `${twin.url}/${owner.login}/${name}`,
    description: repository.description,
    isPrivate: repository.visibility !== "public",
    isArchived: false,
    isFork: repository.forkOf !== undefined,
    isDisabled: false,
    visibility: repository.visibility.toUpperCase(),
    createdAt: time(repository.createdAt),
    pushedAt: time(repository.pushedAt),
    updatedAt: time(repository.updatedAt),
    viewerPermission: () =>
      viewer.kind === "user" ? permissionOf(twin, viewer.account, repository).toUpperCase() : null,
    isInOrganization: owner.kind === "Organization",
    parent: () => (repository.forkOf === undefined ? null : showRepository(graph, repository.forkOf)),
    ...gitParts(graph, repository),
    ...issueParts(graph, repository),
    labels: ((args, info) =>
      connection(args, info, [...repository.labels.values()], showLabel, ["orderBy"])) satisfies Resolver,
    label: ((args) => {
      const label = repository.labels.get(String(args["name"]).toLowerCase());
      return label === undefined ? null : showLabel(label);
    }) satisfies Resolver,
  };
}

function gitParts(graph: Graph, repository: Repository): Source {
  const requireContents = () => requireRead(graph, repository, "contents:read");
  const ref: Resolver = (args) => {
    requireContents();
    const name = String(args["qualifiedName"]);
    const full = [name, `refs/heads/${name}`, `refs/tags/${name}`].find((candidate) =>
      repository.refs.has(candidate),
    );
    return full === undefined ? null : showRef(graph, repository, full);
  };
  const refs: Resolver = (args, info) => {
    requireContents();
    const prefix = String(args["refPrefix"]);
    const query = args["query"] == null ? "" : String(args["query"]);
    const found = [...repository.refs.keys()]
      .filter((one) => one.startsWith(prefix) && one.slice(prefix.length).includes(query))
      .sort();
    if (args["direction"] === "DESC") found.reverse();
    return connection(args, info, found, (one) => showRef(graph, repository, one, prefix), [
      "refPrefix",
      "query",
      "direction",
    ]);
  };
  const object: Resolver = (args) => {
    requireContents();
    return findObject(graph, repository, args);
  };
  const codeowners: Resolver = ({ refName }) => {
    requireContents();
    const full = `refs/heads/${refName ?? repository.defaultBranch}`;
    const commit = repository.refs.get(full);
    const errors = commit === undefined ? undefined : codeOwnerErrors(graph.twin, repository, commit);
    return errors === undefined ? null : { errors };
  };
  return {
    codeowners,
    defaultBranchRef: () => showRef(graph, repository, `refs/heads/${repository.defaultBranch}`),
    ref,
    refs,
    object,
    isEmpty: repository.refs.size === 0,
  };
}

function issueParts(graph: Graph, repository: Repository): Source {
  const find = (args: Arguments, kind: "Issue" | "PullRequest" | "either"): Source => {
    const number = Number(args["number"]);
    const issue = repository.issues.get(number);
    const matches =
      issue !== undefined && (kind === "either" || (issue.pull === undefined) === (kind === "Issue"));
    if (!matches) {
      const what =
        kind === "either" ? "an issue or pull request" : kind === "Issue" ? "an Issue" : "a PullRequest";
      throw failure("NOT_FOUND", `Could not resolve to ${what} with the number of ${number}.`);
    }
    requireRead(graph, repository, issue.pull === undefined ? "issues:read" : "pull_requests:read");
    return showIssue(graph, issue);
  };
  return {
    issue: ((args) => find(args, "Issue")) satisfies Resolver,
    pullRequest: ((args) => find(args, "PullRequest")) satisfies Resolver,
    issueOrPullRequest: ((args) => find(args, "either")) satisfies Resolver,
    issues: ((args, info) => {
      requireRead(graph, repository, "issues:read");
      return listIssues(graph, repository, args, info);
    }) satisfies Resolver,
    pullRequests: ((args, info) => {
      requireRead(graph, repository, "pull_requests:read");
      return listPulls(graph, repository, args, info);
    }) satisfies Resolver,
  };
}

function ordered(issues: Issue[], orderBy: Arguments | null | undefined): Issue[] {
  const direction = orderBy?.["direction"] === "DESC" ? -1 : 1;
  const field: string = orderBy?.["field"] ?? "CREATED_AT";
  if (field !== "CREATED_AT" && field !== "UPDATED_AT") throw unimplemented(`order by ${field}`);
  const key = field === "UPDATED_AT" ? "updatedAt" : "createdAt";
  return issues.sort((a, b) => direction * (a[key] - b[key] || a.number - b.number));
}

function hasLabels(issue: Issue, names: string[] | null | undefined): boolean {
  if (names == null) return true;
  // any of them, other than in REST
  return names.some((name) => issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase()));
}

function listIssues(graph: Graph, repository: Repository, args: Arguments, info: GraphQLResolveInfo): Source {
  const { filterBy } = args;
  only(filterBy ?? {}, info, "since", "labels", "states", "createdBy");
  const states: string[] | undefined = args["states"] ?? filterBy?.states;
  const since = filterBy?.since == null ? Number.NEGATIVE_INFINITY : Date.parse(String(filterBy.since));
  const creator: string | undefined = filterBy?.createdBy?.toLowerCase();
  const found = [...repository.issues.values()]
    .filter((issue) => issue.pull === undefined && issue.updatedAt >= since)
    .filter((issue) => states == null || states.includes(issue.state.toUpperCase()))
    .filter((issue) => hasLabels(issue, args["labels"]) && hasLabels(issue, filterBy?.labels))
    .filter((issue) => creator === undefined || issue.author.login.toLowerCase() === creator);
  const show = (issue: Issue) => showIssue(graph, issue);
  return connection(args, info, ordered(found, args["orderBy"]), show, [
    "states",
    "labels",
    "orderBy",
    "filterBy",
  ]);
}

function listPulls(graph: Graph, repository: Repository, args: Arguments, info: GraphQLResolveInfo): Source {
  const { states, headRefName, baseRefName } = args;
  const stateOf = ({ pull, state }: Issue) => (pull?.merged === true ? "MERGED" : state.toUpperCase());
  const found = [...repository.issues.values()]
    .filter((issue) => issue.pull !== undefined)
    .filter((issue) => states == null || states.includes(stateOf(issue)))
    .filter((issue) => headRefName == null || issue.pull?.headRef === headRefName)
    .filter((issue) => baseRefName == null || issue.pull?.baseRef === baseRefName)
    .filter((issue) => hasLabels(issue, args["labels"]));
  const more = ["states", "labels", "headRefName", "baseRefName", "orderBy"];
  return connection(args, info, ordered(found, args["orderBy"]), (issue) => showIssue(graph, issue), more);
}

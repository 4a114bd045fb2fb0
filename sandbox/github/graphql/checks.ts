import type { GraphQLResolveInfo } from "graphql";
import type { CheckRun, CheckSuite } from "../check-state.ts";
import type { Repository } from "../state.ts";
import { type Arguments, connection, type Graph, only, requireRead, type Source, time } from "./source.ts";

// Check suites of a commit and their runs. A suite is one App's, so that asking for an App's own is one filter.

/** `Commit.checkSuites`. */
export function checkSuitesOf(
  graph: Graph,
  repository: Repository,
  sha: string,
  args: Arguments,
  info: GraphQLResolveInfo,
): Source {
  requireRead(graph, repository, "checks:read");
  const { appId, checkName } = (args["filterBy"] ?? {}) as Arguments;
  const found = repository.checkSuites.filter(
    (suite) =>
      suite.headSha === sha &&
      (appId == null || suite.app.id === appId) &&
      (checkName == null || runsOf(repository, suite).some((run) => run.name === checkName)),
  );
  return connection(args, info, found, (suite) => showSuite(repository, suite), ["filterBy"]);
}

const runsOf = (repository: Repository, suite: CheckSuite): CheckRun[] =>
  repository.checkRuns.filter((run) => run.suite === suite);

function showSuite(repository: Repository, suite: CheckSuite): Source {
  return {
    __typename: "CheckSuite",
    id: suite.nodeId,
    databaseId: suite.id,
    createdAt: time(suite.createdAt),
    updatedAt: time(suite.updatedAt),
    checkRuns: (args: Arguments, info: GraphQLResolveInfo) => {
      const filter = (args["filterBy"] ?? {}) as Arguments;
      only(filter, info, "appId", "checkName", "checkType");
      const { appId, checkName, checkType } = filter;
      const named = runsOf(repository, suite).filter(
        (run) =>
          (appId == null || run.suite.app.id === appId) && (checkName == null || run.name === checkName),
      );
      const found = checkType === "LATEST" ? latestOfEachName(named) : named;
      return connection(args, info, found, showRun, ["filterBy"]);
    },
  };
}

const latestOfEachName = (runs: CheckRun[]): CheckRun[] => [
  ...new Map(runs.map((run) => [run.name, run])).values(),
];

function showRun(run: CheckRun): Source {
  return {
    __typename: "CheckRun",
    id: run.nodeId,
    databaseId: run.id,
    name: run.name,
    externalId: run.externalId,
    status: run.status.toUpperCase(),
    conclusion: run.conclusion?.toUpperCase() ?? null,
    startedAt: time(run.startedAt),
    completedAt: run.completedAt === null ? null : time(run.completedAt),
    title: run.output.title,
    summary: run.output.summary,
    text: run.output.text,
  };
}

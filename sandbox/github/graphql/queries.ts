import type { GraphQLResolveInfo } from "graphql";
import { canSee, findAccount, findRepository } from "../access.ts";
import type { Node } from "../state.ts";
import { showActor, showOrganization, showTeam } from "./actors.ts";
import { showComment, showIssue, showLabel } from "./issues.ts";
import { showReview } from "./pulls.ts";
import { showRepository } from "./repositories.ts";
import { type Arguments, failure, type Graph, only, requireRead, type Source } from "./source.ts";

/** The fields of `Query`. */
export function createQueries(graph: Graph): Source {
  const { twin, viewer, limits } = graph;
  return {
    repository: (args: Arguments, info: GraphQLResolveInfo) => {
      only(args, info, "owner", "name", "followRenames");
      const repository = findRepository(twin, String(args["owner"]), String(args["name"]));
      if (repository === undefined || !canSee(twin, viewer, repository)) {
        throw failure(
          "NOT_FOUND",
          `Could not resolve to a Repository with the name '${args["owner"]}/${args["name"]}'.`,
        );
      }
      return showRepository(graph, repository);
    },
    node: (args: Arguments) => findNode(graph, String(args["id"])),
    nodes: (args: Arguments) => (args["ids"] as string[]).map((id) => findNode(graph, id)),
    viewer: () => {
      const { account } = viewer;
      // the one place where GraphQL says `[bot]`
      return { ...showActor(graph, account), __typename: "User", login: account?.login };
    },
    user: (args: Arguments) => {
      const account = findAccount(twin, String(args["login"]));
      if (account?.kind !== "User")
        throw failure("NOT_FOUND", `Could not resolve to a User with the login of '${args["login"]}'.`);
      return showActor(graph, account);
    },
    organization: (args: Arguments) => {
      const account = findAccount(twin, String(args["login"]));
      const organization = account === undefined ? undefined : twin.state.organizations.get(account.id);
      if (organization === undefined) {
        throw failure(
          "NOT_FOUND",
          `Could not resolve to an Organization with the login of '${args["login"]}'.`,
        );
      }
      return showOrganization(graph, organization);
    },
    rateLimit: (args: Arguments, info: GraphQLResolveInfo) => {
      only(args, info, "dryRun");
      const { limit, used, remaining, reset } = limits.state(viewer, "graphql");
      const resetAt = new Date(reset * 1000).toISOString();
      return { cost: 1, limit, used, remaining, resetAt, nodeCount: 0 };
    },
  };
}

export function findNode(graph: Graph, id: string): Source | null {
  const node = graph.twin.state.nodes.get(id);
  const shown = node === undefined ? undefined : showNode(graph, node);
  if (shown === undefined)
    throw failure("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'.`);
  return shown;
}

function showNode(graph: Graph, node: Node): Source | null | undefined {
  const { twin, viewer } = graph;
  switch (node.type) {
    case "account": {
      const organization = twin.state.organizations.get(node.value.id);
      return organization === undefined
        ? showActor(graph, node.value)
        : showOrganization(graph, organization);
    }
    case "repository":
      return canSee(twin, viewer, node.value) ? showRepository(graph, node.value) : undefined;
    case "issue": {
      if (!canSee(twin, viewer, node.value.repository)) return undefined;
      requireRead(
        graph,
        node.value.repository,
        node.value.pull === undefined ? "issues:read" : "pull_requests:read",
      );
      return showIssue(graph, node.value);
    }
    case "comment": {
      const { issue } = node.value;
      if (!canSee(twin, viewer, issue.repository)) return undefined;
      requireRead(graph, issue.repository, "issues:read|pull_requests:read");
      return showComment(graph, node.value);
    }
    case "review": {
      const { repository } = node.value.pull.issue;
      if (!canSee(twin, viewer, repository)) return undefined;
      requireRead(graph, repository, "pull_requests:read");
      return showReview(graph, node.value);
    }
    case "label":
      return showLabel(node.value);
    case "team": {
      const member = node.value.organization.members.get(viewer.account?.id ?? 0)?.state === "active";
      return member || viewer.permissions?.["members"] !== undefined
        ? showTeam(graph, node.value)
        : undefined;
    }
  }
}

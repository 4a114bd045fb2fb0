// Which requests a webhook is about. A webhook only says "look at request N again": nothing else in it is believed.

/** What to look at again: one request, everything unsettled, or nothing. */
export type Affected = { readonly request: number } | "all" | "nothing";

/** The fields that are read of a payload; all others are ignored. */
export interface EventPayload {
  readonly action?: string;
  readonly sender?: { readonly id?: number };
  readonly issue?: { readonly number: number; readonly pull_request?: unknown };
  readonly pull_request?: PullPayload;
  readonly check_run?: { readonly pull_requests?: readonly { readonly head?: { readonly ref?: string } }[] };
  readonly workflow_run?: { readonly display_title?: string; readonly conclusion?: string | null };
  readonly ref?: string;
  readonly repository?: { readonly default_branch?: string };
}

interface PullPayload {
  readonly number: number;
  readonly base?: { readonly ref?: string; readonly repo?: { readonly id: number } };
  readonly head?: { readonly ref?: string; readonly repo?: { readonly id: number } | null };
}

/** Names of the events that the App subscribes to; `app.yml` and a test hold the same list. */
export const subscribedEvents = [
  "issues",
  "issue_comment",
  "pull_request",
  "pull_request_review",
  "check_run",
  "push",
  "workflow_run",
  "member",
  "membership",
  "team",
] as const;

/**
 * `botId` is the user id of the App's bot: what the App did itself needs no second look, because every pass ends with nothing left to do.
 * The Action writes as the same bot, and says what it did by the state it leaves.
 */
export function affectedBy(name: string, payload: EventPayload, botId: number): Affected {
  const own = payload.sender?.id === botId;
  switch (name) {
    // the App opens issues too: one for each `/extend`
    case "issues":
    case "issue_comment":
      return (own && payload.action !== "opened") || payload.issue === undefined
        ? "nothing"
        : { request: payload.issue.number };
    case "pull_request":
    case "pull_request_review":
      return own || payload.pull_request === undefined ? "nothing" : requestOfPull(payload.pull_request);
    case "check_run":
      return payload.action === "rerequested" ? requestOfCheck(payload) : "nothing";
    case "workflow_run":
      return payload.action === "completed" ? requestOfRun(payload) : "nothing";
    case "push":
      return payload.ref === `refs/heads/${payload.repository?.default_branch}` ? "all" : "nothing";
    case "member":
    case "membership":
    case "team":
      return "all";
    default:
      return "nothing";
  }
}

const requestBranch = /^request\/([1-9]\d{0,9})(?:-[1-9]\d*)?$/;

function requestOfPull(pull: PullPayload): Affected {
  if (pull.base?.ref !== "ledger") return "nothing";
  // in a fork anybody calls a branch as they like
  const isOwn = pull.head?.repo?.id === pull.base?.repo?.id;
  const id = isOwn ? requestBranch.exec(pull.head?.ref ?? "")?.[1] : undefined;
  return { request: id === undefined ? pull.number : Number(id) };
}

function requestOfCheck(payload: EventPayload): Affected {
  const ref = payload.check_run?.pull_requests?.[0]?.head?.ref ?? "";
  const id = requestBranch.exec(ref)?.[1];
  return id === undefined ? "nothing" : { request: Number(id) };
}

/** `access.yml` names its runs `<command> <request>`. One that did not succeed leaves its request to be looked at again. */
function requestOfRun(payload: EventPayload): Affected {
  const run = payload.workflow_run;
  const id = /^(?:grant|end) ([1-9]\d{0,9})$/.exec(run?.display_title ?? "")?.[1];
  return id === undefined || run?.conclusion === "success" ? "nothing" : { request: Number(id) };
}

import type { Issue, TimelineEvent, TimelineKind } from "./issue-state.ts";
import type { Twin, Viewer, Writer } from "./twin.ts";

type Extra = Omit<Partial<TimelineEvent>, "id" | "nodeId" | "kind" | "issue" | "actor" | "app" | "at">;

/** Adds to an issue's or pull request's history. */
export function record(
  twin: Twin,
  issue: Issue,
  kind: TimelineKind,
  writer: Writer,
  extra: Extra = {},
): TimelineEvent {
  const id = twin.ids.number();
  const event: TimelineEvent = {
    id,
    nodeId: twin.ids.node("TE", id),
    kind,
    issue,
    actor: writer.account,
    app: viaApp(writer),
    at: twin.clock.now(),
    ...extra,
  };
  issue.timeline.push(event);
  return event;
}

/** `performed_via_github_app`: the App whose token was used. */
export function viaApp(viewer: Viewer) {
  return viewer.app ?? null;
}

/** A person acting on the web page, for the world's own doings. */
export function asWriter(account: Writer["account"]): Writer {
  return {
    kind: "user",
    account,
    app: undefined,
    installation: undefined,
    permissions: undefined,
    repositories: undefined,
    token: undefined,
  };
}

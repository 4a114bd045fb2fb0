import type { ActionsHost } from "./actions-port.ts";
import type { Clock } from "./clock.ts";
import type { Json } from "./http.ts";
import type { Ids } from "./ids.ts";
import type {
  Account,
  App,
  Installation,
  Organization,
  Permissions,
  Repository,
  State,
  Token,
} from "./state.ts";

/** Who sends a request, and in whose name writes are made. */
export interface Viewer {
  kind: "anonymous" | "user" | "app" | "installation" | "actions";
  account: Account | undefined;
  app: App | undefined;
  installation: Installation | undefined;
  /** Of an installation or GITHUB_TOKEN; people have what their role gives. */
  permissions: Permissions | undefined;
  repositories: Set<number> | "all" | undefined;
  token: Token | undefined;
}

/** A viewer that has an account: the only kind that writes. */
export interface Writer extends Viewer {
  account: Account;
}

/** Something webhooks and workflows hear of. */
export interface TwinEvent {
  name: string;
  action?: string;
  repository?: Repository;
  organization?: Organization;
  /** For `installation` and its like: only this one hears. */
  only?: Installation;
  sender: Viewer;
  payload: Json;
  ref?: string;
  sha?: string;
  pull?: { number: number; fromFork: boolean };
}

/** Where the twin is stricter or later than a simple fake; each can be set in a test. */
export interface Quirks {
  /** `mergeable` is null on the first look after a change. */
  lateMergeability: boolean;
  /** The next merges answer 405 "Base branch was modified", this many times. */
  baseModifiedRaces: number;
  /** Requests an hour for one token owner. */
  hourlyLimit: number;
  /** Writes of content a minute and an hour before a secondary limit answers 403; undefined: none. */
  contentWrites: { perMinute: number; perHour: number } | undefined;
}

/** What all parts of the twin work on. */
export interface Twin {
  state: State;
  clock: Clock;
  ids: Ids;
  url: string;
  quirks: Quirks;
  /** `github-actions`, whose bot a GITHUB_TOKEN writes as. */
  actionsApp: App;
  /** `web-flow`, the committer of what GitHub commits for somebody. */
  webFlow: Account;
  ghost: Account;
  emit(event: TwinEvent): void;
  host(): ActionsHost | undefined;
}

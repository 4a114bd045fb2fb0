// What an operator asks for, whichever way it was written (issue form, file, CLI).

import type { Instant, NodeId, Seconds } from "./ids.ts";

export const accessModes = ["shell", "ssh", "port-forward", "rdp"] as const;
export type AccessMode = (typeof accessModes)[number];

/** How a request names nodes. Names and tags are for issues, where the App pins what they resolve to; a file spells ids. */
export type NodeSelector =
  | { readonly by: "id"; readonly id: NodeId }
  | { readonly by: "name"; readonly name: string }
  | { readonly by: "path"; readonly account: string; readonly region: string; readonly name: string }
  | { readonly by: "tag"; readonly key: string; readonly value: string };

export interface AccessRequest {
  readonly nodes: readonly NodeSelector[];
  readonly access: AccessMode;
  /** One of the config's forwards; there exactly when `access` is `port-forward`. */
  readonly forward?: string;
  readonly for: Seconds;
  readonly reason: string;
  readonly ticket?: string;
  /** Not before. */
  readonly from?: Instant;
}

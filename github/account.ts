// Who is behind an actor.

import type { Account, UserId } from "../core/ids.ts";
import type { Actor } from "./reading.ts";

/** GitHub's account for all that deleted accounts have left behind; as an author it is nobody. */
export const ghost: Account = { login: "ghost", id: 10_137 as UserId };

export const accountOf = (actor: Actor | undefined): Account =>
  actor === undefined ? ghost : { login: actor.login, id: actor.id };

/** Not a bot, an organization, an import's mannequin or a ghost. */
export const isPerson = (actor: Actor | undefined): actor is Actor =>
  actor?.kind === "User" && actor.id !== ghost.id;

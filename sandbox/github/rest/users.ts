import { findAccount } from "../access.ts";
import { notFound, ok, refusal } from "../http.ts";
import { showProfile } from "../render/accounts.ts";
import { type Call, type Route, route } from "../router.ts";
import type { Account } from "../state.ts";

function profile(call: Call, account: Account | undefined) {
  if (account === undefined) throw notFound();
  return ok(showProfile(call.twin, account));
}

function showOwnProfile(call: Call) {
  const { viewer } = call;
  if (viewer.kind === "anonymous") throw refusal(401, "Requires authentication");
  if (viewer.kind !== "user" || viewer.account === undefined) {
    throw refusal(403, "Resource not accessible by integration");
  }
  return ok({
    ...showProfile(call.twin, viewer.account),
    user_view_type: "private",
    private_gists: 0,
    total_private_repos: 0,
    owned_private_repos: 0,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  });
}

export const userRoutes: Route[] = [
  route("GET /user", showOwnProfile),
  route("GET /users/{username}", (call) =>
    profile(call, findAccount(call.twin, call.params["username"] ?? "")),
  ),
  route("GET /user/{account_id}", (call) => {
    const id = Number(call.params["account_id"]);
    return profile(
      call,
      call.twin.state.accounts.find((account) => account.id === id && !account.deleted),
    );
  }),
];

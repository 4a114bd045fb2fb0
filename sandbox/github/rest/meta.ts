import { ok } from "../http.ts";
import type { Limits } from "../limits.ts";
import { type Route, route } from "../router.ts";

export function metaRoutes(limits: Limits): Route[] {
  return [
    route("GET /rate_limit", (call) => {
      const core = limits.state(call.viewer, "core");
      const graphql = limits.state(call.viewer, "graphql");
      const search = { ...core, limit: 30, used: 0, remaining: 30 };
      return ok({ resources: { core, graphql, search }, rate: core });
    }),
    route("GET /meta", () => ok({ verifiable_password_authentication: false })),
  ];
}

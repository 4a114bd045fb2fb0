import type { Limits } from "../limits.ts";
import type { Route } from "../router.ts";
import type { Webhooks } from "../webhooks.ts";
import { actionRoutes } from "./actions.ts";
import { appRoutes } from "./apps.ts";
import { checkRoutes } from "./checks.ts";
import { commentRoutes, reactionRoutes } from "./comments.ts";
import { contentRoutes } from "./contents.ts";
import { deploymentRoutes } from "./deployments.ts";
import { environmentRoutes } from "./environments.ts";
import { gitRoutes } from "./git.ts";
import { issueRoutes } from "./issues.ts";
import { labelRoutes } from "./labels.ts";
import { metaRoutes } from "./meta.ts";
import { pullRoutes } from "./pulls.ts";
import { repositoryRoutes } from "./repositories.ts";
import { rulesetRoutes } from "./rulesets.ts";
import { organizationRoutes } from "./teams.ts";
import { timelineRoutes } from "./timeline.ts";
import { userRoutes } from "./users.ts";

/** Every REST endpoint that the twin has. */
export function allRoutes(parts: { webhooks: Webhooks; limits: Limits }): Route[] {
  return [
    ...metaRoutes(parts.limits),
    ...appRoutes(parts.webhooks),
    ...userRoutes,
    ...organizationRoutes,
    ...repositoryRoutes,
    ...gitRoutes,
    ...contentRoutes,
    ...issueRoutes,
    ...commentRoutes,
    ...reactionRoutes,
    ...labelRoutes,
    ...pullRoutes,
    ...checkRoutes,
    ...rulesetRoutes,
    ...environmentRoutes,
    ...actionRoutes,
    ...timelineRoutes,
    ...deploymentRoutes,
  ];
}

// The App as `app/app.yml` describes it: what it may do, and where such an App is registered.

import { parse } from "yaml";
import * as z from "zod/mini";
import type { GitHubHost } from "./set-up-aws.ts";

const manifestShape = z.object({
  name: z.string(),
  public: z.boolean(),
  default_permissions: z.record(z.string(), z.enum(["read", "write"])),
  default_events: z.array(z.string()),
});

export type AppManifest = z.output<typeof manifestShape>;

export const parseManifest = (text: string): AppManifest => manifestShape.parse(parse(text));

/** GitHub's form for a new App of an organization, filled in. The webhook is switched on once there is a server. */
export function appRegistrationUrl(
  { host }: GitHubHost,
  { owner, repo }: { readonly owner: string; readonly repo: string },
  manifest: string,
): string {
  const app = parseManifest(manifest);
  const query = new URLSearchParams({
    name: `${owner}-hallpass`.slice(0, 34),
    url: `https://${host}/${owner}/${repo}`,
    public: String(app.public),
    webhook_active: "false",
    ...app.default_permissions,
  });
  for (const event of app.default_events) query.append("events[]", event);
  return `https://${host}/organizations/${owner}/settings/apps/new?${query}`;
}

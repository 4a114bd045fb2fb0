import { timestamp } from "../clock.ts";
import type { Json } from "../http.ts";
import type { App, Installation } from "../state.ts";
import type { Twin } from "../twin.ts";
import { showUser } from "./accounts.ts";

/** `integration`. */
export function showApp(twin: Twin, app: App): Json {
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: app.nodeId,
    owner: showUser(twin, app.owner),
    name: app.name,
    description: "",
    external_url: twin.url,
    html_url: `${twin.url}/apps/${app.slug}`,
    created_at: timestamp(app.createdAt),
    updated_at: timestamp(app.createdAt),
    permissions: { metadata: "read", ...app.permissions },
    events: app.events,
  };
}

/** `installation`. */
export function showInstallation(twin: Twin, installation: Installation): Json {
  const { account, app } = installation;
  const organization = account.kind === "Organization";
  return {
    id: installation.id,
    client_id: app.clientId,
    account: showUser(twin, account),
    repository_selection: installation.repositories === "all" ? "all" : "selected",
    access_tokens_url: `${twin.url}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${twin.url}/installation/repositories`,
    html_url: organization
      ? `${twin.url}/organizations/${account.login}/settings/installations/${installation.id}`
      : `${twin.url}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.kind,
    permissions: { metadata: "read", ...installation.permissions },
    events: installation.events,
    created_at: timestamp(installation.createdAt),
    updated_at: timestamp(installation.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspendedAt === undefined ? null : showUser(twin, account),
    suspended_at: installation.suspendedAt === undefined ? null : timestamp(installation.suspendedAt),
  };
}

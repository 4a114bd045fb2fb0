import { canSee, findAccount, findRepository, grants } from "../access.ts";
import { timestamp } from "../clock.ts";
import { type Answer, accepted, created, type Json, noContent, notFound, ok, refusal } from "../http.ts";
import { showApp, showInstallation } from "../render/apps.ts";
import { showRepository, showViewerPermissions } from "../render/repositories.ts";
import { type Call, counted, listed, type Route, route } from "../router.ts";
import type { Access, App, Installation, Permissions, Repository } from "../state.ts";
import type { Twin } from "../twin.ts";
import type { Webhooks } from "../webhooks.ts";

function requireApp(call: Call): App {
  if (call.viewer.kind !== "app" || call.viewer.app === undefined) {
    throw refusal(401, "A JSON web token could not be decoded");
  }
  return call.viewer.app;
}

function installationsOf(twin: Twin, app: App): Installation[] {
  return twin.state.installations.filter((installation) => installation.app === app);
}

function requireInstallation(call: Call): Installation {
  const id = Number(call.params["installation_id"]);
  const found = installationsOf(call.twin, requireApp(call)).find((installation) => installation.id === id);
  if (found === undefined) throw notFound();
  return found;
}

function repositoriesOf(twin: Twin, installation: Installation): Repository[] {
  const { repositories, account } = installation;
  return twin.state.repositories.filter(
    (repository) =>
      repository.owner === account && (repositories === "all" || repositories.has(repository.id)),
  );
}

/** Narrowing may only take away. */
function narrowedPermissions(installation: Installation, asked: Json | undefined): Permissions {
  if (asked === undefined) return { ...installation.permissions };
  const permissions = asked as Record<string, Access>;
  for (const [name, access] of Object.entries(permissions)) {
    if (!grants(installation.permissions, [{ [name]: access }])) {
      throw refusal(422, "The permissions requested are not granted to this installation.");
    }
  }
  return permissions;
}

function narrowedRepositories(call: Call, installation: Installation): Set<number> | "all" {
  const names = call.body.texts("repositories");
  const ids = call.body.raw["repository_ids"];
  if (names === undefined && !Array.isArray(ids)) return installation.repositories;
  const available = repositoriesOf(call.twin, installation);
  const wanted = [...(names ?? []), ...(Array.isArray(ids) ? ids.map(Number) : [])].map((one) =>
    available.find(
      (repository) => repository.id === one || repository.name.toLowerCase() === String(one).toLowerCase(),
    ),
  );
  const found = wanted.filter((repository) => repository !== undefined);
  if (found.length !== wanted.length) {
    throw refusal(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  return new Set(found.map((repository) => repository.id));
}

/** Installation tokens live for an hour. */
const tokenLife = 3_600_000;

function mintToken(call: Call): Answer {
  const { twin } = call;
  const installation = requireInstallation(call);
  if (installation.suspendedAt !== undefined) throw refusal(403, "This installation has been suspended");
  const permissions = narrowedPermissions(installation, call.body.object("permissions")?.raw);
  const repositories = narrowedRepositories(call, installation);
  const value = twin.ids.secret("ghs");
  const expiresAt = twin.clock.now() + tokenLife;
  twin.state.tokens.set(value, {
    kind: "installation",
    value,
    installation,
    permissions,
    repositories,
    expiresAt,
  });
  return created({
    token: value,
    expires_at: timestamp(expiresAt),
    permissions: { metadata: "read", ...permissions },
    repository_selection: repositories === "all" ? "all" : "selected",
    ...(repositories === installation.repositories
      ? {}
      : {
          repositories: repositoriesOf(twin, installation)
            .filter((repository) => repositories !== "all" && repositories.has(repository.id))
            .map((repository) => showRepository(twin, repository)),
        }),
  });
}

function installationFor(call: Call, covers: (installation: Installation) => boolean): Answer {
  const found = installationsOf(call.twin, requireApp(call)).find(covers);
  if (found === undefined) throw notFound();
  return ok(showInstallation(call.twin, found));
}

function installationOnAccount(name: "org" | "username") {
  return (call: Call): Answer => {
    const account = findAccount(call.twin, call.params[name] ?? "");
    return installationFor(call, (installation) => installation.account === account);
  };
}

function installationOnRepository(call: Call): Answer {
  const repository = findRepository(call.twin, call.params["owner"] ?? "", call.params["repo"] ?? "");
  return installationFor(
    call,
    (installation) =>
      repository !== undefined && repositoriesOf(call.twin, installation).includes(repository),
  );
}

function accessibleRepositories(call: Call): Answer {
  const { viewer, twin } = call;
  if (viewer.installation === undefined)
    throw refusal(
      403,
      "You must authenticate with an installation access token in order to list repositories for an installation.",
    );
  const visible = repositoriesOf(twin, viewer.installation).filter((repository) =>
    canSee(twin, viewer, repository),
  );
  return counted(
    call,
    "repositories",
    visible,
    (repository) => ({
      ...showRepository(twin, repository),
      ...showViewerPermissions(twin, repository, viewer),
    }),
    { repository_selection: viewer.repositories === "all" ? "all" : "selected" },
  );
}

function revokeToken(call: Call): Answer {
  const { token } = call.viewer;
  if (token?.kind !== "installation") throw refusal(403, "Resource not accessible");
  call.twin.state.tokens.delete(token.value);
  return noContent;
}

function showHook(app: App): Json {
  return {
    content_type: app.hook?.contentType ?? "json",
    insecure_ssl: app.hook?.insecureSsl ?? "0",
    secret: "********",
    url: app.hook?.url ?? "",
  };
}

function changeHook(call: Call): Answer {
  const app = requireApp(call);
  if (app.hook === undefined) throw notFound();
  app.hook.url = call.body.optionalText("url") ?? app.hook.url;
  app.hook.secret = call.body.optionalText("secret") ?? app.hook.secret;
  return ok(showHook(app));
}

function deliveryRoutes(webhooks: Webhooks): Route[] {
  const requireDelivery = (call: Call) => {
    const id = Number(call.params["delivery_id"]);
    const found = webhooks.deliveriesOf(requireApp(call)).find((delivery) => delivery.id === id);
    if (found === undefined) throw notFound();
    return found;
  };
  return [
    route("GET /app/hook/deliveries", (call) => {
      const all = webhooks.deliveriesOf(requireApp(call)).toReversed();
      const status = call.query.get("status");
      const wanted = all.filter(({ statusCode }) => {
        const success = statusCode >= 200 && statusCode < 400;
        return status === null || (status === "success") === success;
      });
      return deliveriesPage(call, wanted, (delivery) => webhooks.show(delivery, false));
    }),
    route("GET /app/hook/deliveries/{delivery_id}", (call) => ok(webhooks.show(requireDelivery(call), true))),
    route("POST /app/hook/deliveries/{delivery_id}/attempts", (call) => {
      webhooks.redeliver(requireDelivery(call));
      return accepted({});
    }),
  ];
}

/** Deliveries are paged by cursor, not by number. */
function deliveriesPage<T extends { id: number }>(call: Call, all: T[], show: (item: T) => Json): Answer {
  const size = Math.min(100, Number(call.query.get("per_page") ?? "30") || 30);
  const cursor = call.query.get("cursor");
  const from = cursor === null ? 0 : all.findIndex((item) => `v1_${item.id}` === cursor);
  const items = from < 0 ? [] : all.slice(from, from + size);
  const next = all[from + size];
  if (from < 0 || next === undefined) return ok(items.map(show));
  const url = new URL(call.requestUrl);
  url.searchParams.set("cursor", `v1_${next.id}`);
  return ok(items.map(show), { link: `<${url.href}>; rel="next"` });
}

export function appRoutes(webhooks: Webhooks): Route[] {
  return [
    route("GET /app", (call) => {
      const app = requireApp(call);
      const count = installationsOf(call.twin, app).length;
      return ok({ ...showApp(call.twin, app), installations_count: count });
    }),
    route("GET /apps/{app_slug}", (call) => {
      const app = call.twin.state.apps.find((candidate) => candidate.slug === call.params["app_slug"]);
      if (app === undefined) throw notFound();
      return ok(showApp(call.twin, app));
    }),
    route("GET /app/installations", (call) =>
      listed(call, installationsOf(call.twin, requireApp(call)), (one) => showInstallation(call.twin, one)),
    ),
    route("GET /app/installations/{installation_id}", (call) =>
      ok(showInstallation(call.twin, requireInstallation(call))),
    ),
    route("POST /app/installations/{installation_id}/access_tokens", mintToken),
    route("GET /repos/{owner}/{repo}/installation", installationOnRepository),
    route("GET /orgs/{org}/installation", installationOnAccount("org")),
    route("GET /users/{username}/installation", installationOnAccount("username")),
    route("GET /installation/repositories", accessibleRepositories),
    route("DELETE /installation/token", revokeToken),
    route("GET /app/hook/config", (call) => ok(showHook(requireApp(call)))),
    route("PATCH /app/hook/config", changeHook),
    ...deliveryRoutes(webhooks),
  ];
}

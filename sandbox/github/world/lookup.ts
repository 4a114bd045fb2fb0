import { findAccount, findRepository } from "../access.ts";
import { refusal } from "../http.ts";
import type { Account, App, Installation, Organization, Repository, Team } from "../state.ts";
import type { Twin } from "../twin.ts";

/** Looks things up by the names people use. */
export interface Lookup {
  account(login: string): Account;
  organization(login: string): Organization;
  repository(fullName: string): Repository;
  team(organization: string, slug: string): Team;
  app(slug: string): App;
  installation(slug: string, account: string): Installation;
}

export function createLookup(twin: Twin): Lookup {
  const found = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw refusal(404, `the world has no ${what}`);
    return value;
  };
  const lookup: Lookup = {
    account: (login) => found(findAccount(twin, login), `account ${login}`),
    organization: (login) =>
      found(twin.state.organizations.get(lookup.account(login).id), `organization ${login}`),
    repository: (fullName) => {
      const [owner = "", name = ""] = fullName.split("/");
      return found(findRepository(twin, owner, name), `repository ${fullName}`);
    },
    team: (organization, slug) =>
      found(
        lookup.organization(organization).teams.find((team) => team.slug === slug),
        `team ${organization}/${slug}`,
      ),
    app: (slug) =>
      found(
        twin.state.apps.find((app) => app.slug === slug),
        `App ${slug}`,
      ),
    installation: (slug, account) =>
      found(
        twin.state.installations.find(
          (one) => one.app.slug === slug && one.account === lookup.account(account),
        ),
        `installation of ${slug} on ${account}`,
      ),
  };
  return lookup;
}

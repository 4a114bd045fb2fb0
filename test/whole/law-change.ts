// An admin changes the default branch past its ruleset: without it, then with it again.

import type { World } from "./world.ts";

const repo = { owner: "acme", repo: "access" };

export async function changeLaw({ stage }: World, files: Readonly<Record<string, string>>): Promise<void> {
  const olivia = stage.as("olivia");
  const { data } = await olivia.request("GET /repos/{owner}/{repo}/rulesets", repo);
  const law = data.find(({ name }) => name.includes("law"));
  if (law === undefined) throw new Error("there is no ruleset of the law");
  const enforce = (enforcement: "active" | "disabled") =>
    olivia.request("PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
      ...repo,
      ruleset_id: law.id,
      enforcement,
    });
  await enforce("disabled");
  stage.github.pushFiles("olivia", stage.repository.fullName, "main", files, "Change the law");
  await enforce("active");
}

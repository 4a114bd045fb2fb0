// Whether the files of the access repo that are Hallpass's own, a copy of the Action among them, are of this version.

import { textAt } from "../github/propose-files.ts";
import type { DoctorDeps, Seen } from "./doctor.ts";
import { couldNotLook, type Finding, ok, warning } from "./doctor-check.ts";
import { accessPath, hallpassFiles } from "./set-up.ts";
import { gitBlob } from "./set-up-plan.ts";
import { usedAction } from "./set-up-workflows.ts";

/** A warning: an older copy still grants by the law, but what has been mended since is not in it. */
export async function files({ client, project }: DoctorDeps, seen: Seen): Promise<Finding> {
  const { tree, defaultBranch, config } = seen;
  const action = usedAction((await textAt(client, tree, accessPath)) ?? "");
  if (action === undefined || config === undefined)
    return couldNotLook(
      `the config or the Action of \`${accessPath}\` cannot be read`,
      "mend config and workflow first",
    );
  const expected = hallpassFiles(
    { action, defaultBranch, appId: config.app, forwards: config.forwards },
    project,
  );
  const wrong = expected.flatMap(({ path, content }) => {
    const found = tree.files.get(path);
    if (found === undefined) return [`\`${path}\` is missing`];
    return found === gitBlob(content) ? [] : [`\`${path}\` is another`];
  });
  return wrong.length === 0
    ? ok(`all ${expected.length} as this version of hallpass init writes them`)
    : warning(
        `not what this version of hallpass init writes: ${wrong.join(", ")}`,
        "hallpass init --force in a clone of it, or with --pull-request, and review what changes",
      );
}

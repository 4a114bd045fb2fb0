// What a grant of each mode lets through, and what it does not. IAM has no key for a document's parameters, so a mode is its document.

import { afterEach, describe, expect, test } from "vitest";
import { durationClasses } from "../../../aws/documents.ts";
import type { World } from "../world.ts";
import { createWorld } from "../world.ts";
import { granted } from "./grants.ts";

let world: World;
afterEach(() => world.close());

const windows = "i-0e0e0e0e0e0e0e0e1";
const forwards = [
  { name: "postgres", host: "db.internal", port: 5432 },
  { name: "post", host: "db.internal", port: 25 },
];
const stage = {
  modes: ["shell", "ssh", "port-forward", "rdp"],
  forwards,
  nodes: [
    {
      account: "111122223333",
      region: "eu-central-1",
      id: windows,
      name: "bb8-win-01",
      platform: "Windows",
      tags: { Environment: "Development" },
    },
  ],
} as const;

const stems = ["Shell", "SSH", "RDP", "Forward-postgres", "Forward-post"];
const all = [
  ...stems.flatMap((stem) => durationClasses.map((minutes) => `Hallpass-${stem}-${minutes}`)),
  "SSM-SessionManagerRunShell",
  "AWS-StartPortForwardingSession",
  "AWS-StartPortForwardingSessionToRemoteHost",
  "AWS-StartSSHSession",
  "AWS-StartInteractiveCommand",
  "Hallpass-EndAccess",
];

describe("a grant of", () => {
  const modes = [
    ["shell", {}, "Hallpass-Shell-60"],
    ["ssh", {}, "Hallpass-SSH-60"],
    ["rdp", { nodes: "bb8-win-01" }, "Hallpass-RDP-60"],
    ["port-forward", { forward: "postgres" }, "Hallpass-Forward-postgres-60"],
  ] as const;
  test.each(modes)("%s opens with its document, and with no other", async (access, fields, document) => {
    world = await createWorld({ stage });
    const held = await granted(world, { access, ...fields });
    expect(held.document).toBe(document);
    const target = access === "rdp" ? windows : "i-0d0d0d0d0d0d0d0d1";
    await held.holder.start(target);
    const refused: string[] = [];
    for (const each of all)
      await held.holder.start(target, each).catch(({ name }: Error) => refused.push(`${each} ${name}`));
    expect(refused).toEqual(
      all.filter((each) => each !== document).map((each) => `${each} AccessDeniedException`),
    );
    const other = target === windows ? "i-0d0d0d0d0d0d0d0d1" : windows;
    await expect(held.holder.start(other)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await world.advanceTo(held.record.granted.until + 120_000);
    expect(held.holder.open()).toBe(0);
  });

  test.each(["skipped", "enforced"] as const)(
    "a forward is no shell without a document's name, where AWS's own check is %s",
    async (defaultDocumentCheck) => {
      world = await createWorld({ stage, aws: { defaultDocumentCheck } });
      const { holder } = await granted(world, { access: "port-forward", forward: "postgres" });
      await expect(holder.startDefault("i-0d0d0d0d0d0d0d0d1")).rejects.toMatchObject({
        name: "AccessDeniedException",
      });
    },
  );

  test("a mode that the config does not have is never asked of anybody", async () => {
    world = await createWorld();
    const number = world.people.ask("alice", { access: "ssh" });
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: invalid"]);
  });
});

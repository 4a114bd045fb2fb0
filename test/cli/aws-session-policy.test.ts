// `hallpass aws session-policy`: a record on standard input, the session policies of its grant out.

import { expect, test } from "vitest";
import { run } from "../../cli/program.ts";
import type { Terminal } from "../../cli/terminal.ts";

async function print(record: string, ...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    args: ["aws", "session-policy", ...args],
    cwd: "/",
    env: {},
    input: async () => record,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    outColours: false,
    errColours: false,
  };
  return { code: await run(terminal), out: out.join(""), err: err.join("") };
}

const hex = (count: number): string => count.toString(16).padStart(17, "0");
const ids = (count: number, prefix = "mi-"): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${hex(index + 1)}`);

/** An active record of these nodes, all in one Region unless told. */
function record(
  access: string,
  nodes: readonly string[],
  regionOf = (_id: string) => "eu-central-1",
): string {
  return [
    "request:",
    `  nodes: [${nodes.join(", ")}]`,
    `  access: ${access}`,
    ...(access === "port-forward" ? ["  forward: postgres"] : []),
    "  for: 2h",
    "  reason: INC-1234 checkout is down",
    "requester: { login: alice, id: 1002 }",
    "issue: 12",
    "nodes:",
    ...nodes.map(
      (id) => `  - { account: "111122223333", region: ${regionOf(id)}, id: ${id}, name: app, tags: {} }`,
    ),
    'policies: "36d97d9330c30c5a382a019f76e6f5d5db22df7b"',
    "granted:",
    "  at: 2026-12-01T20:00:00Z",
    "  until: 2026-12-01T22:00:00Z",
    "  session: hp.1019.12",
    "  run: 7",
    "",
  ].join("\n");
}

interface Printed {
  readonly region: string;
  readonly document: string;
  readonly nodes: readonly string[];
  readonly characters: number;
  readonly policy: { readonly Statement: readonly { readonly Resource: string | readonly string[] }[] };
}

const documents = {
  shell: "Hallpass-Shell-240",
  ssh: "Hallpass-SSH-240",
  rdp: "Hallpass-RDP-240",
  "port-forward": "Hallpass-Forward-postgres-240",
};

test.each(Object.entries(documents))(
  "%s: from one node to the most that fit, each policy names exactly these and %s; the next is refused",
  async (access, document) => {
    let most = 0;
    for (;;) {
      const nodes = ids(most + 1);
      const { code, out, err } = await print(record(access, nodes), "--json");
      if (code !== 0) {
        expect([code, out]).toEqual([1, ""]);
        expect(err).toContain(`${most} do`);
        break;
      }
      const [only, ...others] = JSON.parse(out) as readonly Printed[];
      expect(others).toEqual([]);
      expect(only).toMatchObject({ document, nodes, region: "eu-central-1", session: "hp.1019.12" });
      expect(only?.characters).toBe(JSON.stringify(only?.policy).length);
      expect(only?.characters).toBeLessThanOrEqual(2_048);
      expect(only?.policy.Statement[0]?.Resource).toEqual([
        `arn:aws:ssm:eu-central-1:111122223333:document/${document}`,
        ...nodes.map((id) => `arn:aws:ssm:eu-central-1:111122223333:managed-instance/${id}`),
      ]);
      most += 1;
    }
    expect(most).toBeGreaterThanOrEqual(15);
  },
);

test("a grant of two Regions has a policy for each, in the partition that is asked for", async () => {
  const regionOf = (id: string) => (id.endsWith("1") ? "us-gov-west-1" : "us-gov-east-1");
  const { code, out } = await print(
    record("shell", ids(2, "i-"), regionOf),
    "--json",
    "--partition",
    "aws-us-gov",
  );
  expect(code).toBe(0);
  const printed = JSON.parse(out) as readonly Printed[];
  expect(printed.map(({ region, nodes }) => [region, nodes.length])).toEqual([
    ["us-gov-west-1", 1],
    ["us-gov-east-1", 1],
  ]);
  for (const { policy } of printed) expect(JSON.stringify(policy)).not.toContain("arn:aws:");
});

test("for people it says how long each is", async () => {
  const { code, out } = await print(record("shell", ids(1)));
  expect(code).toBe(0);
  expect(out).toMatch(/^# 111122223333\/eu-central-1, Hallpass-Shell-240, \d+ of 2048 characters\n\{/);
});

test("what is no record of open access is refused, with its place", async () => {
  const { code, out, err } = await print("request: {}\n", "--json");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("standard input");
});

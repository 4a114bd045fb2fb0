// `hallpass aws session-policy`: the session policies that the grant of a record has, for reading and for judging with other tools.

import { formatInstant } from "../core/ids.ts";
import { parseActive } from "../core/parse-record.ts";
import { sessionPolicies } from "../flow/session-policies.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { showProblems } from "./show-problems.ts";
import type { Terminal } from "./terminal.ts";

export interface SessionPolicyOptions {
  readonly json: boolean;
  readonly partition: string;
}

/** Reads one active record (YAML) on standard input. */
export async function awsSessionPolicy(terminal: Terminal, options: SessionPolicyOptions): Promise<ExitCode> {
  const text = await terminal.input();
  const number = /^(?:issue|pull): *([1-9]\d*) *$/m.exec(text)?.[1] ?? "0";
  const record = parseActive(text, `active/${number}.yaml`);
  if (!record.ok) {
    showProblems(terminal, "standard input", record.problems);
    return exitCode.cannotRun;
  }
  const { request, nodes, granted } = record.value;
  const policies = sessionPolicies({
    request,
    nodes,
    session: granted.session,
    until: granted.until,
    partition: () => options.partition,
  });
  const refused = policies.flatMap(({ policy }) => (policy.ok ? [] : policy.problems));
  if (refused.length > 0) {
    showProblems(terminal, "standard input", refused);
    return exitCode.notOk;
  }
  const rows = policies.map(({ account, region, nodes: here, document, policy }) => {
    const written = policy.ok ? policy.value : "";
    return {
      account,
      region,
      access: request.access,
      document,
      session: granted.session,
      until: formatInstant(granted.until),
      nodes: here.map(({ id }) => id),
      characters: written.length,
      policy: JSON.parse(written) as unknown,
    };
  });
  terminal.out(
    options.json
      ? `${JSON.stringify(rows)}\n`
      : rows
          .map(
            ({ account, region, document, characters, policy }) =>
              `# ${account}/${region}, ${document}, ${characters} of 2048 characters\n${JSON.stringify(policy, null, 2)}\n`,
          )
          .join("\n"),
  );
  return exitCode.ok;
}

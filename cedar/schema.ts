// The schema that every policy is checked against: AWS's just-in-time node access schema, widened. It is code, so that a pull request to
// `policies/` cannot loosen it; `policies/schema.cedarschema` is a copy for editors.

import { checkParseSchema, schemaToJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type Problem, problem } from "../core/problem.ts";

/** The actions that policies can name. `breakGlass` is asked about only for a request that says it cannot wait. */
export const actions = {
  autoApproval: "getTokenForInstanceAccess",
  guardrail: "startAccessRequest",
  breakGlass: "breakGlass",
} as const;

export const actionType = "AWS::SSM::Action";

export const schemaText = `// What policies can speak of: AWS's just-in-time node access schema, widened. This copy is for editors; the schema itself is built in,
// and a copy that means something else is refused. Every type, attribute, tag and action of AWS keeps its name and meaning, so whatever
// validates under AWS's schema validates here. Added: GitHub teams as parents of the user, a login, attributes of nodes, facts of the
// request in the context, and two actions.

namespace GitHub {
    // Id: "org/team", without an @. A member of a child team is in its parent teams too.
    entity Team;
}

namespace AWS::EC2 {
    // Id: the instance id, for example "i-0123456789abcdef0".
    entity Instance {
        account: String,
        region: String,
        name?: String,
        platform?: String,
    } tags String;
}

namespace AWS::IdentityStore {
    // Id: the group id of the Identity Store, as people.yaml gives it for a person or for everyone in a team.
    entity Group;

    // The requester. Id: the Identity Store user id where people.yaml gives one, else "@login". Logins are lower case here.
    entity User in [Group, GitHub::Team] {
        login: String,
        githubId: Long,
        employeeNumber?: String,
        costCenter?: String,
        organization?: String,
        division?: String,
    };
}

namespace AWS::IAM {
    entity Role tags String;

    type AuthorizationContext = {
        principalTags: PrincipalTags,
    };

    // principalTags of people.yaml.
    entity PrincipalTags tags String;
}

namespace AWS::SSM {
    // Id: the managed instance id, for example "mi-0123456789abcdef0".
    entity ManagedInstance {
        account: String,
        region: String,
        name?: String,
        platform?: String,
    } tags String;

    type AccessContext = {
        iam: AWS::IAM::AuthorizationContext,
        // when it is asked, and when access would begin: the same unless the request says from when
        now: datetime,
        start: datetime,
        // of start, in the configured time zone: Monday is 1, and the time since local midnight. Cedar has no division and no time zones
        weekday: Long,
        timeOfDay: duration,
        // how long access is asked for
        duration: duration,
        // "shell", "ssh", "port-forward" or "rdp"
        access: String,
        reason: String,
        ticket?: String,
    };

    // Automatic approval: AWS's own action. A permit grants at once; a forbid stops only that, and approvers are asked.
    action "getTokenForInstanceAccess" appliesTo {
        principal: [AWS::IdentityStore::User],
        resource: [AWS::EC2::Instance, AWS::SSM::ManagedInstance],
        context: AccessContext,
    };

    // The guardrail: allowed for everyone unless a forbid matches, and then no approver can override it.
    action "startAccessRequest" appliesTo {
        principal: [AWS::IdentityStore::User],
        resource: [AWS::EC2::Instance, AWS::SSM::ManagedInstance],
        context: AccessContext,
    };

    // Access at once, reviewed afterwards.
    action "breakGlass" appliesTo {
        principal: [AWS::IdentityStore::User],
        resource: [AWS::EC2::Instance, AWS::SSM::ManagedInstance],
        context: AccessContext,
    };
}
`;

/** An editor's copy may differ in comments and layout; one that means something else would mislead whoever writes policies by it. */
export function checkSchemaCopy(file: string, text: string): readonly Problem[] {
  // the usual case, and reading a schema is most of what loading a few policies costs
  if (text === schemaText) return [];
  const place = { file, line: 1, column: 1 };
  const fix = "restore it from Hallpass: the schema is built in, and this copy only tells editors what it is";
  if (Buffer.byteLength(text) > 4 * Buffer.byteLength(schemaText))
    return [
      problem("policy.schema-differs", `this is not the schema that policies are checked against; ${fix}`, {
        place,
      }),
    ];
  if (openings(text) > 200 || checkParseSchema(text).type === "failure")
    return [problem("policy.schema-differs", `this is not a Cedar schema; ${fix}`, { place })];
  if (meaning(text) === meaning(schemaText)) return [];
  return [
    problem(
      "policy.schema-differs",
      `this schema differs from the one that policies are checked against; ${fix}`,
      { place },
    ),
  ];
}

/** A bound on how deep it can nest: 1,600 nested `Set<…>` break the engine. */
const openings = (text: string): number => text.match(/[([{<]/g)?.length ?? 0;

function meaning(text: string): string {
  const answer = schemaToJson(text);
  return answer.type === "success" ? JSON.stringify(sorted(answer.json)) : "";
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

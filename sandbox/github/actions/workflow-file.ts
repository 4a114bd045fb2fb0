import { parse } from "yaml";
import { z } from "zod";
import { parseCron } from "./cron.ts";
import { ACTIVITY_TYPES, OTHER_EVENTS } from "./event-names.ts";
import { PERMISSION_NAMES } from "./token-permissions.ts";

// A workflow file, parsed into the values the engine runs. Keys that GitHub does not know are refused, as there.

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const names = z
  .union([z.string(), z.array(z.string())])
  .transform((one) => (Array.isArray(one) ? one : [one]));
const scalarMap = z
  .record(z.string(), z.union([scalar, z.null()]))
  .nullable()
  .transform((map) => map ?? {});
const access = z.enum(["read", "write", "none"]);
const permissions = z.union([
  z.enum(["read-all", "write-all"]),
  z
    .partialRecord(z.enum(PERMISSION_NAMES), access)
    .refine((said) => said["id-token"] !== "read", "id-token: write or none"),
]);

const filter = z.strictObject({
  types: names.optional(),
  branches: names.optional(),
  "branches-ignore": names.optional(),
  tags: names.optional(),
  "tags-ignore": names.optional(),
  paths: names.optional(),
  "paths-ignore": names.optional(),
  workflows: names.optional(),
});
const dispatchInput = z
  .strictObject({
    description: z.string().optional(),
    required: z.boolean().optional(),
    default: scalar.optional(),
    type: z.enum(["string", "boolean", "number", "choice", "environment"]).default("string"),
    options: z.array(scalar).optional(),
  })
  .refine((input) => input.type !== "choice" || (input.options ?? []).length > 0, "a choice has options");
const dispatch = z.strictObject({
  inputs: z
    .record(
      z.string(),
      dispatchInput.nullable().transform((input) => input ?? dispatchInput.parse({})),
    )
    .optional(),
});
const schedule = z.array(z.strictObject({ cron: z.string() }));

const concurrency = z.union([
  z.string().transform((group) => ({ group, "cancel-in-progress": false, queue: "single" as const })),
  z.strictObject({
    group: z.string(),
    "cancel-in-progress": z.union([z.boolean(), z.string()]).default(false),
    queue: z.enum(["single", "max"]).default("single"),
  }),
]);
const environment = z.union([
  z.string().transform((name) => ({ name })),
  z.strictObject({ name: z.string(), url: z.string().optional(), deployment: z.unknown().optional() }),
]);
const defaults = z.strictObject({
  run: z
    .strictObject({ shell: z.string().optional(), "working-directory": z.string().optional() })
    .optional(),
});
const step = z
  .strictObject({
    id: z.string().optional(),
    name: z.string().optional(),
    if: scalar.optional(),
    uses: z.string().optional(),
    with: scalarMap.optional(),
    run: z.string().optional(),
    shell: z.string().optional(),
    "working-directory": z.string().optional(),
    env: scalarMap.optional(),
    "continue-on-error": scalar.optional(),
    "timeout-minutes": scalar.optional(),
  })
  .refine((one) => (one.uses === undefined) !== (one.run === undefined), "a step has either `uses` or `run`")
  .refine((one) => one.run === undefined || one.with === undefined, "`with` stands beside `uses`")
  .refine((one) => one.uses === undefined || one.shell === undefined, "`shell` stands beside `run`");
const job = z
  .strictObject({
    name: z.string().optional(),
    needs: names.optional(),
    if: scalar.optional(),
    permissions: permissions.optional(),
    environment: environment.optional(),
    concurrency: concurrency.optional(),
    env: scalarMap.optional(),
    outputs: z.record(z.string(), scalar).optional(),
    defaults: defaults.optional(),
    "timeout-minutes": scalar.optional(),
    "continue-on-error": scalar.optional(),
    "runs-on": z.unknown().optional(),
    steps: z.array(step).optional(),
    // Known to GitHub, not run here: a job that uses one of them fails and says so.
    strategy: z.unknown().optional(),
    container: z.unknown().optional(),
    services: z.unknown().optional(),
    uses: z.string().optional(),
    with: z.unknown().optional(),
    secrets: z.unknown().optional(),
  })
  .refine((one) => one.uses !== undefined || one["runs-on"] != null, "a job has `runs-on`");
const identifier = z.string().regex(/^[A-Za-z_][\w-]{0,99}$/);
const workflow = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  "run-name": z.string().optional(),
  on: z.unknown(),
  permissions: permissions.optional(),
  env: scalarMap.optional(),
  defaults: defaults.optional(),
  concurrency: concurrency.optional(),
  jobs: z.record(identifier, job),
});

export type TriggerFilter = z.infer<typeof filter>;
export type DispatchInput = z.infer<typeof dispatchInput>;
export type Permissions = z.infer<typeof permissions>;
export type Concurrency = z.infer<typeof concurrency>;
export type Step = z.infer<typeof step>;
export type Job = z.infer<typeof job>;

export interface Triggers {
  /** Event name → its filter, for all but `workflow_dispatch` and `schedule`. */
  events: ReadonlyMap<string, TriggerFilter>;
  /** Present when the workflow can be dispatched. */
  dispatch?: ReadonlyMap<string, DispatchInput>;
  crons: readonly string[];
}

export interface Workflow {
  path: string;
  name: string;
  triggers: Triggers;
  /** The file, for what needs no further reading. */
  file: z.infer<typeof workflow>;
  /** Of a file that is no workflow: why. Its runs fail before any job. */
  problem?: string;
}

/** What is wrong with a workflow file: GitHub's "startup failure". */
export class InvalidWorkflow extends Error {}

export function parseWorkflow(path: string, text: string): Workflow {
  const file = checked(path, workflow, readYaml(path, text));
  if (Object.keys(file.jobs).length === 0)
    throw new InvalidWorkflow(`${path}: a workflow has at least one job`);
  for (const [id, one] of Object.entries(file.jobs)) {
    const unknown = one.needs?.find((needed) => needed === id || file.jobs[needed] === undefined);
    if (unknown)
      throw new InvalidWorkflow(`${path}: job \`${id}\` needs \`${unknown}\`, which is no other job`);
  }
  refuseCycles(path, file.jobs);
  return { path, name: file.name ?? path, triggers: parseTriggers(path, file.on), file };
}

function readYaml(path: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new InvalidWorkflow(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseTriggers(path: string, on: unknown): Triggers {
  const events = new Map<string, TriggerFilter>();
  const triggers: { crons: string[]; dispatch?: Map<string, DispatchInput> } = { crons: [] };
  for (const [name, value] of Object.entries(triggerMap(path, on))) {
    if (name === "workflow_dispatch") {
      triggers.dispatch = new Map(Object.entries(checked(path, dispatch, value ?? {}).inputs ?? {}));
    } else if (name === "schedule") {
      triggers.crons.push(...checked(path, schedule, value).map((entry) => checkedCron(path, entry.cron)));
    } else if (name !== "workflow_call") {
      events.set(name, parseFilter(path, name, value));
    }
  }
  return { events, ...triggers };
}

function checkedCron(path: string, cron: string): string {
  try {
    parseCron(cron);
    return cron;
  } catch (error) {
    throw new InvalidWorkflow(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseFilter(path: string, event: string, value: unknown): TriggerFilter {
  const types = ACTIVITY_TYPES[event];
  const known = types ?? ["push", "repository_dispatch", ...OTHER_EVENTS].includes(event);
  if (!known) throw new InvalidWorkflow(`${path}: \`${event}\` is no event`);
  if (OTHER_EVENTS.includes(event)) return {};
  const parsed = checked(path, filter, value ?? {});
  const odd = types && parsed.types?.find((type) => !types.includes(type));
  if (odd) throw new InvalidWorkflow(`${path}: \`${odd}\` is no activity type of \`${event}\``);
  if (event === "push" && parsed.types) throw new InvalidWorkflow(`${path}: \`push\` has no types`);
  return parsed;
}

function triggerMap(path: string, on: unknown): Record<string, unknown> {
  if (typeof on === "string") return { [on]: null };
  if (Array.isArray(on)) return Object.fromEntries(on.map((name) => [String(name), null]));
  if (on && typeof on === "object") return on as Record<string, unknown>;
  throw new InvalidWorkflow(`${path}: \`on\` names no event`);
}

function refuseCycles(path: string, jobs: Record<string, Job>): void {
  const done = new Set<string>();
  const visit = (id: string, above: readonly string[]): void => {
    if (above.includes(id))
      throw new InvalidWorkflow(`${path}: jobs need each other: ${[...above, id].join(" → ")}`);
    if (done.has(id)) return;
    for (const needed of jobs[id]?.needs ?? []) visit(needed, [...above, id]);
    done.add(id);
  };
  for (const id of Object.keys(jobs)) visit(id, []);
}

function checked<T>(path: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`);
  throw new InvalidWorkflow(`${path}: ${problems.join("; ")}`);
}

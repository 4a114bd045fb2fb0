// What a workflow file of this project may not do, whatever GitHub would let it: each rule as text in, complaints out.

import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: unknown;
  readonly environment?: unknown;
  readonly "timeout-minutes"?: unknown;
  readonly uses?: string;
  readonly secrets?: unknown;
  readonly steps?: readonly Step[];
}

export interface WorkflowFile {
  /** Its name in `.github/workflows`. */
  readonly name: string;
  readonly text: string;
  readonly on: readonly string[];
  /** Names of the workflows that it follows. */
  readonly follows: readonly string[];
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The one workflow that may hold power. */
export const powerful = "access.yml";
/** It may follow this one, which has no power and does nothing. */
export const powerless = "wake.yml";
/** Events whose run is of the default branch's file and commit, or of a branch that only the environment lets through. */
const trustedEvents = ["workflow_dispatch", "schedule", "issues", "issue_comment", "workflow_run"];

export function readWorkflow(name: string, text: string): WorkflowFile {
  const { on, permissions, jobs } = parse(text) as Omit<WorkflowFile, "name" | "text" | "on" | "follows"> & {
    readonly on: unknown;
  };
  return { name, text, on: eventsOf(on), follows: followedBy(on), permissions, jobs };
}

const followedBy = (on: unknown): readonly string[] =>
  (on as { readonly workflow_run?: { readonly workflows?: readonly string[] } } | null)?.workflow_run
    ?.workflows ?? [];

function eventsOf(on: unknown): readonly string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? on.map(String) : Object.keys(on as object);
}

export const workflowRules: Readonly<Record<string, (file: WorkflowFile) => readonly string[]>> = {
  "actions of others are pinned to a commit, with their version in a comment": ({ text }) =>
    linesWith(text, /^\s*(?:-\s+)?uses:/).filter(
      (line) =>
        !/uses: \.\//.test(line) && !/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line),
    ),

  "nothing is permitted at the top": ({ permissions }) =>
    isEmptyMap(permissions) ? [] : ["expected `permissions: {}` at the top"],

  "each job says what it is permitted": ({ jobs }) =>
    complain(jobs, ({ permissions }) => typeof permissions !== "object" || permissions === null),

  "each permission has its reason beside it": ({ text }) =>
    linesWith(text, /^\s+[a-z-]+: (?:read|write)\b/).filter((line) => !/ # \S/.test(line)),

  "a script gets values by its environment, never by an expression": ({ jobs }) =>
    complain(jobs, ({ steps = [] }) =>
      steps.some((step) => scriptsOf(step).some((script) => script.includes("${{"))),
    ),

  "a checkout leaves no token behind": ({ jobs }) =>
    complain(jobs, (job) => checkouts(job).some((step) => step.with?.["persist-credentials"] !== false)),

  "power is in one workflow only": ({ name, jobs }) =>
    name === powerful ? [] : complain(jobs, (job) => hasPower(job) || writesAnything(job)),

  "where there is power, events are trusted and only the run's own commit is checked out": ({ on, jobs }) => [
    ...(Object.values(jobs).some(hasPower) ? on.filter((event) => !trustedEvents.includes(event)) : []),
    ...complain(jobs, (job) => hasPower(job) && (runsScripts(job) || checkouts(job).some(isOfAnotherCommit))),
  ],

  "no event hands the power of the default branch to a stranger's pull request": ({ name, on, follows }) =>
    on.filter(
      (event) =>
        event === "pull_request_target" ||
        (event === "workflow_run" && (name !== powerful || follows.join() !== "wake")),
    ),

  "what may be followed does nothing, with no permission": ({ name, on, jobs }) =>
    name === powerless
      ? [
          ...on.filter((event) => !/^pull_request(?:_review)?$/.test(event)),
          ...complain(
            jobs,
            ({ permissions, steps = [] }) => !isEmptyMap(permissions) || steps.some(doesMore),
          ),
        ]
      : [],

  "no job runs for ever": ({ jobs }) =>
    complain(jobs, (job) => job.uses === undefined && typeof job["timeout-minutes"] !== "number"),
};

const linesWith = (text: string, pattern: RegExp): readonly string[] =>
  text.split("\n").filter((line) => pattern.test(line));

const isEmptyMap = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

const complain = (jobs: WorkflowFile["jobs"], isWrong: (job: Job) => boolean): readonly string[] =>
  Object.entries(jobs).flatMap(([id, job]) => (isWrong(job) ? [`job ${id}`] : []));

/** What a shell or another interpreter would run. */
const scriptsOf = ({ run, shell, with: inputs = {} }: Step): readonly string[] =>
  [run, shell, inputs["script"], inputs["run"]].filter((each) => typeof each === "string");

const checkouts = ({ steps = [] }: Job): readonly Step[] =>
  steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));

const doesMore = ({ uses, run }: Step): boolean => uses !== undefined || run !== "true";

const isOfAnotherCommit = ({ with: inputs = {} }: Step): boolean =>
  Object.hasOwn(inputs, "ref") || Object.hasOwn(inputs, "repository");

const runsScripts = ({ steps = [] }: Job): boolean => steps.some(({ run }) => run !== undefined);

/** A secret, an environment or an identity. GITHUB_TOKEN has its own rule: what the job permits. */
const hasPower = (job: Job): boolean =>
  job.environment !== undefined ||
  job.secrets !== undefined ||
  grants(job, "id-token") ||
  /\bsecrets\b(?!\.GITHUB_TOKEN)/.test(JSON.stringify(job));

const grants = ({ permissions }: Job, what: string): boolean =>
  permissions === "write-all" || (permissions as Record<string, unknown> | undefined)?.[what] === "write";

const writesAnything = ({ permissions }: Job): boolean =>
  permissions === "write-all" ||
  Object.values((permissions ?? {}) as Record<string, unknown>).includes("write");

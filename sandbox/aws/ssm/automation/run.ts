import type { Twin } from "../../twin.ts";
import { performAction } from "./actions.ts";
import { holds, type Logic } from "./conditions.ts";
import type { Step } from "./document.ts";
import type { AutomationExecution, StepExecution } from "./execution.ts";
import { StepFailure, substitute } from "./values.ts";

/** What a run carries from step to step. */
export interface Run {
  readonly twin: Twin;
  readonly execution: AutomationExecution;
  readonly scope: Map<string, unknown>;
  readonly signal: AbortSignal;
}

/** Runs a runbook to its end, and writes down how it ended. */
export async function runAutomation(run: Run): Promise<void> {
  const { execution, twin } = run;
  let criticalFailure: string | undefined;
  try {
    criticalFailure = (await runSteps(run, execution.document.steps, undefined)).failure;
    finish(run, criticalFailure === undefined ? "Success" : "Failed", criticalFailure);
  } catch (error) {
    if (run.signal.aborted) return;
    if (error instanceof StepFailure) finish(run, "Failed", error.message);
    else throw error;
  } finally {
    execution.endedAt ??= run.signal.aborted ? undefined : twin.now();
  }
}

function finish(
  { execution, scope, twin }: Run,
  status: "Success" | "Failed",
  failure: string | undefined,
): void {
  if (execution.endedAt !== undefined) return;
  execution.status = status;
  execution.failure = failure;
  execution.endedAt = twin.now();
  execution.outputs = Object.fromEntries(
    execution.document.outputs.map((name) => {
      const value =
        scope.get(name) ?? "No output available yet because the step is not successfully executed";
      return [
        name,
        (Array.isArray(value) ? value : [value]).map((item) =>
          typeof item === "string" ? item : JSON.stringify(item),
        ),
      ];
    }),
  );
}

interface Outcome {
  /** A critical step failed and the run went on. */
  readonly failure: string | undefined;
}

async function runSteps(run: Run, steps: readonly Step[], iteration: number | undefined): Promise<Outcome> {
  let failure: string | undefined;
  for (let step = steps[0]; step !== undefined; ) {
    const result = await runStep(run, step, iteration);
    if (result.failure !== undefined) {
      if (step.onFailure === "Abort") throw new StepFailure(result.failure);
      if (step.isCritical) failure ??= result.failure;
    }
    const next = nextOf(step, result);
    step =
      next === "end"
        ? undefined
        : next === "following"
          ? steps[steps.indexOf(step) + 1]
          : steps.find(({ name }) => name === next);
  }
  return { failure };
}

interface StepResult {
  readonly failure?: string;
  /** Where a branch leads. */
  readonly goTo?: string;
}

function nextOf(step: Step, result: StepResult): string | "end" | "following" {
  if (result.failure !== undefined && step.onFailure.startsWith("step:"))
    return step.onFailure.slice("step:".length);
  if (result.goTo !== undefined) return result.goTo;
  if (step.isEnd) return "end";
  return step.nextStep ?? "following";
}

async function runStep(run: Run, step: Step, iteration: number | undefined): Promise<StepResult> {
  const { twin, execution } = run;
  const record: StepExecution = {
    id: twin.ids.uuid(),
    step,
    startedAt: twin.now(),
    iteration,
    outputs: {},
    status: "InProgress",
    failure: undefined,
    endedAt: undefined,
  };
  execution.steps.push(record);
  const result = await attempt(run, step, record);
  record.status = result.failure === undefined ? "Success" : "Failed";
  record.failure = result.failure;
  record.endedAt = twin.now();
  return result;
}

async function attempt(run: Run, step: Step, record: StepExecution): Promise<StepResult> {
  let failure = "";
  for (let tried = 0; tried < step.maxAttempts; tried++) {
    try {
      return await once(run, step, record);
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      failure = `Step fails when it is Execute/Cancelling action. ${error.message}`;
    }
  }
  return { failure };
}

async function once(run: Run, step: Step, record: StepExecution): Promise<StepResult> {
  if (step.action === "aws:branch") {
    const goTo = branch(run, step);
    return goTo === undefined ? {} : { goTo };
  }
  if (step.action === "aws:loop") {
    const { failure } = await loop(run, step);
    return failure === undefined ? {} : { failure };
  }
  const outputs = await performAction(run, step);
  record.outputs = outputs;
  for (const [name, value] of Object.entries(outputs)) run.scope.set(`${step.name}.${name}`, value);
  return {};
}

function branch(run: Run, step: Step): string | undefined {
  const choices = step.inputs["Choices"] as readonly Logic[];
  const chosen = choices.find((choice) => holds(substitute(choice, run.scope) as Logic));
  return (chosen?.["NextStep"] ?? step.inputs["Default"]) as string | undefined;
}

/** For each: once for every item. Do while: at least once, and again while the condition holds. */
async function loop(run: Run, step: Step): Promise<Outcome> {
  const most = Number(substitute(step.inputs["MaxIterations"] ?? 100, run.scope));
  const { Iterators, LoopCondition } = step.inputs;
  const items = Iterators === undefined ? undefined : substitute(Iterators, run.scope);
  if (items !== undefined && !Array.isArray(items)) throw new StepFailure("Iterators is not a list");
  if (items !== undefined && items.length > 100) throw new StepFailure("over 100 iterators");
  let failure: string | undefined;
  for (let iteration = 1; iteration <= Math.min(most, items?.length ?? most); iteration++) {
    run.scope.set(`${step.name}.CurrentIteration`, iteration);
    // the value is a text, also where the list holds maps
    const item: unknown = items?.[iteration - 1];
    if (items !== undefined)
      run.scope.set(
        `${step.name}.CurrentIteratorValue`,
        typeof item === "string" ? item : JSON.stringify(item),
      );
    failure ??= (await runSteps(run, step.steps, iteration)).failure;
    if (items === undefined && !holds(substitute(LoopCondition, run.scope) as Logic)) break;
  }
  return { failure };
}

import type { ActionsRefusal } from "../actions-port.ts";
import type { DispatchInput } from "./workflow-file.ts";

// The inputs of a `workflow_dispatch`, held against what the workflow declares.

export interface DispatchInputs {
  /** `github.event.inputs`: texts. */
  given: Record<string, string>;
  /** `inputs`: booleans and numbers keep their type. */
  typed: Record<string, string | boolean | number>;
}

const MOST_INPUTS = 25;
const MOST_CHARACTERS = 65_535;

export function readDispatchInputs(
  declared: ReadonlyMap<string, DispatchInput>,
  sent: Record<string, string>,
): DispatchInputs | ActionsRefusal {
  const unexpected = Object.keys(sent).filter((name) => !declared.has(name));
  if (unexpected.length > 0) return refuse(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  if (Object.keys(sent).length > MOST_INPUTS) return refuse(`at most ${MOST_INPUTS} inputs`);
  if (JSON.stringify(sent).length > MOST_CHARACTERS) return refuse("inputs are too large.");
  const inputs: DispatchInputs = { given: {}, typed: {} };
  for (const [name, input] of declared) {
    const value = sent[name] ?? (input.default === undefined ? undefined : String(input.default));
    const problem = problemOf(name, input, value);
    if (problem) return refuse(problem);
    const text = value ?? (input.type === "boolean" ? "false" : "");
    inputs.given[name] = text;
    inputs.typed[name] = typed(input, text);
  }
  return inputs;
}

function problemOf(name: string, input: DispatchInput, value: string | undefined): string | undefined {
  if (input.required && (value === undefined || value === "")) return `Required input '${name}' not provided`;
  if (value === undefined || value === "") return undefined;
  if (input.type === "boolean" && value !== "true" && value !== "false") {
    return `Provided value '${value}' for input '${name}' is not a boolean`;
  }
  if (input.type === "number" && Number.isNaN(Number(value))) {
    return `Provided value '${value}' for input '${name}' is not a number`;
  }
  if (input.type === "choice" && !(input.options ?? []).map(String).includes(value)) {
    return `Provided value '${value}' for input '${name}' not in the list of allowed values`;
  }
  return undefined;
}

function typed(input: DispatchInput, text: string): string | boolean | number {
  if (input.type === "boolean") return text === "true";
  if (input.type === "number" && text !== "") return Number(text);
  return text;
}

function refuse(refused: string): ActionsRefusal {
  return { refused, status: 422 };
}

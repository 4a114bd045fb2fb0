import { isStruct, type Struct } from "../../wire/shape.ts";
import { badSchemaVersion, compilePattern, invalidContent } from "../document-errors.ts";
import { conditionOperators, type Logic } from "./conditions.ts";
import { parseSelector } from "./selector.ts";

/** A step of a runbook, read. */
export interface Step {
  readonly name: string;
  readonly action: StepAction;
  readonly inputs: Struct;
  readonly outputs: readonly StepOutput[];
  readonly onFailure: string;
  readonly nextStep: string | undefined;
  readonly isEnd: boolean;
  readonly isCritical: boolean;
  readonly maxAttempts: number;
  readonly timeoutSeconds: number | undefined;
  /** Only of loops. */
  readonly steps: readonly Step[];
}

export interface StepOutput {
  readonly name: string;
  readonly selector: string;
  readonly type: string;
}

export interface AutomationParameter {
  readonly type: string;
  readonly default: unknown;
  readonly allowedPattern: RegExp | undefined;
  readonly allowedValues: readonly unknown[] | undefined;
}

export interface AutomationDocument {
  readonly assumeRole: string | undefined;
  readonly parameters: ReadonlyMap<string, AutomationParameter>;
  readonly steps: readonly Step[];
  readonly outputs: readonly string[];
}

/** The actions this sandbox runs; a runbook with another is refused when it is saved. */
const actions = [
  "aws:sleep",
  "aws:executeAwsApi",
  "aws:assertAwsResourceProperty",
  "aws:waitForAwsResourceProperty",
  "aws:branch",
  "aws:loop",
] as const;
export type StepAction = (typeof actions)[number];

const topKeys = ["schemaVersion", "description", "assumeRole", "parameters", "mainSteps", "outputs"];
const stepKeys =
  "name action description inputs outputs onFailure onCancel nextStep isEnd isCritical maxAttempts timeoutSeconds".split(
    " ",
  );
const parameterTypes = [
  "String",
  "StringList",
  "Boolean",
  "Integer",
  "StringMap",
  "MapList",
  "AWS::IAM::Role::Arn",
];
const outputTypes = ["String", "StringList", "Boolean", "Integer", "StringMap", "MapList"];

export function checkAutomationDocument(content: Struct): void {
  readAutomationDocument(content);
}

/** Reads a runbook of schema 0.3; what Systems Manager would refuse to save is refused. */
export function readAutomationDocument(content: Struct): AutomationDocument {
  if (String(content["schemaVersion"]) !== "0.3") badSchemaVersion(content);
  onlyKeys(content, topKeys, "document");
  const parameters = new Map(
    Object.entries(struct(content["parameters"])).map(([name, value]) => [
      name,
      readParameter(name, struct(value)),
    ]),
  );
  const steps = readSteps(content["mainSteps"], false);
  checkNames(steps);
  checkReferences(content, parameters, steps);
  const { assumeRole } = content;
  return {
    assumeRole: typeof assumeRole === "string" && assumeRole !== "" ? assumeRole : undefined,
    parameters,
    steps,
    outputs: Array.isArray(content["outputs"]) ? content["outputs"].map(String) : [],
  };
}

function readParameter(name: string, value: Struct): AutomationParameter {
  onlyKeys(
    value,
    [
      "type",
      "description",
      "default",
      "allowedPattern",
      "allowedValues",
      "minItems",
      "maxItems",
      "minChars",
      "maxChars",
      "displayType",
    ],
    name,
  );
  const type = String(value["type"]);
  if (!parameterTypes.includes(type)) invalidContent(`parameter \`${name}\` has unknown type \`${type}\``);
  const { allowedPattern, allowedValues } = value;
  return {
    type,
    default: value["default"],
    allowedPattern: compilePattern(allowedPattern),
    allowedValues: Array.isArray(allowedValues) ? allowedValues : undefined,
  };
}

function readSteps(value: unknown, inLoop: boolean): readonly Step[] {
  if (!Array.isArray(value) || value.length === 0)
    return invalidContent("steps must be a list that is not empty");
  const steps = value.map((step) => readStep(struct(step), inLoop));
  const names = new Set(steps.map((step) => step.name));
  for (const step of steps) checkTargets(step, names);
  return steps;
}

function readStep(value: Struct, inLoop: boolean): Step {
  onlyKeys(value, stepKeys, "step");
  const name = String(value["name"]);
  if (!/^[a-zA-Z0-9_]{3,128}$/.test(name))
    invalidContent(`a step's name must be 3 to 128 of a-zA-Z0-9_: \`${name}\``);
  const action = actions.find((known) => known === value["action"]);
  if (action === undefined)
    return invalidContent(`step ${name}: the sandbox does not run \`${String(value["action"])}\``);
  if (action === "aws:loop" && inLoop) invalidContent(`step ${name}: a loop in a loop`);
  const inputs = struct(value["inputs"]);
  const step: Step = {
    name,
    action,
    inputs,
    outputs: (Array.isArray(value["outputs"]) ? value["outputs"] : []).map((output) =>
      readOutput(name, struct(output)),
    ),
    onFailure: String(value["onFailure"] ?? "Abort"),
    nextStep: value["nextStep"] === undefined ? undefined : String(value["nextStep"]),
    isEnd: value["isEnd"] === true,
    isCritical: value["isCritical"] !== false,
    maxAttempts: Number(value["maxAttempts"] ?? 1),
    timeoutSeconds: value["timeoutSeconds"] === undefined ? undefined : Number(value["timeoutSeconds"]),
    steps: action === "aws:loop" ? readSteps(inputs["Steps"], true) : [],
  };
  checkInputs(step);
  return step;
}

function readOutput(step: string, value: Struct): StepOutput {
  onlyKeys(value, ["Name", "Selector", "Type"], `output of ${step}`);
  const output = {
    name: String(value["Name"]),
    selector: String(value["Selector"]),
    type: String(value["Type"] ?? "String"),
  };
  if (!outputTypes.includes(output.type))
    invalidContent(`step ${step}: unknown output type \`${output.type}\``);
  if (parseSelector(output.selector) === undefined)
    invalidContent(`step ${step}: selector \`${output.selector}\``);
  return output;
}

const inputKeys: Readonly<Record<Exclude<StepAction, "aws:executeAwsApi">, readonly string[]>> = {
  "aws:sleep": ["Duration", "Timestamp"],
  "aws:branch": ["Choices", "Default"],
  "aws:loop": ["Iterators", "IteratorDataType", "LoopCondition", "MaxIterations", "Steps"],
  "aws:assertAwsResourceProperty": [],
  "aws:waitForAwsResourceProperty": [],
};

function checkInputs({ name, action, inputs }: Step): void {
  const needs = (...keys: string[]) => {
    for (const key of keys)
      if (inputs[key] === undefined) invalidContent(`step ${name}: input ${key} is missing`);
  };
  switch (action) {
    case "aws:executeAwsApi":
      needs("Service", "Api");
      return;
    case "aws:assertAwsResourceProperty":
    case "aws:waitForAwsResourceProperty":
      needs("Service", "Api", "PropertySelector", "DesiredValues");
      return;
    case "aws:sleep":
      onlyKeys(inputs, inputKeys[action], name);
      if ((inputs["Duration"] === undefined) === (inputs["Timestamp"] === undefined)) {
        invalidContent(`step ${name}: Duration or Timestamp`);
      }
      return;
    case "aws:branch":
      onlyKeys(inputs, inputKeys[action], name);
      needs("Choices");
      for (const choice of list(inputs["Choices"])) checkLogic(name, struct(choice));
      return;
    case "aws:loop":
      onlyKeys(inputs, inputKeys[action], name);
      if ((inputs["Iterators"] === undefined) === (inputs["LoopCondition"] === undefined)) {
        invalidContent(`step ${name}: Iterators or LoopCondition`);
      }
      if (inputs["LoopCondition"] !== undefined) checkLogic(name, struct(inputs["LoopCondition"]));
      if (!(Number(inputs["MaxIterations"] ?? 100) <= 100))
        invalidContent(`step ${name}: MaxIterations is over 100`);
  }
}

/** And, Or, Not, or a Variable with exactly one operator. */
function checkLogic(step: string, logic: Logic): void {
  const keys = Object.keys(logic).filter((key) => key !== "NextStep");
  const [only] = keys;
  if (keys.length === 1 && (only === "And" || only === "Or")) {
    for (const part of list(logic[only])) checkLogic(step, struct(part));
  } else if (keys.length === 1 && only === "Not") checkLogic(step, struct(logic["Not"]));
  else {
    const operators = keys.filter((key) => key !== "Variable");
    const [operator = ""] = operators;
    if (logic["Variable"] === undefined || operators.length !== 1 || !(operator in conditionOperators)) {
      invalidContent(
        `step ${step}: a condition needs a Variable and one known operator, not ${keys.join(", ")}`,
      );
    }
  }
}

function checkTargets(step: Step, names: ReadonlySet<string>): void {
  const choices =
    step.action === "aws:branch"
      ? list(step.inputs["Choices"]).map((choice) => struct(choice)["NextStep"])
      : [];
  const failure = step.onFailure.startsWith("step:") ? step.onFailure.slice(5) : undefined;
  if (failure === undefined && step.onFailure !== "Abort" && step.onFailure !== "Continue") {
    invalidContent(`step ${step.name}: onFailure \`${step.onFailure}\``);
  }
  const defaultStep = step.action === "aws:branch" ? step.inputs["Default"] : undefined;
  for (const target of [step.nextStep, failure, defaultStep, ...choices]) {
    if (target !== undefined && !names.has(String(target))) {
      invalidContent(`step ${step.name} goes on to \`${String(target)}\`, which does not exist`);
    }
  }
}

function checkNames(steps: readonly Step[]): void {
  const names = steps.flatMap((step) => [step.name, ...step.steps.map((inner) => inner.name)]);
  if (new Set(names).size !== names.length) invalidContent("two steps have one name");
}

function checkReferences(
  content: Struct,
  parameters: ReadonlyMap<string, unknown>,
  steps: readonly Step[],
): void {
  const names = new Set(steps.flatMap((step) => [step.name, ...step.steps.map((inner) => inner.name)]));
  for (const [, reference = ""] of JSON.stringify(content).matchAll(/\{\{\s*([^{}]+?)\s*\}\}/g)) {
    const [head = ""] = reference.split(".");
    const known =
      parameters.has(reference) ||
      (reference.includes(".") && names.has(head)) ||
      /^(global|automation):[A-Z_]+$/.test(reference);
    if (!known) invalidContent(`\`{{ ${reference} }}\` refers to no parameter and to no step`);
  }
}

function onlyKeys(value: Struct, known: readonly string[], what: string): void {
  for (const key of Object.keys(value))
    if (!known.includes(key)) invalidContent(`${what}: unknown field \`${key}\``);
}

function struct(value: unknown): Struct {
  if (value === undefined) return {};
  return isStruct(value) ? value : invalidContent("a map was expected");
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : invalidContent("a list was expected");
}

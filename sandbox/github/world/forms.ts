import { parse } from "yaml";
import { resolveCommit } from "../commits.ts";
import { entryAt } from "../git/objects.ts";
import { refusal } from "../http.ts";
import type { Repository } from "../state.ts";

// Issue forms: what GitHub's page makes of a filled-in form.

interface Field {
  type: string;
  id?: string;
  attributes?: {
    label?: string;
    value?: string;
    options?: (string | { label: string; required?: boolean })[];
    multiple?: boolean;
    render?: string;
    default?: number;
  };
  validations?: { required?: boolean };
}

interface Form {
  name: string;
  title?: string;
  labels?: string[] | string;
  assignees?: string[] | string;
  body: Field[];
}

export interface FilledForm {
  title: string;
  body: string;
  labels: string[];
  assignees: string[];
}

function readForm(repository: Repository, template: string): Form {
  const commit = resolveCommit(repository, `refs/heads/${repository.defaultBranch}`);
  const path = `.github/ISSUE_TEMPLATE/${template}`;
  const entry = commit === undefined ? undefined : entryAt(repository.objects, commit.tree, path);
  const content = entry === undefined ? undefined : repository.objects.blobs.get(entry.sha);
  if (content === undefined) throw refusal(404, `no issue form at ${path}`);
  const form: unknown = parse(Buffer.from(content).toString("utf8"));
  if (typeof form !== "object" || form === null || !("body" in form) || !Array.isArray(form.body)) {
    throw refusal(422, `${path} is not an issue form`);
  }
  return form as Form;
}

const list = (value: string[] | string | undefined): string[] =>
  typeof value === "string" ? value.split(",").map((one) => one.trim()) : (value ?? []);

/** Fields that the form has and the values do not are left as the page shows them. */
export function fillForm(
  repository: Repository,
  template: string,
  values: Record<string, string | string[]>,
  title: string | undefined,
): FilledForm {
  const form = readForm(repository, template);
  const fields = form.body.filter((field) => field.type !== "markdown");
  for (const id of Object.keys(values)) {
    if (!fields.some((field) => field.id === id))
      throw refusal(422, `the form ${template} has no field \`${id}\``);
  }
  const sections = fields.map((field) => renderField(field, values[field.id ?? ""]));
  const finalTitle = title ?? form.title ?? "";
  if (finalTitle.trim() === "") throw refusal(422, "Title can't be blank");
  return {
    title: finalTitle,
    body: sections.join("\n\n"),
    labels: list(form.labels),
    assignees: list(form.assignees),
  };
}

/** `### Label`, a blank line, and the value; `_No response_` for none. */
function renderField(field: Field, value: string | string[] | undefined): string {
  const label = field.attributes?.label ?? "";
  return `### ${label}\n\n${renderValue(field, value, label)}`;
}

function renderValue(field: Field, value: string | string[] | undefined, label: string): string {
  const required = field.validations?.required === true;
  switch (field.type) {
    case "input":
    case "textarea":
      return renderText(field, typeof value === "string" ? value : field.attributes?.value, required, label);
    case "dropdown":
      return renderChoice(field, value, required, label);
    case "checkboxes":
      return renderBoxes(field, value, label);
    default:
      throw refusal(422, `the twin does not implement form fields of type ${field.type}`);
  }
}

function renderText(field: Field, value: string | undefined, required: boolean, label: string): string {
  const text = (value ?? "").trim();
  if (text === "") {
    if (required) throw refusal(422, `${label} can't be blank`);
    return "_No response_";
  }
  if (field.type === "input") {
    // a one-line box: the page cannot hold a line break
    return text.replaceAll(/[\r\n]+/g, " ");
  }
  // a browser submits line breaks as CRLF
  const lines = text.replaceAll(/\r\n?|\n/g, "\r\n");
  const { render } = field.attributes ?? {};
  return render === undefined ? lines : `\`\`\`${render}\n${lines}\n\`\`\``;
}

function optionLabels(field: Field): string[] {
  return (field.attributes?.options ?? []).map((option) =>
    typeof option === "string" ? option : option.label,
  );
}

function renderChoice(
  field: Field,
  value: string | string[] | undefined,
  required: boolean,
  label: string,
): string {
  const options = optionLabels(field).map(String);
  const preset = field.attributes?.default === undefined ? undefined : options[field.attributes.default];
  const chosen =
    value === undefined
      ? preset === undefined
        ? []
        : [preset]
      : typeof value === "string"
        ? [value]
        : value;
  const wanted = chosen.filter((one) => one !== "");
  for (const one of wanted) {
    if (!options.includes(one)) throw refusal(422, `${label} has no option \`${one}\``);
  }
  if (wanted.length > 1 && field.attributes?.multiple !== true)
    throw refusal(422, `${label} takes one option`);
  if (wanted.length > 0) return wanted.join(", ");
  if (required) throw refusal(422, `${label} can't be blank`);
  return "_No response_";
}

function renderBoxes(field: Field, value: string | string[] | undefined, label: string): string {
  const ticked = typeof value === "string" ? [value] : (value ?? []);
  return (field.attributes?.options ?? [])
    .map((option) => {
      const name = typeof option === "string" ? option : option.label;
      const must = typeof option !== "string" && option.required === true;
      const on = ticked.includes(name);
      if (must && !on) throw refusal(422, `${label}: \`${name}\` must be ticked`);
      return `- [${on ? "X" : " "}] ${name}`;
    })
    .join("\n");
}

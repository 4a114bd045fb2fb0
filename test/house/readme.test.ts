// What the README shows: examples that work, tables that are those of the code.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { subscribedEvents } from "../../app/events.ts";
import { createMetrics } from "../../app/metrics.ts";
import { readServerOptions } from "../../app/options.ts";
import { inlineEngine } from "../../cedar/engine.ts";
import { checkRequest } from "../../core/check-request.ts";
import { configJsonSchema, parseConfig } from "../../core/config.ts";
import type { Instant } from "../../core/ids.ts";
import { commandTable } from "../../core/may-command.ts";
import { parsePolicyCases } from "../../core/policy-case.ts";
import type { Parsed } from "../../core/problem.ts";
import { parseRequestFile } from "../../core/request-file.ts";
import { isPolicyFile, loadPolicyFolder } from "../../flow/policy-folder.ts";
import { runCase } from "../../flow/policy-test.ts";
import { appEvents, appPermissions } from "../../sandbox/stage.ts";
import { configExample, namesIn, readDocument, section, tableIn } from "./documents.ts";
import { notedEnvironment } from "./noted-environment.ts";
import { root } from "./sources.ts";

const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const readme = readDocument("README.md");
const configText = configExample(readme);

describe("the README's examples", () => {
  test("the config loads", () => {
    expect(configText).not.toBe("");
    expect(parseConfig(configText)).toMatchObject({ ok: true });
  });

  test("it names every limit, with its default", () => {
    const config = parseConfig(configText);
    const bare = parseConfig(configText.replace(/^limits:[\s\S]*?(?=^\S)/m, ""));
    if (!config.ok || !bare.ok) throw new Error("expected a config");
    const { limits } = configJsonSchema()["properties"] as { limits: { properties: object } };
    for (const name of Object.keys(limits.properties)) expect(configText).toContain(`  ${name}: `);
    expect(config.value.limits).toEqual(bare.value.limits);
  });
});

test("the README says who may give which command, as the code does", () => {
  expect(readme).toContain(`\n${commandTable()}\n`);
});

describe("the README's formats", () => {
  const fenced = (first: string): string =>
    /[\s\S]*?(?=```)/.exec(readme.slice(readme.indexOf(`\`\`\`yaml\n${first}`) + "```yaml\n".length))?.[0] ??
    "";

  test("the file is a request", () => {
    const config = parseConfig(configText);
    const draft = parseRequestFile(fenced("nodes: "), "approved/alice-x.yaml");
    if (!draft.ok || !config.ok) throw new Error("expected a request and a config");
    expect(checkRequest(draft.value, config.value, Date.UTC(2026, 10, 30) as Instant)).toMatchObject({
      ok: true,
    });
  });

  test("the case is one, and comes out as it says", async () => {
    const [only, ...others] = accepted(parsePolicyCases(fenced("- name: "), "README.md"));
    const files = readdirSync(`${root}policies`).filter(isPolicyFile);
    const engine = inlineEngine();
    const loaded = await loadPolicyFolder(
      engine,
      files.map((path) => ({ path, text: read(`policies/${path}`) })),
    );
    if (only === undefined || !loaded.ok) throw new Error("expected a case and policies");
    expect(await runCase({ engine, policies: loaded.value, timeZone: "UTC" }, only)).toMatchObject({
      ok: true,
    });
    expect(others).toEqual([]);
  });
});

function accepted<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("; "));
  return parsed.value;
}

describe("the App", () => {
  test("its events are those of the sandbox's App and of the README", () => {
    expect([...appEvents]).toEqual([...subscribedEvents]);
    const listed = /Events: ([^.]*?)\n\n/.exec(section(readme, "The App"))?.[1]?.match(/`([a-z_]+)`/g) ?? [];
    expect(listed.map((each) => each.replaceAll("`", ""))).toEqual([...subscribedEvents]);
  });

  test("its permissions are those of the sandbox's App", () => {
    const rows = tableIn(section(readme, "The App"));
    const said = Object.fromEntries(rows.map(([name = "", access]) => [name.replaceAll("`", ""), access]));
    expect(said).toEqual(appPermissions);
  });

  test("it asks for neither `workflows` nor `administration`: with them its token could change the law", () => {
    expect(Object.keys(appPermissions)).not.toContain("workflows");
    expect(Object.keys(appPermissions)).not.toContain("administration");
  });

  test("the README names every variable of the server, with its default", () => {
    const { names, env } = notedEnvironment({
      APP_ID: "1",
      PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----",
      WEBHOOK_SECRET: "secret",
    });
    const options = readServerOptions(env);
    const rows = tableIn(section(readme, "The server").split("### ")[0] ?? "");
    expect([...namesIn(rows)].sort()).toEqual([...names].sort());
    const defaults = new Map(rows.map(([name = "", value]) => [name.replaceAll("`", ""), value]));
    expect(Object.fromEntries(defaults)).toEqual({
      APP_ID: "required",
      PRIVATE_KEY: "required",
      WEBHOOK_SECRET: "required",
      GITHUB_API_URL: `\`${options.apiUrl}\``,
      HOST: `\`${options.host}\``,
      PORT: `\`${options.port}\``,
      HALLPASS_LOOK_EVERY: `\`${options.lookEvery}\``,
      HALLPASS_REDELIVER_EVERY: `\`${options.redeliverEvery}\``,
      HALLPASS_DRAIN: `\`${options.drain}\``,
      HALLPASS_METRICS: `\`${options.metrics ? "on" : "off"}\``,
    });
  });

  test("the README names every metric, with its type and what it says of itself", async () => {
    const text = await createMetrics(Date.now).text();
    const said = new Map(
      [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = "", help]) => [name, help]),
    );
    const types = [...text.matchAll(/^# TYPE (\S+) (.*)$/gm)].map(([, name = "", type]) => [
      `\`${name}\``,
      type,
      said.get(name),
    ]);
    expect(tableIn(section(readme, "The server").split("### Metrics")[1] ?? "")).toEqual(types);
  });
});

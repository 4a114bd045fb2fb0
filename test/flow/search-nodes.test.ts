// Which nodes a search finds.

import { expect, test } from "vitest";
import type { AccountId, NodeId, Region } from "../../core/ids.ts";
import type { AccountConfig } from "../../core/law.ts";
import type { Node } from "../../core/node.ts";
import { nearestWords, type Search, searchNodes } from "../../flow/search-nodes.ts";

const base = { type: "AWS::EC2::Instance", agent: "online" } as const;
const workloads = "111122223333" as AccountId;
const data = "444455556666" as AccountId;
const [frankfurt, virginia] = ["eu-central-1" as Region, "us-east-1" as Region] as const;
const nodes: readonly Node[] = [
  { ...base, account: workloads, region: frankfurt, id: "i-0000000000000000b" as NodeId, tags: {} },
  {
    ...{ ...base, account: workloads, region: frankfurt, id: "i-0000000000000000c" as NodeId },
    ...{ name: "web-prod-02", tags: { Env: "prod", Team: "" } },
  },
  {
    ...{ ...base, account: workloads, region: virginia, id: "i-0000000000000000a" as NodeId },
    ...{ name: "web-prod-01", agent: "offline", tags: { Env: "prod", constructor: "me" } },
  },
  {
    ...{ ...base, account: data, region: virginia, id: "i-0000000000000000d" as NodeId },
    ...{ name: "Db=1", tags: { Env: "Production" } },
  },
];
const roles = { inventory: "", access: "", revoke: "" };
const accounts: readonly AccountConfig[] = [
  { id: workloads, name: "Workloads", regions: [frankfurt, virginia], roles },
  { id: data, regions: [virginia], roles },
];
const find = (search: Partial<Search>): string =>
  searchNodes(nodes, accounts, { words: [], tags: [], online: false, ...search })
    .map(({ id }) => id.slice(-1))
    .join("");

test.each<[string, Partial<Search>, string]>([
  ["nothing said: all, by name, those without one last", {}, "dacb"],
  ["part of a name", { words: ["prod"] }, "ac"],
  ["letter case does not count", { words: ["PROD-0"] }, "ac"],
  ["words are all meant", { words: ["web", "02"] }, "c"],
  ["a glob is of the whole name", { words: ["web-*"] }, "ac"],
  ["and not of a part", { words: ["prod-*"] }, ""],
  ["an id", { words: ["i-0000000000000000b"] }, "b"],
  ["part of an id", { words: ["0000d"] }, "d"],
  ["an account by its name", { words: ["workloads"] }, "acb"],
  ["an account by its id", { words: ["4444"] }, "d"],
  ["a Region", { words: ["us-east"] }, "da"],
  ["a place", { words: ["workloads/us-east-1/"] }, "a"],
  ["a place as a request has it", { words: ["111122223333/eu-central-1/i-0000000000000000b"] }, "b"],
  ["a tag", { words: ["env=prod"] }, "ac"],
  ["a tag with a glob", { words: ["env=prod*"] }, "dac"],
  ["a tag as a request has it", { words: ["tag:Env=prod"] }, "ac"],
  ["whoever has the tag", { words: ["tag:team"] }, "c"],
  ["a tag without a value", { words: ["Team="] }, "c"],
  ["a name that could be a tag", { words: ["db=1"] }, "d"],
  ["what every object has is no tag", { words: ["tag:toString"] }, ""],
  ["--account by name", { account: "workloads" }, "acb"],
  ["--account by id", { account: "4444*" }, "d"],
  ["--account is the whole of it", { account: "work" }, ""],
  ["--region", { region: "eu-*" }, "cb"],
  ["--tag, each", { tags: ["Env", "constructor=me"] }, "a"],
  ["--online", { words: ["prod"], online: true }, "c"],
])("%s", (_, search, expected) => {
  expect(find(search)).toBe(expected);
});

test.each([
  ["web-prod-03", ["web-prod-01", "web-prod-02"]],
  ["Env=prid", ["Env=prod"]],
  ["tag:Env=prod1", ["Env=prod"]],
  ["something else", []],
])("nearest to %s", (word, expected) => {
  expect(nearestWords(nodes, word)).toEqual(expected);
});

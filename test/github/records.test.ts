import { expect, it } from "vitest";
import { parseApproved } from "../../core/parse-record.ts";
import type { ActiveRecord } from "../../core/record.ts";
import { recordPath, renderRecord, sessionName } from "../../core/record.ts";
import { ledgerFacts } from "../../github/records.ts";
import { at, oid, reading, record } from "./readings.ts";

const approved = parseApproved(record, "approved/12.yaml");
if (!approved.ok) throw new Error(approved.problems[0].message);
const { folder: _, ...rest } = approved.value;
const active: ActiveRecord = {
  ...rest,
  folder: "active",
  granted: { at: at(0), until: at(60), session: sessionName(5000, rest.subject.number), run: 1 },
} as ActiveRecord;
const head = oid("f");

it("an active record counts whatever is spoilt beside it", () => {
  const text = renderRecord(active);
  expect(recordPath(active)).toBe("active/12.yaml");
  const ended = { path: "ended/2026/12/12.yaml", text: "spoilt: true\n" };
  const spoilt = { head, everActive: true, approved: "spoilt: true\n", ended };
  expect(ledgerFacts(reading({ ledger: { ...spoilt, active: text } }))).toMatchObject({
    ok: true,
    value: { active: { granted: { until: at(60) } } },
  });
  expect(ledgerFacts(reading({ ledger: spoilt })).ok).toBe(false);
  expect(ledgerFacts(reading({ ledger: { ...spoilt, active: "spoilt: true\n" } })).ok).toBe(false);
});

import { expect, test } from "vitest";
import { jsonLog } from "../../app/log.ts";

test("a line is one JSON object with its time, whatever is in it", () => {
  const lines: string[] = [];
  const log = jsonLog(
    (line) => lines.push(line),
    () => Date.parse("2026-12-01T09:00:00Z"),
  );
  log("info", "looked", { repository: "acme/access", request: 12, state: "active" });
  log("error", "could not look", { error: 'line one\nline two "quoted" \u001b[31m' });
  log("warn", "stopping");
  expect(lines).toHaveLength(3);
  expect(lines.every((line) => !line.includes("\n") && !line.includes("\u001b"))).toBe(true);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      time: "2026-12-01T09:00:00.000Z",
      level: "info",
      message: "looked",
      repository: "acme/access",
      request: 12,
      state: "active",
    },
    {
      time: "2026-12-01T09:00:00.000Z",
      level: "error",
      message: "could not look",
      error: 'line one\nline two "quoted" \u001b[31m',
    },
    { time: "2026-12-01T09:00:00.000Z", level: "warn", message: "stopping" },
  ]);
});

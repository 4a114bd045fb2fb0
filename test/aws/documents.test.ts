import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentName, durationClass, sessionDocuments } from "../../aws/documents.ts";
import type { Seconds } from "../../core/ids.ts";

const logs = { logGroup: "", bucket: "", encrypted: true };
const documents = sessionDocuments([{ name: "postgres", host: "db.internal", port: 5432 }], logs);

describe("session documents", () => {
  it.each([
    [1, 15],
    [900, 15],
    [901, 60],
    [3_600, 60],
    [7_200, 240],
    [43_200, 720],
    [43_201, 1_440],
    [1_209_600, 1_440],
  ])("a window of %i s uses the class of %i min", (window, minutes) => {
    expect(durationClass(window as Seconds)).toBe(minutes);
  });

  it("a class never cuts a window short, up to the longest that AWS takes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (window) => {
        expect(durationClass(window as Seconds) * 60).toBeGreaterThanOrEqual(window);
      }),
    );
  });

  it.each([
    [{ mode: "shell" } as const, "Hallpass-Shell-60"],
    [{ mode: "ssh" } as const, "Hallpass-SSH-60"],
    [{ mode: "rdp" } as const, "Hallpass-RDP-60"],
    [{ mode: "port-forward", forward: "postgres" } as const, "Hallpass-Forward-postgres-60"],
  ])("%o is %s, and there is such a document", (kind, name) => {
    expect(documentName(kind, 3_600 as Seconds)).toBe(name);
    expect(documents.map((document) => document.name)).toContain(name);
  });

  it("host and port on the node's side are nobody's to choose", () => {
    for (const { name, content } of documents.filter(({ name }) => !name.startsWith("Hallpass-Shell"))) {
      const { portNumber, host = "" } = content["properties"] as Record<string, string>;
      expect(`${name} ${portNumber} ${host}`).not.toContain("{{");
      expect(Object.keys((content["parameters"] as object | undefined) ?? {})).toSatisfy((names: string[]) =>
        names.every((parameter) => parameter === "localPortNumber"),
      );
    }
  });

  it("a forward leads to the host and port of the config", () => {
    const forward = documents.find(({ name }) => name === "Hallpass-Forward-postgres-15");
    expect(forward?.content["properties"]).toMatchObject({ host: "db.internal", portNumber: "5432" });
  });

  it("every one bounds an open session by the minutes in its name", () => {
    for (const { name, content } of documents)
      expect((content["inputs"] as Record<string, unknown>)["maxSessionDuration"]).toBe(
        name.split("-").at(-1),
      );
  });

  it("no two share a name, and SSM takes each", () => {
    const names = documents.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_\-.]{3,128}$/);
  });
});

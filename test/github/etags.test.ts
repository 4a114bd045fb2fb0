import { describe, expect, it } from "vitest";
import { createEtags } from "../../github/etags.ts";

const kept = (etag: string) => ({ etag, body: { etag } });

describe("answers kept by ETag", () => {
  it("drops what was not asked for longest when it holds too much", () => {
    const etags = createEtags(10);
    etags.keep("a", kept("a"), 4);
    etags.keep("b", kept("b"), 4);
    expect(etags.find("a")).toMatchObject({ etag: "a" });
    etags.keep("c", kept("c"), 4);
    expect(etags.find("b")).toBeUndefined();
    expect(etags.find("a")).toMatchObject({ etag: "a" });
    expect(etags.find("c")).toMatchObject({ etag: "c" });
  });

  it("keeps only the latest answer of an address, and counts it once", () => {
    const etags = createEtags(10);
    for (let i = 0; i < 10; i++) etags.keep("a", kept(String(i)), 6);
    etags.keep("b", kept("b"), 4);
    expect(etags.find("a")).toMatchObject({ etag: "9" });
    expect(etags.find("b")).toMatchObject({ etag: "b" });
  });

  it("does not keep what is larger than all it may hold", () => {
    const etags = createEtags(10);
    etags.keep("a", kept("a"), 11);
    expect(etags.find("a")).toBeUndefined();
  });
});

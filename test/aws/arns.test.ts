import { describe, expect, it } from "vitest";
import { ownerOf, parseRoleArn, siblingRole } from "../../aws/arns.ts";

const arn = (rest: string, partition = "aws"): string => `arn:${partition}:iam::111122223333:role/${rest}`;

describe("names that follow from a role's ARN", () => {
  it("the owner of a session has the role's name without its path", () => {
    expect(ownerOf(arn("team/HallpassAccess", "aws-cn"), "hp.1.2")).toBe(
      "arn:aws-cn:sts::111122223333:assumed-role/HallpassAccess/hp.1.2",
    );
  });

  it.each([
    ["HallpassRevoke", "HallpassScheduler"],
    ["HallpassRevoke-b", "HallpassScheduler-b"],
    ["team/a/HallpassRevoke-b", "team/a/HallpassScheduler-b"],
    ["AnythingElse", "HallpassScheduler"],
  ])("beside %s is %s", (revoke, scheduler) => {
    expect(siblingRole(arn(revoke), "Scheduler")).toBe(arn(scheduler));
  });

  it.each([
    "",
    "HallpassAccess",
    "arn:aws:iam::1111:role/x",
    "arn:aws:iam::111122223333:user/x",
    "arn:aws:sts::111122223333:assumed-role/x/y",
    "arn:aws:iam::111122223333:role/",
    "arn:aws:iam::111122223333:role/x\n",
  ])("%j is no role", (text) => {
    expect(() => parseRoleArn(text)).toThrow(/expected the ARN of an IAM role/);
  });
});

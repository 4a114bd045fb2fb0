/** How this AWS behaves where the real one varies or is slow. Some may be changed while it runs. */
export interface Parameters {
  /** Milliseconds until a change of IAM is in force. */
  iamDelay: number;
  /** Milliseconds that AWS's clock is ahead of the clock given. */
  clockSkew: number;
  /** Milliseconds that a signature's time may be off; Infinity under a clock that clients do not follow. */
  signatureSkew: number;
  /** Real schedules fire anywhere in their minute; `second` fires at the instant, for a quick sandbox. */
  schedulerPrecision: "minute" | "second";
  /** With precision `minute`: the second of the minute, 0 to 59. */
  schedulerSecond: number;
  /** Off: schedules are kept and never fire. */
  schedulerFires: boolean;
  /**
   * StartSession without a document name: `skipped` starts the default shell though no policy names it, unless a
   * statement asks for `ssm:SessionDocumentAccessCheck`; `enforced` always wants the document in the policy.
   */
  defaultDocumentCheck: "skipped" | "enforced";
  /**
   * What starting a runbook needs a permission on: `document` as AWS documents it now (the document and
   * `automation-execution/*`), `definition` as before (`automation-definition/NAME:VERSION`).
   */
  automationResources: "document" | "definition";
  /** The size that a compressed session policy may have; AWS does not publish its own. */
  packedPolicyBytes: number;
  /** What made-up ids are made from. */
  seed: string;
}

export const defaultParameters: Parameters = {
  iamDelay: 0,
  clockSkew: 0,
  signatureSkew: 5 * 60_000,
  schedulerPrecision: "minute",
  schedulerSecond: 30,
  schedulerFires: true,
  defaultDocumentCheck: "skipped",
  automationResources: "document",
  packedPolicyBytes: 1_024,
  seed: "sandbox",
};

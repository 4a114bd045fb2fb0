/** What a caller of AWS sees as an error: a code of the service's model, or one that every service knows. */
export class AwsError extends Error {
  readonly code: string;
  /** The HTTP status, for codes that the service's model does not list. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
  }
}

/** The answer never arrives: the connection is dropped, before the call had its effect or after. */
export class AnswerLost extends Error {
  readonly code = "ETIMEDOUT";

  constructor(operation: string) {
    super(`no answer to ${operation}`);
    // the name that SDK clients treat as a connection that timed out
    this.name = "TimeoutError";
  }
}

/** The twin itself is wrong: an answer that AWS's own schema would not allow. */
export class TwinBug extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TwinBug";
  }
}

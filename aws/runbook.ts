// The Automation runbook that ends a grant inside AWS. No scripts: only API calls, sleeps, loops and a branch, so it needs no runtime and can be read whole.

/** Its document's name, in each Region. */
export const runbookName = "Hallpass-EndAccess";

/** What `for each` takes at most. A round that is full is followed by another: what was terminated is no longer listed. */
const roundSize = 100;
const roundsPerPass = 3;

type Step = Readonly<Record<string, unknown>>;

/**
 * Sleeps to `Until` (schedules fire anywhere in their minute; a moment that has passed goes on at once), ends the owner's sessions, waits `Settle`, and ends
 * what was opened or seen too late for the first pass. Schedules carry the long wait, so no sleep comes near Automation's seven days.
 */
export function endAccessRunbook(assumeRole: unknown): Readonly<Record<string, unknown>> {
  return {
    schemaVersion: "0.3",
    description: "Hallpass: ends the sessions of one grant, twice",
    // fixed: whoever starts the runbook cannot choose what it runs as
    assumeRole,
    parameters: {
      Session: {
        type: "String",
        description: "The session name of the grant, as people read it in the execution's history",
        allowedPattern: "^hp\\.[0-9]{1,15}\\.[0-9]{1,15}$",
      },
      Owner: {
        type: "String",
        description: "Whose sessions to end: arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION",
        allowedPattern:
          "^arn:aws[a-z-]*:sts::[0-9]{12}:assumed-role/[A-Za-z0-9_+=,.@-]{1,64}/hp\\.[0-9]{1,15}\\.[0-9]{1,15}$",
      },
      Until: {
        type: "String",
        description: "The end of the grant, 2026-12-01T22:00:00Z",
        allowedPattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
      },
      Settle: {
        type: "String",
        description: "Between the two passes, PT60S",
        allowedPattern: "^PT[1-9][0-9]{0,4}S$",
        default: "PT60S",
      },
    },
    mainSteps: [
      sleep("waitForEnd", { Timestamp: "{{ Until }}" }),
      // credentials work to the last instant; a session opened then is not listed in the same
      sleep("waitForLast", { Duration: "PT2S" }),
      ...pass("first"),
      sleep("settle", { Duration: "{{ Settle }}" }),
      ...pass("second"),
    ],
  };
}

const sleep = (name: string, inputs: Step): Step => ({ name, action: "aws:sleep", inputs });

function pass(name: string): readonly Step[] {
  return Array.from({ length: roundsPerPass }, (_, round) => [
    list(`${name}List${round + 1}`),
    endEach(`${name}End${round + 1}`, `${name}List${round + 1}`),
  ]).flat();
}

/** A failure of one step does not keep the later ones from running; the execution still ends as failed, for people to see. */
const goOn: Step = { onFailure: "Continue", isCritical: true };

function list(name: string): Step {
  return {
    name,
    action: "aws:executeAwsApi",
    ...goOn,
    maxAttempts: 5,
    inputs: {
      Service: "ssm",
      Api: "DescribeSessions",
      State: "Active",
      MaxResults: roundSize,
      Filters: [{ key: "Owner", value: "{{ Owner }}" }],
    },
    outputs: [{ Name: "SessionIds", Selector: "$.Sessions..SessionId", Type: "StringList" }],
  };
}

/** That AWS's filter compares owners whole is nowhere promised: each session's owner is read and compared before it is ended. */
function endEach(name: string, listed: string): Step {
  const sessionId = `{{ ${name}.CurrentIteratorValue }}`;
  return {
    name,
    action: "aws:loop",
    ...goOn,
    inputs: {
      Iterators: `{{ ${listed}.SessionIds }}`,
      IteratorDataType: "String",
      MaxIterations: roundSize,
      Steps: [
        {
          name: `${name}Look`,
          action: "aws:executeAwsApi",
          maxAttempts: 5,
          // it ended by itself since it was listed
          onFailure: `step:${name}Next`,
          isCritical: false,
          inputs: {
            Service: "ssm",
            Api: "DescribeSessions",
            State: "Active",
            Filters: [{ key: "SessionId", value: sessionId }],
          },
          outputs: [{ Name: "Owner", Selector: "$.Sessions[0].Owner", Type: "String" }],
        },
        {
          name: `${name}Compare`,
          action: "aws:branch",
          inputs: {
            Choices: [
              {
                NextStep: `${name}Terminate`,
                Variable: `{{ ${name}Look.Owner }}`,
                StringEquals: "{{ Owner }}",
              },
            ],
            Default: `${name}Next`,
          },
        },
        {
          name: `${name}Terminate`,
          action: "aws:executeAwsApi",
          maxAttempts: 5,
          onFailure: "Continue",
          inputs: { Service: "ssm", Api: "TerminateSession", SessionId: sessionId },
        },
        // where the branch goes for sessions that are not the owner's
        sleep(`${name}Next`, { Duration: "PT1S" }),
      ],
    },
  };
}

// The rulesets of an access repo, as GitHub's API takes them. What `read-protection.ts` insists on, and why, is design section 4.

type Rule = { readonly type: string; readonly parameters?: Readonly<Record<string, unknown>> };

export interface Ruleset {
  readonly name: string;
  readonly target: "branch";
  readonly enforcement: "active";
  readonly conditions: {
    readonly ref_name: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  };
  readonly bypass_actors: readonly {
    readonly actor_id: number;
    readonly actor_type: "Integration";
    readonly bypass_mode: "always";
  }[];
  readonly rules: readonly Rule[];
}

/** `appId`: the only actor that may write to the ledger and to request branches. */
export function accessRulesets(appId: number): readonly Ruleset[] {
  const ourApp = [{ actor_id: appId, actor_type: "Integration", bypass_mode: "always" }] as const;
  return [
    // the App is no bypass actor: stolen, its token cannot change the law
    ruleset(
      "Hallpass: the law",
      ["~DEFAULT_BRANCH"],
      [],
      [
        {
          type: "pull_request",
          parameters: {
            required_approving_review_count: 1,
            require_code_owner_review: true,
            dismiss_stale_reviews_on_push: true,
            require_last_push_approval: true,
            required_review_thread_resolution: false,
          },
        },
        { type: "non_fast_forward" },
        { type: "deletion" },
      ],
    ),
    // not strict: each commit to the ledger would make every open request stale
    ruleset("Hallpass: only the App writes the ledger", ["refs/heads/ledger"], ourApp, [
      { type: "creation" },
      { type: "update" },
      {
        type: "required_status_checks",
        parameters: {
          required_status_checks: [{ context: "hallpass", integration_id: appId }],
          strict_required_status_checks_policy: false,
        },
      },
    ]),
    // no bypass for anyone: history is append-only, and one line, because `git log -- active/12.yaml` does not follow all sides of a merge
    ruleset(
      "Hallpass: the ledger is append-only",
      ["refs/heads/ledger"],
      [],
      [{ type: "non_fast_forward" }, { type: "deletion" }, { type: "required_linear_history" }],
    ),
    ruleset("Hallpass: only the App opens request branches", ["refs/heads/request/**/*"], ourApp, [
      { type: "creation" },
      { type: "update" },
      { type: "deletion" },
    ]),
    ruleset(
      "Hallpass: request branches never change",
      ["refs/heads/request/**/*"],
      [],
      [{ type: "non_fast_forward" }],
    ),
  ];
}

const ruleset = (
  name: string,
  include: readonly string[],
  bypass_actors: Ruleset["bypass_actors"],
  rules: readonly Rule[],
): Ruleset => ({
  name,
  target: "branch",
  enforcement: "active",
  conditions: { ref_name: { include, exclude: [] } },
  bypass_actors,
  rules,
});

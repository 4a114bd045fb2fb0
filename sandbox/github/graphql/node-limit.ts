import { type DocumentNode, type FieldNode, GraphQLError, type SelectionSetNode } from "graphql";

/** GitHub answers no query that could return more nodes than this. */
const limit = 500_000;

/** Refuses a query by the nodes its nested `first` and `last` add up to. */
export function countNodes(
  document: DocumentNode,
  variables: Record<string, unknown>,
): GraphQLError | undefined {
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === "FragmentDefinition" ? [[one.name.value, one.selectionSet] as const] : [],
    ),
  );
  const sizeOf = (field: FieldNode): number | undefined => {
    const argument = field.arguments?.find(({ name }) => name.value === "first" || name.value === "last");
    if (argument === undefined) return undefined;
    const { value } = argument;
    if (value.kind === "IntValue") return Number(value.value);
    return value.kind === "Variable" ? Number(variables[value.name.value] ?? 0) : undefined;
  };
  const walk = (selections: SelectionSetNode | undefined, times: number): number => {
    let sum = 0;
    for (const selection of selections?.selections ?? []) {
      if (selection.kind === "InlineFragment") sum += walk(selection.selectionSet, times);
      else if (selection.kind === "FragmentSpread") sum += walk(fragments.get(selection.name.value), times);
      else {
        const size = sizeOf(selection);
        sum += (size === undefined ? 0 : times * size) + walk(selection.selectionSet, times * (size ?? 1));
      }
    }
    return sum;
  };
  const total = document.definitions.reduce(
    (sum, one) => sum + (one.kind === "OperationDefinition" ? walk(one.selectionSet, 1) : 0),
    0,
  );
  if (total <= limit) return undefined;
  const message = `This query requests up to ${total.toLocaleString("en-US")} possible nodes which exceeds the maximum limit of 500,000.`;
  return new GraphQLError(message, { extensions: { type: "MAX_NODE_LIMIT_EXCEEDED" } });
}

import type { Edit } from "./issue-state.ts";
import type { Account } from "./state.ts";
import type { Twin } from "./twin.ts";

/** GitHub's limit for bodies of issues, comments and reviews. */
export const maxBody = 65_536;

interface Edited {
  author: Account;
  body: string | null;
  edits: Edit[];
  createdAt: number;
}

/**
 * Changes a text and keeps its history as GitHub does: nothing until the first edit, which then yields two
 * revisions, the original under its author and its time, and the edit.
 */
export function editBody(twin: Twin, text: Edited, body: string, editor: Account): boolean {
  if ((text.body ?? "") === body) return false;
  const revision = (who: Account, at: number, content: string | null): Edit => ({
    id: twin.ids.number(),
    editor: who,
    editedAt: at,
    text: content ?? "",
    deletedAt: null,
    deletedBy: null,
  });
  if (text.edits.length === 0) text.edits.push(revision(text.author, text.createdAt, text.body));
  text.body = body;
  text.edits.push(revision(editor, twin.clock.now(), body));
  return true;
}

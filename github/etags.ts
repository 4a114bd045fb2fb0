// Answers kept with their ETag, so that GitHub can say "not modified", which costs nothing of the hourly limit.

export interface Kept {
  readonly etag: string;
  readonly body: unknown;
}

export interface Etags {
  readonly find: (url: string) => Kept | undefined;
  readonly keep: (url: string, kept: Kept, size: number) => void;
}

/** Bounded by the size of what is kept; what was not asked for longest goes first. */
export function createEtags(mostCharacters: number): Etags {
  const entries = new Map<string, Kept & { readonly size: number }>();
  let total = 0;
  const drop = (url: string) => {
    total -= entries.get(url)?.size ?? 0;
    entries.delete(url);
  };
  return {
    find: (url) => {
      const found = entries.get(url);
      if (found === undefined) return undefined;
      entries.delete(url);
      entries.set(url, found);
      return found;
    },
    keep: (url, kept, size) => {
      drop(url);
      if (size > mostCharacters) return;
      entries.set(url, { ...kept, size });
      total += size;
      for (const oldest of entries.keys()) {
        if (total <= mostCharacters) return;
        drop(oldest);
      }
    },
  };
}

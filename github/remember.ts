// Keeps what was loaded under a key that says all about it. A failure is not kept; two who ask at once share one load.

export function createMemory(most: number): <T>(key: string, load: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<unknown>>();
  return <T>(key: string, load: () => Promise<T>): Promise<T> => {
    const found = kept.get(key) as Promise<T> | undefined;
    const loading = found ?? load();
    kept.delete(key);
    kept.set(key, loading);
    if (found === undefined) loading.catch(() => kept.get(key) === loading && kept.delete(key));
    const oldest = kept.keys().next().value;
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return loading;
  };
}

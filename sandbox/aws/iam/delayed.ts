/** A value that others see some time after it is written, as everything in IAM. */
export interface Delayed<T> {
  /** What is in force at an instant. */
  at(now: number): T;
  /** What was written last, which is what reading it back shows. */
  readonly latest: T;
  set(value: T, inForceFrom: number): void;
}

export function delayed<T>(initial: T): Delayed<T> {
  const versions: { value: T; from: number }[] = [{ value: initial, from: Number.NEGATIVE_INFINITY }];
  const newestAt = (now: number) => versions.filter((version) => version.from <= now).at(-1) ?? versions[0];
  return {
    at: (now) => (newestAt(now) as { value: T }).value,
    get latest() {
      return (versions.at(-1) as { value: T }).value;
    },
    set(value, inForceFrom) {
      versions.push({ value, from: inForceFrom });
      // the far past is of no interest
      if (versions.length > 50) versions.splice(1, versions.length - 50);
    },
  };
}

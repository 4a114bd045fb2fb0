// An environment that notes which of its variables are read.

export function notedEnvironment(values: Readonly<Record<string, string>>) {
  const names = new Set<string>();
  const env = new Proxy(values, {
    get: (target, name) => {
      names.add(String(name));
      return target[String(name)];
    },
  });
  return { names, env: env as Readonly<Record<string, string | undefined>> };
}

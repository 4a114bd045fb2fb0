import { configDefaults, defineConfig } from "vitest/config";

/** Played in real time with real processes: alone, so that no window of seconds runs out because of a neighbour. */
const live = [
  "test/sandbox/demo/*.test.ts",
  "test/cli/connect.test.ts",
  "test/cli/pty.test.ts",
  "test/whole/ends/aws-cli.test.ts",
  "test/app/container.test.ts",
];

/** They break Cedar for the whole of their process, as a policy with too many brackets does. */
const breaking = ["test/cedar/**/*.test.ts"];

export default defineConfig({
  // @actions/* ship sourcemaps without their sources; the warnings would hide what matters
  logLevel: "error",
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // @actions/* import JSON without attributes, which plain Node refuses
    server: { deps: { inline: [/@actions\//] } },
    projects: [
      {
        extends: true,
        test: {
          name: "twins",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...live, ...breaking],
          // no file leaves anything behind, and loading everything anew for each took a third of the time
          isolate: false,
          // on two cores it would be one
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "cedar", include: breaking, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: "live", include: live, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["core/**/*.ts"],
      reporter: ["text"],
      thresholds: { lines: 100, branches: 100 },
      skipFull: true,
    },
  },
});

import { configDefaults, defineConfig } from "vitest/config";

/** Played in real time with real processes: alone, so that no window of seconds runs out because of a neighbour. */
const live = [
  "test/sandbox/demo/*.test.ts",
  "test/cli/connect.test.ts",
  "test/cli/pty.test.ts",
  "test/whole/ends/aws-cli.test.ts",
  "test/app/container.test.ts",
];

/** They keep nothing between files, so that a file need not load everything anew. */
const together = ["test/core/**/*.test.ts", "test/github/**/*.test.ts", "test/house/**/*.test.ts"];

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
          exclude: [...configDefaults.exclude, ...live, ...together],
          // on two cores it would be one
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "together",
          include: together,
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
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

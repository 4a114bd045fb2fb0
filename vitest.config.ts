import { defineConfig } from "vitest/config";

export default defineConfig({
  // @actions/* ship sourcemaps without their sources; the warnings would hide what matters
  logLevel: "error",
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // on two cores there would be one, idle while the demo and the aws CLI wait for real time
    maxWorkers: 2,
    // @actions/* import JSON without attributes, which plain Node refuses
    server: { deps: { inline: [/@actions\//] } },
    coverage: {
      provider: "v8",
      include: ["core/**/*.ts"],
      reporter: ["text"],
      thresholds: { lines: 100, branches: 100 },
      skipFull: true,
    },
  },
});

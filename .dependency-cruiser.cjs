/** The arrows of the architecture: index → platform → components → autoscaling, observability, catalog. */
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: from },
  to: { path: "^[^/]+", pathNot: [`^(${allowed.join("|")})`, "node_modules", "^node:"], dependencyTypesNot: ["core"] },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nothing-imports-tools-test-e2e",
      severity: "error",
      comment: "test and e2e may use the plan's capture, and everything else of the tools that they test",
      from: { pathNot: "^(tools|test|e2e|bench|standins)/" },
      to: { path: "^(tools|test|e2e|bench|standins)/" },
    },
    {
      name: "tools-import-no-tests",
      severity: "error",
      from: { path: "^tools/" },
      to: { path: "^(test|e2e|bench)/" },
    },
    {
      name: "standins-know-the-server-not-the-simulation",
      severity: "error",
      comment:
        "a stand-in may play the simulated server, draw random numbers as the simulator does, and read a stack as the tools do: it has no traffic, no fleet and no report",
      from: { path: "^standins/" },
      to: {
        path: "^tools/",
        pathNot:
          "^tools/(simulate/server/|simulate/traffic/random\\.ts$|plan/(load|problems|stackFile|text|values)\\.ts$|arguments\\.ts$)",
      },
    },
    only("catalog-stands-alone", "^catalog/", ["catalog/"]),
    only("autoscaling-is-pure", "^autoscaling/", ["autoscaling/", "catalog/"]),
    only("observability-is-pure", "^observability/", ["observability/", "autoscaling/", "catalog/"]),
    only("config-is-below-components", "^config/", ["config/", "autoscaling/", "observability/", "catalog/"]),
    only("components-see-no-platform", "^components/", [
      "components/",
      "config/",
      "autoscaling/",
      "observability/",
      "catalog/",
    ]),
    only("platform-sees-no-tools", "^platform\\.ts$", ["components/", "config/", "catalog/"]),
    {
      name: "pure-parts-know-no-pulumi",
      severity: "error",
      from: { path: "^(catalog|autoscaling|observability|config)/", pathNot: "^config/load\\.ts$" },
      to: { path: "node_modules/@pulumi" },
    },
    {
      name: "simulator-knows-no-pulumi",
      severity: "error",
      comment: "it starts in no time, and runs where no Pulumi is; it sees a stack as plain data",
      from: { path: "^tools/simulate/" },
      to: { path: "node_modules/@pulumi", reachable: true },
    },
    {
      name: "one-reader-of-config",
      severity: "error",
      comment: "plain data comes from config/stackConfig; only index and platform see Pulumi's configuration",
      from: { pathNot: "^(index|platform)\\.ts$|^test/" },
      to: { path: "^config/load\\.ts$" },
    },
    {
      name: "no-provider-root",
      severity: "error",
      comment: "root imports double the time of type checking",
      from: {},
      to: { path: "node_modules/@pulumi/(gcp|kubernetes)/index\\.(d\\.ts|js)$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(out|reports|\\.stryker-tmp)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default", "types"] },
  },
};

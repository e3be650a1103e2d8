// SPDX-License-Identifier: Apache-2.0
// Builds dist/ (charts.min.js, LICENSE, NOTICE, SHA256SUMS) from the pinned packages; with --check, only says
// whether dist/ is what would be built. First: npm ci.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const read = (name) => readFileSync(join(here, name), "utf8");
const installed = (name) => JSON.parse(read(`node_modules/${name}/package.json`)).version;

const bundle = await build({
  entryPoints: [join(here, "charts.mjs")],
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  globalName: "echarts",
  target: "es2020",
  charset: "ascii",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  banner: {
    js: `/* Apache ECharts ${installed("echarts")} (Apache-2.0), zrender ${installed("zrender")} (BSD-3-Clause), tslib (0BSD); see report/dist/NOTICE */`,
  },
});

// "</script" inside an inline script would end it.
const script = bundle.outputFiles[0].text.replaceAll("</script", "<\\/script");
const outputs = {
  "charts.min.js": script,
  LICENSE: read("node_modules/echarts/LICENSE"),
  NOTICE: [
    `charts.min.js is built by report/build.mjs from these packages:\n`,
    `== echarts ${installed("echarts")} (Apache-2.0, see LICENSE)\n\n${read("node_modules/echarts/NOTICE")}\n`,
    `== zrender ${installed("zrender")} (BSD-3-Clause)\n\n${read("node_modules/zrender/LICENSE")}\n`,
    `== tslib ${installed("tslib")} (0BSD)\n\n${read("node_modules/tslib/LICENSE.txt")}\n`,
  ].join("\n"),
};

// What dist/ was made from and what was made, for a check that needs neither Node nor the network.
const sum = (text) => createHash("sha256").update(text).digest("hex");
outputs.SHA256SUMS = [
  ...["package.json", "package-lock.json", "charts.mjs", "build.mjs"].map((name) => `${sum(read(name))}  ${name}`),
  ...Object.entries(outputs).map(([name, text]) => `${sum(text)}  dist/${name}`),
].join("\n") + "\n";

const dist = join(here, "dist");
if (process.argv.includes("--check")) {
  const different = Object.entries(outputs).filter(([name, text]) => {
    try {
      return read(join("dist", name)) !== text;
    } catch {
      return true;
    }
  });
  if (different.length > 0) {
    console.error(`report/dist differs from what build.mjs makes: ${different.map(([name]) => name).join(", ")}`);
    process.exit(1);
  }
  console.log("report/dist is what build.mjs makes");
} else {
  mkdirSync(dist, { recursive: true });
  for (const [name, text] of Object.entries(outputs)) writeFileSync(join(dist, name), text);
  console.log(`report/dist: ${script.length} bytes of script`);
}

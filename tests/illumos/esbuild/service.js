// SPDX-License-Identifier: MIT
//
// Drives esbuild through its JavaScript interface: one service process, many requests at once, and
// plugins that are called back. Prints a word for each part that worked.
"use strict";
const assert = require("assert");
const esbuild = require(process.env.ESBUILD_PACKAGE);

const transforms = 200;

const plugin = {
  name: "virtual",
  setup(build) {
    build.onResolve({ filter: /^virtual:/ }, (args) => ({ path: args.path, namespace: "virtual" }));
    build.onLoad({ filter: /.*/, namespace: "virtual" }, () => ({ contents: "export default 'plugged'" }));
  },
};

async function main() {
  assert.strictEqual(esbuild.version, require(process.env.ESBUILD_PACKAGE + "/package.json").version);
  console.log("version");

  const built = await esbuild.build({ entryPoints: ["src/main.ts"], bundle: true, write: false });
  assert.ok(built.outputFiles[0].text.includes("f299"));
  console.log("build");

  const plugged = await esbuild.build({
    stdin: { contents: 'import p from "virtual:x"; console.log(p)' },
    bundle: true, write: false, plugins: [plugin],
  });
  assert.ok(plugged.outputFiles[0].text.includes("plugged"));
  console.log("plugin");

  const context = await esbuild.context({ entryPoints: ["src/main.ts"], bundle: true, outdir: "out" });
  for (let i = 0; i < 5; ++i) await context.rebuild();
  await context.dispose();
  console.log("context");

  const results = await Promise.all(Array.from({ length: transforms }, (_, i) =>
    esbuild.transform(`let x${i}: number = ${i}`, { loader: "ts" })));
  results.forEach((result, i) => assert.strictEqual(result.code, `let x${i} = ${i};\n`));
  console.log(results.length);
  await esbuild.stop();
  console.log("done");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

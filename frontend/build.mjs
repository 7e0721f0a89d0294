// Builds what the pages load: one script, one style sheet, the icon sprite and the pictures.
// File names carry no hash: Django's manifest storage adds it.

import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const app = join(root, "src/wuyou/surfaces/ui");
const out = join(app, "static/ui/dist");
const modules = join(root, "node_modules");

async function readJson(path) {
  return JSON.parse(await readFile(path, "utf8"));
}

/** The style sheet: fixed layers, then every file of a folder in its folder's layer. */
const styles = {
  name: "styles",
  setup(build) {
    build.onResolve({ filter: /^styles$/ }, () => ({ path: "styles", namespace: "styles" }));
    build.onLoad({ filter: /.*/, namespace: "styles" }, async () => {
      const layers = [
        ["reset", ["reset.css"]],
        ["tokens", ["tokens.css"]],
        ["base", ["base.css"]],
      ];
      const folders = [];
      for (const layer of ["components", "surfaces"]) {
        const folder = join(here, "css", layer);
        const files = (await readdir(folder)).filter((name) => name.endsWith(".css")).sort();
        layers.push([layer, files.map((name) => `${layer}/${name}`)]);
        folders.push(folder);
      }
      const imports = layers.flatMap(([layer, files]) => files.map((file) => `@import "./css/${file}" layer(${layer});`));
      const contents = `@layer ${layers.map(([layer]) => layer).join(", ")};\n${imports.join("\n")}\n`;
      return { contents, loader: "css", resolveDir: here, watchDirs: folders };
    });
  },
};

/** One `<symbol>` an icon, from the names in icons.json. */
async function buildSprite() {
  const names = await readJson(join(app, "icons.json"));
  const symbols = await Promise.all(
    names.map(async (name) => {
      const source = await readFile(join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
      const body = source
        .replace(/^[\s\S]*?<svg[^>]*>/, "")
        .replace("</svg>", "")
        .replace(/<path stroke="none" d="M0 0h24v24H0z"[^>]*>/, "")
        .replace(/\s+/g, " ")
        .trim();
      return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
    }),
  );
  const notice = "<!-- Icons: Tabler Icons, MIT licence, Copyright (c) 2020-2026 Paweł Kuna -->";
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${notice}${symbols.join("")}</svg>\n`);
}

/** The pictures that pictures.json names, under readable names, with their licence. */
async function buildPictures() {
  const groups = await readJson(join(app, "pictures.json"));
  const folder = join(out, "pictures");
  await mkdir(folder, { recursive: true });
  await Promise.all(
    Object.values(groups)
      .flatMap((group) => Object.entries(group))
      .map(([name, code]) => cp(join(modules, "@lobehub/fluent-emoji-3d/assets", `${code}.webp`), join(folder, `${name}.webp`))),
  );
  await cp(join(here, "pictures-LICENSE.txt"), join(folder, "LICENSE.txt"));
}

const options = {
  entryPoints: [
    { in: join(here, "main.ts"), out: "ui" },
    { in: join(here, "worker.ts"), out: "worker" },
    { in: join(here, "embed.ts"), out: "embed" },
    { in: join(here, "widget.ts"), out: "widget" },
    { in: "styles", out: "ui" },
  ],
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: false,
  format: "iife",
  target: ["es2022", "chrome123", "firefox121", "safari17.5"],
  legalComments: "none",
  logLevel: "info",
  plugins: [styles],
};

if (process.argv.includes("--watch")) {
  await mkdir(out, { recursive: true });
  await Promise.all([buildSprite(), buildPictures()]);
  await (await esbuild.context(options)).watch();
} else {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await Promise.all([buildSprite(), buildPictures(), esbuild.build(options)]);
}

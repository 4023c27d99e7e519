/** Writes `dist/workflow-bundle.js`, which production workers load instead of bundling at start. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../src/launch/bundle-workflows.ts';

const atRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const code = await bundleWorkflows(atRoot('src/workflows/index.ts'));
await mkdir(atRoot('dist'), { recursive: true });
await writeFile(atRoot('dist/workflow-bundle.js'), code);
console.log(`dist/workflow-bundle.js: ${Math.round(code.length / 1024)} KB`);

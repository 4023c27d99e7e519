import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './tool.ts';

const FOLDERS = ['src', 'test', 'tools', 'docs', 'deploy', 'bench', 'bin', '\\.ci'];
const ROOT_FILES =
  /^(?:\.env\.example|\.dependency-cruiser\.cjs|docker-compose\.yml|Dockerfile|package(?:-lock)?\.json|[A-Z]+\.md)$/;
const PATH = new RegExp(`^(?:${FOLDERS.join('|')})/[\\w./-]*$`);

/** The paths of this repository that a text names in backticks or as the target of a link. */
function pathsIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, word = '']) => word);
  const linked = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target = '']) =>
    target.replace(/^\.\//, ''),
  );
  return [...quoted, ...linked].filter((word) => PATH.test(word) || ROOT_FILES.test(word));
}

function documents(): string[] {
  const inDocs = existsSync(join(ROOT, 'docs'))
    ? readdirSync(join(ROOT, 'docs'), { recursive: true }).map((file) => `docs/${String(file)}`)
    : [];
  return ['README.md', 'CONTRIBUTING.md', ...inDocs].filter(
    (file) => file.endsWith('.md') && existsSync(join(ROOT, file)),
  );
}

function scriptsIn(text: string): string[] {
  return [...text.matchAll(/npm run ([\w:-]+)/g)]
    .map(([, script = '']) => script)
    .filter((script) => !script.endsWith(':'));
}

describe('the documents', () => {
  it('are found', () => {
    expect(documents()).toContain('CONTRIBUTING.md');
  });

  it.each(documents())('%s names only files that exist', (document) => {
    const missing = pathsIn(readFileSync(join(ROOT, document), 'utf8')).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  it.each(documents())('%s names only scripts that exist', (document) => {
    const manifest = readFileSync(join(ROOT, 'package.json'), 'utf8');
    const scripts = scriptsIn(readFileSync(join(ROOT, document), 'utf8'));
    expect(scripts.filter((script) => !manifest.includes(`"${script}":`))).toEqual([]);
  });

  it('are read with eyes that see a wrong path', () => {
    expect(pathsIn('see `src/domain/nowhere.ts`, [it](docs/gone.md) and `npm test`')).toEqual([
      'src/domain/nowhere.ts',
      'docs/gone.md',
    ]);
  });
});

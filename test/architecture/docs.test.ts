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

/** Our own code in TypeScript, save this file, which plants what it looks for. */
function sources(): string[] {
  return ['src', 'test', 'bench', 'tools'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .map((file) => `${folder}/${String(file)}`)
      .filter((file) => file.endsWith('.ts') && file !== 'test/architecture/docs.test.ts'),
  );
}

/** What a text cites: documents by their path in the repository, and labels of public pages. */
function citationsIn(text: string): { documents: string[]; labels: string[] } {
  return {
    documents: [...text.matchAll(/[\w./-]*\w\.md\b/g)].map(([name]) => name),
    labels: [...text.matchAll(/(?:\(|Sources?: |, | and )(M\d{1,2}|G1|P1)\b/g)].map(([, label = '']) => label),
  };
}

describe('the code', () => {
  const cited = sources().map((file) => ({ file, ...citationsIn(readFileSync(join(ROOT, file), 'utf8')) }));

  it('cites only documents that are in the repository', () => {
    const missing = cited.flatMap(({ file, documents: names }) =>
      names.filter((name) => !existsSync(join(ROOT, name))).map((name) => `${file}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('cites pages only by a label that docs/sources.md explains', () => {
    const table = readFileSync(join(ROOT, 'docs/sources.md'), 'utf8');
    const labels = new Set(cited.flatMap((one) => one.labels));
    expect(labels).toContain('M4');
    expect([...labels].filter((label) => !table.includes(`\n| ${label} |`))).toEqual([]);
  });

  it('is read with eyes that see a citation', () => {
    expect(citationsIn('/** See gone.md 4.2 and docs/gone.md (M99). Sources: M98, G1. */')).toEqual({
      documents: ['gone.md', 'docs/gone.md'],
      labels: ['M99', 'M98', 'G1'],
    });
  });
});

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

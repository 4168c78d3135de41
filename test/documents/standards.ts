import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Typescript from 'typescript';


export const lab = Lab.script();

const { describe, it } = lab;


const root = Path.join(__dirname, '..', '..');

const path = Path.join(root, 'docs', 'standards.md');


interface Reference {
    file: string;
    title: string;
}


/** The tests that a cell of docs/standards.md names. */
const references = function (cell: string): Reference[] {

    return Array.from(cell.matchAll(/\[([\w/-]+\.ts)\]\(\.\.\/test\/\1\) `(.+?)`(?=;|$)/g), ([, file, title]) => ({ file: file!, title: title! }));
};


/** Which tests are not there, of those that are said to show something. */
const missing = function (what: string, tests: Reference[]): string[] {

    if (tests.length === 0) {
        return [`${what}: no test`];
    }

    return tests.filter(({ file, title }) => !Fs.existsSync(Path.join(root, 'test', file)) || !has(file, title)).map(({ file, title }) => `${what}: ${file} has no test "${title}"`);
};


/** The rows of the tables of clauses, by the standard of their heading. */
const clauses = function (): { standard: string; clause: string; tests: Reference[] }[] {

    const [, section] = Fs.readFileSync(path, 'utf8').split(/^## Standards$/m);
    const rows = [];
    let standard = '';

    for (const line of section!.split(/^## /m)[0]!.split('\n')) {
        standard = /^### (.+)$/.exec(line)?.[1] ?? standard;
        const cells = /^\| (§[^|]+) \|([^|]+)\|([^|]+)\|([^|]+)\|$/.exec(line);
        if (cells) {
            rows.push({ standard, clause: cells[1]!, tests: references(cells[4]!.trim()) });
        }
    }

    return rows;
};


/** Whether a test file has a test of a title. What is put into a title when it runs stands for any text that the file has elsewhere. */
const has = function (file: string, title: string): boolean {

    const text = Fs.readFileSync(Path.join(root, 'test', file), 'utf8');
    const plain = text.replaceAll('\\', '');
    return titles(file, text).some((pattern) => pattern.exec(title)?.slice(1).every((part) => plain.includes(part.replaceAll('"', ''))));
};


const titles = function (file: string, text: string): RegExp[] {

    const source = Typescript.createSourceFile(file, text, Typescript.ScriptTarget.ES2023);
    const found: RegExp[] = [];
    const literal = (part: string) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

    const visit = function (node: Typescript.Node): void {

        if (Typescript.isCallExpression(node) && Typescript.isIdentifier(node.expression) && node.expression.text === 'it') {
            const [title] = node.arguments;
            if (Typescript.isStringLiteralLike(title!)) {
                found.push(new RegExp(`^${literal(title.text)}$`));
            }
            else if (Typescript.isTemplateExpression(title!)) {
                found.push(new RegExp(`^${literal(title.head.text)}${title.templateSpans.map((span) => `(.+?)${literal(span.literal.text)}`).join('')}$`));
            }
        }

        Typescript.forEachChild(node, visit);
    };

    visit(source);
    return found;
};


describe('The tables of clauses in docs/standards.md', () => {

    it('has rows for each standard that binds the scheme', () => {

        const count: Record<string, number> = {};
        for (const { standard } of clauses()) {
            count[standard] = (count[standard] ?? 0) + 1;
        }

        const standards = [
            'RFC 6750', 'RFC 6749', 'RFC 7009', 'RFC 7515', 'RFC 7519', 'RFC 7662', 'RFC 8414 and RFC 9728', 'RFC 8725', 'RFC 9110', 'RFC 9700', 'RFC 9470', 'RFC 6265bis',
            'OpenID Connect Back-Channel Logout 1.0', 'Global Token Revocation', 'RFC 8417 and RFC 8935'
        ];

        expect(Object.keys(count).map((standard) => standard.split(',')[0])).to.equal(standards);
        expect(Object.values(count).every((rows) => rows >= 4)).to.be.true();
    });

    it('names tests for each clause, which are there', () => {

        expect(clauses().flatMap(({ standard, clause, tests }) => missing(`${standard} ${clause}`, tests))).to.equal([]);
    });

    it('would not name one that is not there', () => {

        expect(has('documents/standards.ts', 'would not name one that is not there')).to.be.true();
        expect(has('documents/standards.ts', 'would not name one')).to.be.false();
        expect(has('stories/hostile-tokens.ts', 'is refused, asks nobody and revokes nothing: no algorithm')).to.be.true();
        expect(has('stories/hostile-tokens.ts', 'is refused, asks nobody and revokes nothing: no algorithms at all')).to.be.false();
    });
});


describe('SECURITY.md', () => {

    const security = Fs.readFileSync(Path.join(root, 'SECURITY.md'), 'utf8');
    const standards = Fs.readFileSync(path, 'utf8');

    const under = (text: string, heading: string) => text.split(`\n## ${heading}\n`)[1]!.split(/^## /m)[0]!;

    for (const { heading, evidence, least } of [
        { heading: 'The promise', evidence: 'Tests of the promise', least: 12 },
        { heading: 'Threat model', evidence: 'Tests of the threat model', least: 8 }
    ]) {
        it(`has tests for each line of "${heading}", which are there`, () => {

            const lines = Array.from(under(security, heading).matchAll(/^(?:- |\| )\*\*(.+?)\*\*/gm), ([, name]) => name!.replace(/\[(.+?)\]\(.+?\)/, '$1'));
            expect(lines.length).to.be.at.least(least);

            const rows = Array.from(under(standards, evidence).matchAll(/^\| ([^|]+) \| (\[.+) \|$/gm), ([, name, tests]) => ({ name: name!, tests: references(tests!) }));
            expect(rows.map(({ name }) => name)).to.equal(lines);
            expect(rows.flatMap(({ name, tests }) => missing(name, tests))).to.equal([]);
        });
    }

    it('fits two pages', () => {

        expect(security.length).to.be.below(14_000);
    });
});

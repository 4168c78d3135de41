import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Typescript from 'typescript';


export const lab = Lab.script();

const { describe, it } = lab;


const root = Path.join(__dirname, '..', '..');


/** The rows of SECURITY.md's tables of clauses, by the standard of their heading. */
const clauses = function (): { standard: string; clause: string; tests: { file: string; title: string }[] }[] {

    const [, section] = Fs.readFileSync(Path.join(root, 'SECURITY.md'), 'utf8').split(/^## Standards$/m);
    const rows = [];
    let standard = '';

    for (const line of section!.split(/^## /m)[0]!.split('\n')) {
        standard = /^### (.+)$/.exec(line)?.[1] ?? standard;
        const cells = /^\| (§[^|]+) \|([^|]+)\|([^|]+)\|([^|]+)\|$/.exec(line);
        if (cells) {
            const tests = Array.from(cells[4]!.matchAll(/\[([\w/-]+\.ts)\]\(test\/\1\) \*(.+?)\*/g), ([, file, title]) => ({ file: file!, title: title! }));
            rows.push({ standard, clause: cells[1]!, tests });
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


describe('The table of clauses in SECURITY.md', () => {

    it('has rows for each standard that binds the scheme', () => {

        const count: Record<string, number> = {};
        for (const { standard } of clauses()) {
            count[standard] = (count[standard] ?? 0) + 1;
        }

        const standards = ['RFC 6750', 'RFC 7009', 'RFC 7515', 'RFC 7519', 'RFC 8725', 'RFC 9110', 'RFC 9700', 'RFC 6265bis'];
        expect(Object.keys(count).map((standard) => standard.split(',')[0])).to.equal(standards);
        expect(Object.values(count).every((rows) => rows >= 4)).to.be.true();
    });

    it('names tests for each clause, which are there', () => {

        const missing = [];
        for (const { standard, clause, tests } of clauses()) {
            if (tests.length === 0) {
                missing.push(`${standard} ${clause}: no test`);
            }

            for (const { file, title } of tests) {
                if (!Fs.existsSync(Path.join(root, 'test', file)) || !has(file, title)) {
                    missing.push(`${standard} ${clause}: ${file} has no test "${title}"`);
                }
            }
        }

        expect(missing).to.equal([]);
    });

    it('would not name one that is not there', () => {

        expect(has('documents/standards.ts', 'would not name one that is not there')).to.be.true();
        expect(has('documents/standards.ts', 'would not name one')).to.be.false();
        expect(has('stories/hostile-tokens.ts', 'is refused, asks nobody and revokes nothing: no algorithm')).to.be.true();
        expect(has('stories/hostile-tokens.ts', 'is refused, asks nobody and revokes nothing: no algorithms at all')).to.be.false();
    });
});

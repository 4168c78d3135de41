import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { forbidden, unauthorized } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Typescript from 'typescript';

import { KeySetOutage, Outage } from '../../lib/errors/outage';
import { Refusal } from '../../lib/errors/refusal';
import { Challenges, mark } from '../../lib/request/challenge';
import { blocksOf, documents, read, root } from '../support/documents';

import type { Boom } from '@hapi/boom';

import type { ChallengeCode, ErrorCode } from '../../lib/errors/refusal';


export const lab = Lab.script();

const { describe, it } = lab;


describe('the documents', () => {

    it('have examples that the compiler accepts', { timeout: 60_000 }, () => {

        const examples = new Map(documents().flatMap((name) => blocksOf(name, 'ts')).map(({ file, text }) => [file, text]));
        expect(examples.size).to.be.above(10);

        const { config } = Typescript.readConfigFile(Path.join(root, 'test', 'tsconfig.json'), Typescript.sys.readFile);
        const { options } = Typescript.parseJsonConfigFileContent(config, Typescript.sys, Path.join(root, 'test'));

        const host = Typescript.createCompilerHost(options);
        const { fileExists, readFile } = host;
        host.fileExists = (file) => examples.has(file) || fileExists(file);
        host.readFile = (file) => examples.get(file) ?? readFile(file);

        const program = Typescript.createProgram([...examples.keys()], options, host);
        const diagnostics = [...examples.keys()].flatMap((file) => {

            const source = program.getSourceFile(file);
            return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
        });

        const errors = diagnostics.map(({ file, messageText }) => `${Path.relative(root, file!.fileName)}: ${Typescript.flattenDiagnosticMessageText(messageText, '\n')}`);
        expect(errors).to.equal([]);
    });

    it('have no example that no test runs', () => {

        const folder = Path.join(root, 'test');
        const tests = Fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.includes('node_modules')).map((name) => Fs.readFileSync(Path.join(folder, name), 'utf8')).join('');

        // Those of a migration are parts of apps, which have their own tests

        const names = documents().filter((name) => !name.startsWith('docs/migration'));
        const calls = names.flatMap((name) => blocksOf(name, 'ts').map(({ heading }) => `example('${name}', '${heading}'`));
        expect(calls.filter((call) => !tests.includes(call))).to.equal([]);
        expect(calls.length).to.be.above(10);
    });

    it('have links that lead somewhere', () => {

        const prose = (name: string) => read(name).replace(/^```[^]*?^```$/gm, '');

        const anchors = function (path: string): string[] {

            const headings = prose(path).match(/^#+ .*$/gm) ?? [];
            return headings.map((heading) => heading.replace(/^#+ /, '#').toLowerCase().replace(/ /g, '-').replace(/[^#\w-]/g, ''));
        };

        const links = documents().flatMap((name) => {

            const matches = prose(name).matchAll(/\]\((?!https:)([^)#]*)(#[^)]*)?\)/g);
            return Array.from(matches, ([, path, anchor]) => ({ name, path: path ? Path.join(Path.dirname(name), path) : name, anchor }));
        });

        const broken = links.filter(({ path, anchor }) => !Fs.existsSync(Path.join(root, path)) || anchor !== undefined && !anchors(path).includes(anchor));
        expect(broken).to.equal([]);
        expect(links.length).to.be.above(60);
    });

    it('reach every guide from their list, and the list from the README', () => {

        const guides = documents().filter((name) => name.startsWith('docs/') && name !== 'docs/README.md');
        expect(guides.filter((name) => !read('docs/README.md').includes(`](${name.slice('docs/'.length)})`))).to.equal([]);
        expect(read('README.md')).to.include('](docs/README.md)');
    });

    it('list every code with its status, its error and its message', () => {

        // The compiler sees to it that none is missing

        const codes = Object.keys({
            access_token_malformed: true,
            access_token_repeated: true,
            refresh_token_malformed: true,
            refresh_token_repeated: true,
            access_token_missing: true,
            access_token_invalid: true,
            access_token_expired: true,
            access_token_revoked: true,
            refresh_token_missing: true,
            refresh_token_invalid: true,
            refresh_token_expired: true,
            refresh_token_revoked: true,
            refresh_token_reused: true,
            tokens_mismatched: true,
            credentials_refused: true,
            insufficient_user_authentication: true,
            cross_origin_refused: true,
            too_many_sessions: true,
            actor_refused: true
        } satisfies Record<ChallengeCode, true>) as ChallengeCode[];

        const challenges = new Challenges({ realm: 'api' });
        const scope = forbidden('Insufficient scope');
        challenges.decorate(scope);

        const refusals = [
            mark(unauthorized('Missing authentication', ['Bearer realm="api"']), 'credentials_missing'),
            ...codes.map((code) => challenges.responseTo(new Refusal(code))),
            scope,
            challenges.responseTo(new Outage()),
            challenges.responseTo(new KeySetOutage())
        ] as Boom<{ code: ErrorCode }>[];

        const rows = refusals.map(({ message, output: { statusCode, headers }, data }) => {

            const error = /error="(\w+)"/.exec(String(headers['WWW-Authenticate']))?.[1];
            return `| \`${data!.code}\` | ${statusCode} | ${error ? `\`${error}\`` : '–'} | ${message} |`;
        });

        expect(read('API.md').match(/^\| `\w+` \| \d+ \|[^|]+\|[^|]+\|/gm)).to.equal(rows);

        // The guide to the same codes

        const guided = Array.from(read('docs/troubleshooting.md').matchAll(/^\| `(\w+)` \| (\d+)/gm), ([, code, status]) => [code, Number(status)]);
        expect(guided).to.equal(refusals.map(({ data, output }) => [data!.code, output.statusCode]));
    });
});

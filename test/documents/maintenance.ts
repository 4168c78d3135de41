import * as Fs from 'node:fs';
import { createRequire } from 'node:module';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Typescript from 'typescript';
import { parseDocument } from 'yaml';

import { plugin } from '../../lib';
import { documents } from '../support/documents';


export const lab = Lab.script();

const { describe, it } = lab;


const load = createRequire(__filename);

const root = Path.join(__dirname, '..', '..');

const read = (name: string) => Fs.readFileSync(Path.join(root, name), 'utf8');

const json = (name: string): any => JSON.parse(read(name));

const yaml = function (name: string): any {

    const document = parseDocument(read(name), { strict: true, uniqueKeys: true });
    expect([...document.errors, ...document.warnings]).to.equal([]);
    return document.toJS();
};


describe('CONTRIBUTING.md', () => {

    const text = read('CONTRIBUTING.md');
    const layout = text.split(/^## /m).find((section) => section.startsWith('Layout\n'))!;

    it('has a line for each room of lib, and for no other', () => {

        const entries = Fs.readdirSync(Path.join(root, 'lib'), { withFileTypes: true });
        const rooms = entries.map((entry) => `lib/${entry.name}${entry.isDirectory() ? '/' : ''}`);
        const rows = layout.split('\n').filter((line) => line.startsWith('| `'));
        const named = rows.flatMap((row) => row.split('|')[1]!.match(/lib\/[\w./]+/g)!);
        expect(named.toSorted()).to.equal(rooms.toSorted());

        // In the order that the lint rule keeps: there the highest room needs no rule

        const { forbidden }: { forbidden: { name: string }[] } = load('../support/rooms');
        const ruled = forbidden.flatMap(({ name }) => /^(\w+)-knows-only-what-is-below$/.exec(name)?.slice(1) ?? []);
        expect(named.filter((room) => room.endsWith('/')).slice(1)).to.equal(ruled.map((room) => `lib/${room}/`));
    });

    it('has a test for each file of lib that has code, in the room of the same name, and for no other', () => {

        const list = function (folder: string): string[] {

            const files = Fs.readdirSync(Path.join(root, folder), { recursive: true, encoding: 'utf8' });
            return files.map((file) => file.replaceAll(Path.sep, '/')).filter((file) => file.endsWith('.ts'));
        };

        const compilerOptions = { module: Typescript.ModuleKind.ESNext, target: Typescript.ScriptTarget.ESNext, removeComments: true };
        const hasCode = function (file: string): boolean {

            const { outputText } = Typescript.transpileModule(read(`lib/${file}`), { compilerOptions });
            return outputText.replace('export {};', '').trim() !== '';
        };

        const files = list('lib');
        const rooms = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]!));
        const tests = list('test').filter((file) => !file.includes('/') || rooms.has(file.split('/')[0]!) && !file.startsWith('types/'));

        const wanted = files.filter(hasCode);
        expect(wanted.filter((file) => !tests.includes(file)), 'files without a test').to.equal([]);
        expect(tests.filter((file) => !wanted.includes(file)), 'tests without a file').to.equal([]);
    });

    it('names folders and files that are there', () => {

        const paths = text.match(/(?<=[`(])(?:\.\w+|\w+)\/[\w/.-]*(?=[`)])/g)!;
        expect(paths.length).to.be.above(25);

        // What is compiled is not there before it is

        expect(paths.filter((path) => path !== 'dist/' && !Fs.existsSync(Path.join(root, path)))).to.equal([]);
    });

    it('names commands that are there, and each that one may want', () => {

        const { scripts } = json('package.json');
        const named = new Set(text.match(/(?<=npm run )[\w:]+/g)!);
        expect([...named].filter((name) => !(name in scripts))).to.equal([]);

        const rest = Object.keys(scripts).filter((name) => !named.has(name));
        expect(rest.toSorted()).to.equal(['build', 'build:client', 'build:example', 'postpack', 'predemo', 'prepack', 'prepublishOnly', 'prestart', 'start', 'test', 'test:others', 'tsc']);
    });

    it('has the commands of npm test', () => {

        const { scripts } = json('package.json');
        const parts: string[] = scripts['test:others'].match(/(?<=npm run )[\w:]+/g);
        const table = text.split('`npm test` is')[1]!.split('\nand these')[0]!;
        expect(table.match(/(?<=npm run )[\w:]+/g)).to.equal(['test:unit', ...parts]);
        expect(scripts.test).to.match(/ npm:test:others npm:test:unit$/);
    });
});


describe('the workflow', () => {

    const workflow = yaml('.github/workflows/ci.yml');
    const steps: any[] = Object.values<any>(workflow.jobs).flatMap((job) => job.steps);

    it('runs commands that are there, and may change nothing', () => {

        const { scripts } = json('package.json');
        const commands = steps.flatMap(({ run = '' }) => [...run.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name));
        expect(commands).to.include(['consistency', 'fuzz', 'flood', 'test:compilers', 'test:runtimes']);
        expect(commands.filter((name) => !(name in scripts))).to.equal([]);
        expect(steps.filter(({ run }) => run === 'npm test')).to.have.length(1);
        expect(steps.filter(({ run = '' }) => /^\.ci\/\w+$/.test(run)).every(({ run }) => Fs.existsSync(Path.join(root, run)))).to.be.true();
        expect(workflow.permissions).to.equal({ contents: 'read' });
    });

    it('bounds each job, and says what a step runs or uses', () => {

        for (const job of Object.values<any>(workflow.jobs)) {
            expect(job['timeout-minutes'] as number).to.be.between(1, 61);
            expect(job['runs-on']).to.be.a.string();
            expect(job.steps[0].uses).to.match(/^actions\/checkout@v\d+$/);
        }

        expect(steps.filter(({ run, uses }) => (run === undefined) === (uses === undefined))).to.equal([]);
    });

    it('tries each line of Node.js from its oldest release that the package admits', () => {

        const { engines } = json('package.json');
        const { node } = workflow.jobs.test.strategy.matrix;
        const oldest: string[] = engines.node.match(/\d+\.\d+\.\d+/g);
        expect(node).to.equal([oldest[0], '20', oldest[1], '22', oldest[2], '24', '26']);
        expect(engines.node).to.equal(`^${oldest[0]} || ^${oldest[1]} || >=${oldest[2]}`);
    });

    it('is tried in part without it: under each line of Node.js but the oldest, and under other runtimes', () => {

        const { dependencies } = json('test/runtimes/package.json');
        const lines = workflow.jobs.test.strategy.matrix.node.filter((version: string) => /^\d+$/.test(version) && version !== '20');
        expect(Object.keys(dependencies)).to.equal(['bun', 'deno', ...lines.map((version: string) => `node-${version}`)]);
        expect(read('.ci/run')).to.include('\nnpm run test:runtimes ');
    });

    it('tries the oldest hapi that the package admits', () => {

        const { peerDependencies } = json('package.json');
        const oldest = peerDependencies['@hapi/hapi'].replace('^', '');
        expect(workflow.jobs.hapi.steps.map(({ run }: { run?: string }) => run)).to.include(`npm install --no-save @hapi/hapi@${oldest}`);
        expect(plugin.requirements!.hapi).to.equal(`>=${oldest}`);
        expect(read('README.md')).to.include(`hapi ${oldest} and later`);
    });

    it('tries each store that README.md names', () => {

        const { store, include } = workflow.jobs.test.strategy.matrix;
        const stores: string[] = [...store, ...include.map((entry: { store: string }) => entry.store)];
        for (const name of ['redis:6.2', 'redis:7.2', 'redis:7.4', 'redis:8', 'valkey/valkey:7.2', 'valkey/valkey:8', 'valkey/valkey:9']) {
            expect(stores.filter((image) => image.replace(/-.*$/, '') === name), name).to.have.length(1);
        }
    });

    it('has the oldest compiler that API.md names', () => {

        const { dependencies, devDependencies } = json('test/types/package.json');
        const versions = Object.keys({ ...dependencies, ...devDependencies }).map((name) => /^typescript-(\d+\.\d+)$/.exec(name)![1]!).sort();
        expect(versions).to.equal(['5.7', '5.8', '5.9', '6.0', '7.0']);
        expect(read('API.md')).to.include(`TypeScript ${versions[0]} or later`);
        for (const [name, range] of Object.entries<string>({ ...dependencies, ...devDependencies })) {
            expect(range).to.match(new RegExp(`^npm:typescript@~${name.replace('typescript-', '')}\\.\\d+$`));
        }
    });
});


describe('a release', () => {

    const workflow = yaml('.github/workflows/release.yml');

    it('is published by one job, which proves who it is and has no token', () => {

        expect(workflow.on).to.equal({ push: { tags: ['v*'] } });
        expect(workflow.permissions).to.equal({ contents: 'read' });
        expect(Object.keys(workflow.jobs)).to.equal(['publish']);

        const { permissions, steps } = workflow.jobs.publish;
        expect(permissions).to.equal({ 'contents': 'read', 'id-token': 'write' });
        expect(read('.github/workflows/release.yml')).to.not.match(/secrets\.|NODE_AUTH_TOKEN|NPM_TOKEN/);

        // npm knows provenance and trusted publishers from 11.5 on, which Node 24 brings along

        expect(Number(steps.find(({ uses = '' }) => uses.startsWith('actions/setup-node@')).with['node-version'])).to.be.at.least(24);
        expect(steps.at(-1).run).to.equal('npm publish');
        expect(json('package.json').publishConfig).to.equal({ access: 'public', provenance: true });
    });

    it('uses the same actions as the tests', () => {

        const uses = (name: string) => new Set(read(`.github/workflows/${name}`).match(/(?<=uses: ).+$/gm));
        expect([...uses('release.yml')].filter((action) => !uses('ci.yml').has(action))).to.equal([]);
    });

    it('needs an owner in package.json, and nowhere else', () => {

        const { repository, bugs, homepage, funding } = json('package.json');
        const base = repository.url.replace(/^git\+|\.git$/g, '');
        expect(base).to.match(/^https:\/\/[\w.-]+\/[\w.-]+\/hapi-auth-hard-logout$/);
        expect([bugs, homepage]).to.equal([`${base}/issues`, `${base}#readme`]);
        expect([`${base}?sponsor=1`, undefined]).to.include(funding);

        const [, owner] = new URL(base).pathname.split('/');
        const names = [...documents(), '.github/workflows/ci.yml', '.github/workflows/release.yml', '.github/ISSUE_TEMPLATE/bug.yml', '.github/ISSUE_TEMPLATE/config.yml'];
        expect(names.filter((name) => read(name).includes(`/${owner}/`))).to.equal([]);
    });
});


describe('the form for bugs', () => {

    const form = yaml('.github/ISSUE_TEMPLATE/bug.yml');
    const fields: any[] = form.body;
    const field = (id: string) => fields.find((each) => each.id === id);

    it('is one that the host understands', () => {

        expect(Object.keys(form)).to.equal(['name', 'description', 'labels', 'body']);
        for (const { type, id, attributes, validations, ...rest } of fields) {
            expect(rest).to.equal({});
            expect(['markdown', 'textarea', 'checkboxes']).to.include(type);
            expect(id === undefined).to.equal(type === 'markdown');
            expect(attributes[type === 'markdown' ? 'value' : 'label']).to.be.a.string();
            expect(validations ?? { required: true }).to.equal({ required: true });
        }

        expect(new Set(fields.map(({ id }) => id)).size).to.equal(fields.length);
    });

    it('asks for versions, options and log lines, and for no secret', () => {

        expect(field('versions').validations).to.equal({ required: true });
        expect(field('options').attributes.description).to.include('Without keys');
        expect(field('log').attributes.description).to.include('`hard-logout`');

        const [{ attributes: { value } }] = fields;
        expect(value).to.include(['Paste no token, no key, no cookie and no password', 'Report it privately', 'SECURITY.md']);
        expect(field('checked').attributes.options.every(({ required }: { required: boolean }) => required)).to.be.true();
    });
});


describe('SECURITY.md', () => {

    it('says against whom, what is promised, for which versions, and whom to tell', () => {

        const headings = read('SECURITY.md').match(/(?<=^## ).+$/gm);
        expect(headings).to.equal(['The promise', 'Limits', 'Assumptions', 'Threat model', 'Evidence', 'Standards', 'Versions', 'Reporting']);
    });
});


describe('The list of guards of the simulator', () => {

    it('has one place in lib for each', () => {

        const guards: { name: string; file: string; find: string }[] = load('../../bench/simulate/guards');
        const misplaced = guards.filter(({ file, find }) => read(file).split(find).length !== 2);
        expect(misplaced.map(({ name }) => name)).to.equal([]);
    });
});

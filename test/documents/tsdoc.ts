import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Typescript from 'typescript';

import * as Client from '../../lib/client/client';
import { root } from '../support/documents';
import { run } from '../support/run';
import { bearer, prepare, secret } from '../support/server';

import type * as Hapi from '@hapi/hapi';


export const lab = Lab.script();

const { after, before, describe, it } = lab;


interface Documented {
    name: string;
    text: string;
    examples: string[];
}


/** The options that tests are compiled with. Here an example may leave a variable unused. */
const compilerOptions = function (): Typescript.CompilerOptions {

    const { config } = Typescript.readConfigFile(Path.join(root, 'test', 'tsconfig.json'), Typescript.sys.readFile);
    const { options } = Typescript.parseJsonConfigFileContent(config, Typescript.sys, Path.join(root, 'test'));
    const paths = { 'hapi-auth-hard-logout': [Path.join(root, 'lib/index.ts')], 'hapi-auth-hard-logout/client': [Path.join(root, 'lib/client/client.ts')] };
    return { ...options, noUnusedLocals: false, noUnusedParameters: false, paths };
};


/** What a file exports, with what its comment says. Methods that an app calls are shown by editors, too. */
const documented = function (program: Typescript.Program, file: string, typesWithMethods: string[]): Documented[] {

    const checker = program.getTypeChecker();
    const module = checker.getSymbolAtLocation(program.getSourceFile(Path.join(root, file))!)!;

    const documentation = function (symbol: Typescript.Symbol, owner = ''): Documented {

        const tags = symbol.getJsDocTags(checker).filter(({ name }) => name === 'example');
        return { name: `${owner}${symbol.name}`, text: Typescript.displayPartsToString(symbol.getDocumentationComment(checker)), examples: tags.map(({ text }) => Typescript.displayPartsToString(text)) };
    };

    return checker.getExportsOfModule(module).flatMap((exported) => {

        const symbol = exported.flags & Typescript.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
        const methods = typesWithMethods.includes(symbol.name) ? [...symbol.members!.values()].filter(({ flags }) => flags & Typescript.SymbolFlags.Method) : [];
        return [documentation(symbol), ...methods.map((method) => documentation(method, `${symbol.name}.`))];
    });
};


// An example stands in a function, with what an app has at hand. Its own imports stand before that

const moduleOf = function (code: string, { imports, parameters }: { imports: string; parameters: string }): string {

    const lines = code.split('\n');
    const own = lines.filter((line) => line.startsWith('import '));
    const rest = lines.filter((line) => !line.startsWith('import '));
    return `${imports}${own.join('\n')}\nexport const example = async function (${parameters}) { {\n${rest.join('\n')}\n} };\n`;
};


describe('each export has an example that editors show', { timeout: 60_000 }, () => {

    const files = ['lib/index.ts', 'lib/client/client.ts'];
    const options = compilerOptions();
    let server: Documented[];
    let client: Documented[];
    let modules: Map<string, string>;
    let program: Typescript.Program;

    before(() => {

        program = Typescript.createProgram(files.map((file) => Path.join(root, file)), options);
        server = documented(program, files[0]!, ['StrategyApi']);
        client = documented(program, files[1]!, []);

        const types = server.map(({ name }) => name).filter((name) => !name.includes('.') && !['plugin', 'hardLogout'].includes(name));
        const surroundings = {
            server: {
                imports: `import * as Hapi from '@hapi/hapi';\nimport { hardLogout, plugin } from 'hapi-auth-hard-logout';\nimport type { ${types.join(', ')} } from 'hapi-auth-hard-logout';\n`,
                parameters: 'server: Hapi.Server, request: Hapi.Request<Refs>, accessToken: string'
            },
            client: {
                imports: 'import { Session, SessionEnded, SessionUnavailable } from \'hapi-auth-hard-logout/client\';\nimport type { ClientOptions, ClientTokens } from \'hapi-auth-hard-logout/client\';\n',
                parameters: 'session: Session'
            }
        };

        const entries = (list: Documented[], kind: 'server' | 'client') => {

            return list.flatMap(({ name, examples }) => examples.map((code, i) => [Path.join(root, 'test', `example-${kind}-${name}-${i}.ts`), moduleOf(code, surroundings[kind])] as const));
        };

        modules = new Map([...entries(server, 'server'), ...entries(client, 'client')]);
    });

    it('and a comment', () => {

        const all = [...server, ...client];
        expect(all.length).to.be.above(60);
        expect(all.filter(({ text }) => text === '').map(({ name }) => name), 'without a comment').to.equal([]);
        expect(all.filter(({ examples }) => examples.length === 0).map(({ name }) => name), 'without an example').to.equal([]);
    });

    it('which the compiler accepts', () => {

        const host = Typescript.createCompilerHost(options);
        const { fileExists, readFile } = host;
        host.fileExists = (file) => modules.has(file) || fileExists(file);
        host.readFile = (file) => modules.get(file) ?? readFile(file);

        const compiled = Typescript.createProgram([...modules.keys()], options, host, program);
        const diagnostics = [...modules.keys()].flatMap((file) => {

            const source = compiled.getSourceFile(file);
            return [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)];
        });

        expect(diagnostics.map(({ file, messageText }) => `${Path.basename(file!.fileName)}: ${Typescript.flattenDiagnosticMessageText(messageText, '\n')}`)).to.equal([]);
    });

    describe('and which runs', () => {

        const { env } = process;
        const { fetch, Request } = globalThis;
        const { log, error } = console;

        before(() => {

            process.env = { ...env, JWT_KEY: `${secret}, and not that of the server` };
            delete process.env.REDIS_URL;
            console.log = console.error = () => undefined;

            // A page whose server has tokens for each request

            globalThis.fetch = async () => Response.json({ access_token: 'a', expires_in: 900, refresh_token: 'b' });
            globalThis.Request = class extends Request {

                constructor(input: string | URL | globalThis.Request, init?: RequestInit) {

                    super(typeof input === 'string' ? new URL(input, 'https://shop.example') : input, init);
                }
            };
        });

        after(() => {

            process.env = env;
            Object.assign(console, { log, error });
            Object.assign(globalThis, { fetch, Request });
        });

        it('on a server with a strategy', async () => {

            for (const [file, text] of modules) {
                if (file.includes('example-server-')) {
                    await onServer(file, (...args) => run(text, file, { 'node:diagnostics_channel': { subscribe: () => undefined } }).example(...args));
                }
            }
        });

        it('in a page', async () => {

            for (const [file, text] of modules) {
                if (file.includes('example-client-')) {
                    const session = new Client.Session({ renew: () => fetch('/token'), tokens: { access_token: 'a', expires_in: 900 } });
                    await run(text, file, { 'hapi-auth-hard-logout/client': Client }).example(session);
                    session.close();
                }
            }
        });
    });
});


/** Runs an example in a request with both tokens. The server has to start with what the example has added. */
const onServer = async function (file: string, example: (server: Hapi.Server, request: Hapi.Request, accessToken: string) => Promise<void>): Promise<void> {

    const { server, login } = await prepare({ refreshToken: { header: 'x-refresh-token' } });
    server.auth.scheme('services', () => ({ authenticate: (request, h) => h.authenticated({ credentials: {} }) }));
    server.auth.strategy('services', 'services');

    const pair = await login();
    let failure: unknown;
    server.route({
        method: 'POST',
        path: '/example',
        options: { plugins: { 'hard-logout': { tokens: 'both' } } },
        handler: async (request) => {

            await example(server, request, pair.jwt).catch((error: unknown) => {

                failure = error;
            });
            return null;
        }
    });

    await server.inject({ method: 'POST', url: '/example', headers: { ...bearer(pair.jwt), 'x-refresh-token': pair.refreshToken } });
    expect(failure, Path.basename(file)).to.be.undefined();

    await server.initialize();
    await server.stop();
};

import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Typescript from 'typescript';

import { handlerSettings } from '../../lib/options/handlers';
import { pluginSettings, routeSettings, strategySettings } from '../../lib/options/schema';
import { read, root } from '../support/documents';


export const lab = Lab.script();

const { describe, it } = lab;


interface Item {
    depth: number;
    names: string[];
    text: string;
}


/** The items of the lists under a heading of API.md, each with its whole text. */
const items = function (heading: string): Item[] {

    const section = read('API.md').split(`\n## ${heading}\n`)[1]!.split(/^## /m)[0]!;
    const found: Item[] = [];
    for (const line of section.split('\n')) {
        const bullet = /^( *)- (.*)$/.exec(line);
        if (bullet) {
            const names = bullet[2]!.split(/ - |:$/)[0]!.replaceAll(/\([^)]*\)/g, '');
            found.push({ depth: bullet[1]!.length / 4, names: Array.from(names.matchAll(/`'?([\w-]+)'?`/g), ([, name]) => name!), text: bullet[2]! });
        }
        else if (/^ +\S/.test(line) && found.length > 0) {
            found.at(-1)!.text += ` ${line.trim()}`;
        }
        else if (line !== '' && found.length > 0) {
            found.push({ depth: -1, names: [], text: line });
        }
    }

    return found;
};


/** The items that are nested in one. */
const nested = function (all: Item[], name: string): Item[] {

    const start = all.findIndex((item) => item.names.includes(name));
    const { depth } = all[start]!;
    const rest = all.slice(start + 1);
    const end = rest.findIndex((item) => item.depth <= depth);
    return end === -1 ? rest : rest.slice(0, end);
};


/** The items of the first level, of all or of those below some. */
const below = function (all: Item[], ...path: string[]): Item[] {

    const [name, ...rest] = path;
    return name === undefined ? all.filter(({ depth, names }) => depth === Math.max(0, all[0]!.depth) && names.length > 0) : below(nested(all, name), ...rest);
};


/** The list behind a line of text. */
const behind = function (all: Item[], line: string): Item[] {

    const rest = all.slice(all.findIndex(({ depth, text }) => depth === -1 && text.startsWith(line)) + 1);
    const end = rest.findIndex(({ depth }) => depth === -1);
    return below(end === -1 ? rest : rest.slice(0, end));
};


const sources = Fs.readdirSync(Path.join(root, 'lib', 'types')).map((name) => Typescript.createSourceFile(name, read(`lib/types/${name}`), Typescript.ScriptTarget.ES2023, true));


/** The members of a public type by their names: whether they are required, and what their comment says is the default. */
const members = function (name: string, property?: string): Map<string, { isRequired: boolean; text: string }> {

    const interfaces = sources.flatMap(({ statements }) => statements).filter(Typescript.isInterfaceDeclaration);
    let found: readonly Typescript.TypeElement[] = interfaces.find((each) => each.name.text === name)!.members;
    if (property !== undefined) {
        const { type } = found.filter(Typescript.isPropertySignature).find((each) => each.name.getText() === property)!;
        const literal = Typescript.isUnionTypeNode(type!) ? type.types.find(Typescript.isTypeLiteralNode)! : type as Typescript.TypeLiteralNode;
        found = literal.members;
    }

    return new Map(found.filter(Typescript.isPropertySignature).map((member) => {

        const text = Typescript.getJSDocCommentsAndTags(member).map((node) => node.getText()).join(' ').replaceAll(/\s*\n\s*\* ?/g, ' ');
        return [member.name.getText().replaceAll('\'', ''), { isRequired: member.questionToken === undefined, text }];
    }));
};


/** The literal after "Defaults to", if there is one. */
const defaultOf = function (text: string): unknown {

    const literal = /Defaults to\s+`('[^`]*'|\d+|true|false|\[[^`]*\])`/.exec(text)?.[1];
    return literal === undefined ? undefined : JSON.parse(literal.replaceAll('\'', '"'));
};


describe('API.md', () => {

    const [plugin, strategy, cookies, routes, receivers, endpoints] =
        ['Plugin options', 'Strategy options', 'Cookies', 'Route settings', 'Receivers', 'Endpoints'].map(items) as [Item[], Item[], Item[], Item[], Item[], Item[]];

    const jwt = { key: 'a shared secret of 32 bytes or more', algorithms: ['HS256'] };
    const own: Record<string, any> = strategySettings({ jwt, refreshToken: { cookie: 'refresh' } });
    const { lookup } = strategySettings({ jwt, refreshToken: { query: 'a' }, lookup: { find: () => null, remove: () => null } });
    const { redis, ...pluginDefaults } = pluginSettings({}) as Record<string, any>;
    expect(redis).to.be.undefined();

    const security: Record<string, any> = handlerSettings({ receive: 'security-events', strategy: 'a', audience: 'a' }, 'a');
    const channel: Record<string, any> = handlerSettings({ receive: 'back-channel', strategy: 'a', client: 'a' }, 'a');

    const lists: { what: string; shown: Item[]; type: [string, string?]; without?: string[]; settings?: Record<string, any> }[] = [
        { what: 'the plugin', shown: below(plugin), type: ['PluginOptions'], settings: pluginDefaults },
        { what: 'the plugin: cache', shown: below(plugin, 'cache'), type: ['PluginOptions', 'cache'], settings: pluginDefaults.cache },
        { what: 'the plugin: events', shown: below(plugin, 'events'), type: ['PluginOptions', 'events'], settings: pluginDefaults.events },
        { what: 'a strategy', shown: below(strategy), type: ['StrategyOptions'], settings: own },
        { what: 'a strategy: jwt', shown: below(strategy, 'jwt'), type: ['JwtOptions'], settings: own.jwt },
        { what: 'a strategy: jwt.cache', shown: below(strategy, 'jwt', 'cache'), type: ['JwtOptions', 'cache'], settings: own.jwt.cache },
        { what: 'a strategy: sessions', shown: below(strategy, 'sessions'), type: ['SessionOptions'], settings: own.sessions },
        { what: 'a strategy: lookup', shown: below(strategy, 'lookup'), type: ['LookupOptions'], settings: lookup },
        { what: 'a cookie', shown: below(cookies.slice(0, cookies.findIndex(({ depth }) => depth === -1))), type: ['CookieOptions'], settings: own.refreshToken.cookie },
        { what: 'a route', shown: below(routes), type: ['RouteOptions'], settings: routeSettings({}, 'a') },
        { what: 'what find returns', shown: below(items('Lookup')), type: ['FoundRefreshToken'] },
        { what: 'receivers', shown: behind(receivers, 'Options of all'), type: ['SenderOptions'], settings: channel },
        { what: 'a receiver of back-channel logouts', shown: behind(receivers, 'Of `\'back-channel\'`'), type: ['BackChannelOptions'], without: ['receive'], settings: channel },
        { what: 'a receiver of global token revocations', shown: behind(receivers, 'Of `\'global-token-revocation\'`'), type: ['GlobalTokenRevocationOptions'], without: ['receive'] },
        { what: 'a receiver of security events', shown: behind(receivers, 'Of `\'security-events\'`'), type: ['SecurityEventsOptions'], without: ['receive'], settings: security },
        { what: 'the metadata endpoint', shown: below(endpoints).filter(({ names }) => ['endpoint', 'strategy', 'url'].includes(names[0]!)), type: ['EndpointOptions'] },
        { what: 'artifacts', shown: behind(items('Credentials and artifacts'), '`request.auth.artifacts`'), type: ['Artifacts'] },
        { what: 'status()', shown: below(items('Outages')), type: ['Status'] }
    ];

    for (const { what, shown, type, without = [], settings = {} } of lists) {
        it(`has each member of the options and results: ${what}`, () => {

            const typed = members(...type);
            expect(shown.flatMap(({ names }) => names).toSorted()).to.equal([...typed.keys()].filter((name) => !without.includes(name)).sort());

            for (const { names, text } of shown) {
                const name = names[0]!;
                const { isRequired, text: comment } = typed.get(name)!;
                const path = `${what}: ${name}`;

                // Types of options say what is required

                if (!['Artifacts', 'Status'].includes(type[0])) {
                    expect(/^`\w+` \([^)]*\brequired\)/.test(text), `${path} is required`).to.equal(isRequired);
                }

                // That of a route depends on the route. The comment in an editor may say a default in words

                if (name === 'tokens') {
                    continue;
                }

                const value = settings[name];
                const isLiteral = !isRequired && (typeof value !== 'object' || Array.isArray(value) && name !== 'issuer');
                expect([isLiteral ? value : undefined, undefined], `default of ${path} in its comment`).to.include(defaultOf(comment));
                expect(defaultOf(text), `default of ${path}`).to.equal(isLiteral ? value : undefined);
            }
        });
    }

    it('is short: what is explained is in the guides', () => {

        expect(read('API.md').length).to.be.below(46_000);
    });

    it('has each place of refresh tokens', () => {

        expect(below(strategy, 'refreshToken').flatMap(({ names }) => names)).to.equal(['query', 'header', 'cookie']);
    });

    it('has each value of the settings of a route, and of an endpoint', () => {

        const values = (name: string) => Array.from(new RegExp(`export type ${name} = ([^;]+);`).exec(read('lib/types/routes.ts'))![1]!.matchAll(/'(\w+)'/g), ([, value]) => value!);
        expect(below(routes, 'tokens').flatMap(({ names }) => names)).to.equal(values('Tokens'));
        expect(below(routes, 'revoke').flatMap(({ names }) => names).filter((name) => name !== 'true').toSorted()).to.equal(values('Extent').toSorted());
        expect(below(endpoints, 'endpoint').flatMap(({ names }) => names)).to.equal(Array.from(/^ {4}endpoint: (.*);$/m.exec(read('lib/types/receivers.ts'))![1]!.matchAll(/'(\w+)'/g), ([, name]) => name!));
    });

    it('has each event, with its members', () => {

        const events = items('Events');
        const channels = below(events).flatMap(({ names }) => names);
        const audited = [...members('AuditedEvent').keys()];
        const details = ['request', 'by', 'actor', 'client'];
        expect(channels.toSorted()).to.equal([...members('Events').keys(), ...details].sort());

        const text = read('API.md').split('\n## Events\n')[1]!.split(/^## /m)[0]!;
        expect(audited.filter((name) => !text.includes(`\`${name}\``))).to.equal([]);
        expect(below(events, 'revoked').flatMap(({ names }) => names).toSorted()).to.equal([...members('Ending').keys(), 'loginsFrom'].sort());
    });

    it('has each method of a strategy', () => {

        const methods = Array.from(read('lib/types/api.ts').split('export interface StrategyApi {')[1]!.matchAll(/^ {4}(\w+)\(/gm), ([, name]) => name!);
        const calls = Array.from(read('API.md').matchAll(/^- `await (\w+)\(/gm), ([, name]) => name!);
        expect(calls).to.equal([...new Set(methods)]);
    });
});

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import { chromium } from 'playwright-core';
import * as Typescript from 'typescript';

import { hardLogout, plugin } from '../../lib';
import { blockUnder, read } from '../support/documents';
import { jwt } from '../support/server';

import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { RouteOptions, StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { after, afterEach, before, beforeEach, describe, it } = lab;


// The page of the guide to clients, with the module as a browser loads it

const page = `<!doctype html>
    <script type="importmap">{ "imports": { "hapi-auth-hard-logout/client": "/client.js" } }</script>
    <script type="module">
        import { createSession, logout } from '/session.js';

        window.ends = 0;
        window.session = createSession(() => ++window.ends);
        window.logout = () => logout(window.session);
        window.me = () => window.session.fetch('/me').then(({ status }) => status, ({ name }) => name);
    </script>`;


const compile = function (text: string): string {

    return Typescript.transpileModule(text, { compilerOptions: { module: Typescript.ModuleKind.ES2022, target: Typescript.ScriptTarget.ES2023 } }).outputText;
};


describe('in a browser, the client', () => {

    let browser: Browser;
    let server: Hapi.Server;
    let person: BrowserContext;
    let renewals: number;
    let running: number;
    let most: number;

    before(async () => {

        browser = await chromium.launch({ executablePath: process.env.CHROMIUM });
        server = Hapi.server({ host: 'localhost', debug: false });
        await server.register(plugin);
        server.auth.strategy('session', 'hard-logout', { jwt, refreshToken: { cookie: '__Host-refresh' } } satisfies StrategyOptions);

        const script = function (text: string): Hapi.Lifecycle.Method {

            return (request, h) => h.response(text).type('text/javascript');
        };

        const auth = 'session';
        const settings = (value: RouteOptions) => ({ auth, plugins: { 'hard-logout': value } });
        server.route([
            { method: 'GET', path: '/', handler: (request, h) => h.response(page).type('text/html') },
            { method: 'GET', path: '/client.js', handler: script(compile(read('lib/client/client.ts'))) },
            { method: 'GET', path: '/session.js', handler: script(blockUnder('docs/browser.md', 'A page with several tabs', 'js').text) },
            { method: 'POST', path: '/login', handler: (request) => hardLogout(server).issue(request, { sub: '42' }) },
            { method: 'GET', path: '/me', options: { auth }, handler: (request) => request.auth.credentials },
            { method: 'POST', path: '/logout', options: settings({ tokens: 'either', revoke: true }), handler: (request, h) => h.response().code(204) },
            {
                method: 'POST',
                path: '/token',
                options: settings({ tokens: 'refresh' }),
                handler: async (request) => {

                    ++renewals;
                    most = Math.max(most, ++running);
                    const tokens = await hardLogout(server).refresh(request);
                    await new Promise((resolve) => setImmediate(resolve));
                    --running;
                    return tokens;
                }
            }
        ]);

        await server.start();
    });

    beforeEach(async () => {

        renewals = running = most = 0;
        person = await browser.newContext();
    });

    afterEach(() => person.close());

    after(async () => {

        await browser.close();
        await server.stop();
    });

    const open = async function (): Promise<Page> {

        const tab = await person.newPage();
        await tab.goto(server.info.uri);
        await tab.waitForFunction('window.session');
        return tab;
    };

    const login = async function (): Promise<Page> {

        const tab = await open();
        await tab.evaluate('fetch("/login", { method: "POST" }).then(({ status }) => status)');
        return tab;
    };

    it('renews in one tab at a time, for twenty requests of five tabs', async () => {

        const tabs = [await login(), await open(), await open(), await open(), await open()];
        const statuses = await Promise.all(tabs.map((tab) => tab.evaluate('Promise.all([me(), me(), me(), me()])')));
        expect(statuses.flat()).to.equal(Array.from({ length: 20 }, () => 200));
        expect(most).to.equal(1);
        expect(renewals).to.be.between(0, 6);
    });

    it('uses the token that another tab has got', async () => {

        const [one, other] = [await login(), await open()];
        const heard = other.evaluate('new Promise((resolve) => new BroadcastChannel("session").addEventListener("message", resolve)).then(() => true)');
        await other.evaluate('1');
        expect(await one.evaluate('me()')).to.equal(200);
        await heard;
        expect(await other.evaluate('me()')).to.equal(200);
        expect(renewals).to.equal(1);
    });

    it('is logged out in all tabs', async () => {

        const [one, other] = [await login(), await open()];
        await one.evaluate('me()');
        await one.evaluate('logout()');
        await other.waitForFunction('window.ends === 1');
        expect(await other.evaluate('me()')).to.equal('SessionEnded');
    });

    it('keeps the session while the network is off', async () => {

        const tab = await login();
        await person.setOffline(true);
        expect(await tab.evaluate('me()')).to.equal('SessionUnavailable');
        await person.setOffline(false);
        expect(await tab.evaluate('me()')).to.equal(200);
    });

    it('survives a renewal whose response was lost', async () => {

        const tab = await login();
        let losses = 1;
        await tab.route('**/token', async (route) => {

            if (losses-- > 0) {
                await fetch(route.request().url(), { method: 'POST', headers: { ...await route.request().allHeaders(), 'sec-fetch-site': 'same-origin' } });
                await route.abort();
                return;
            }

            await route.continue();
        });

        expect(await tab.evaluate('me()')).to.equal(200);
        expect(renewals).to.equal(2);
        expect(await tab.evaluate('window.ends')).to.equal(0);
    });
});

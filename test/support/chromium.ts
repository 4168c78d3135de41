import * as Crypto from 'node:crypto';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import { chromium } from 'playwright-core';

import { load } from './run';

import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

import type { StrategyOptions } from '../../lib';

import type * as App from '../../example/app';


export interface Changes {

    /** Whether the browser keeps pages as they are for the back button (bfcache). People's browsers do: defaults to `true`. */
    keepsPages?: boolean;

    /** What becomes of the options of the strategy for browsers. */
    strategy?: (options: StrategyOptions) => StrategyOptions;

    /** What is done with the server before it starts. */
    server?: (server: Hapi.Server) => void;
}


/** A browser, the example that it looks at, and the people who use it. */
export class Stage {

    static readonly #browsers = new Map<boolean, Promise<Browser>>();

    readonly #browser: Browser;
    readonly #people: BrowserContext[] = [];
    readonly #others: Hapi.Server[] = [];
    readonly #complaints: string[] = [];

    private constructor(browser: Browser, readonly server: Hapi.Server) {

        this.#browser = browser;
    }

    static async open({ keepsPages = true, strategy = (options) => options, server: change }: Changes = {}): Promise<Stage> {

        const { createServer }: typeof App = load('example/app.ts', {
            'node:crypto': { ...Crypto, scrypt: cheap },
            '@hapi/hapi': { ...Hapi, server: (options: Hapi.ServerOptions) => changed(Hapi.server({ ...options, debug: false }), strategy) }
        });

        const server = await createServer({ host: 'localhost' });
        change?.(server);
        await server.start();

        const browser = Stage.#browsers.get(keepsPages) ?? launch(keepsPages);
        Stage.#browsers.set(keepsPages, browser);
        return new Stage(await browser, server);
    }

    /** Lets the browsers go that the stages have shared. */
    static async end(): Promise<void> {

        const browsers = [...Stage.#browsers.values()];
        Stage.#browsers.clear();
        await Promise.all(browsers.map(async (browser) => (await browser).close()));
    }

    /** Also sees to it that no page has run into its own policy, nor into an exception. */
    async close(): Promise<void> {

        await Promise.all(this.#people.map((person) => person.close()));
        await Promise.all([this.server, ...this.#others].map((server) => server.stop()));
        expect(this.#complaints).to.equal([]);
    }

    get uri(): string {

        return this.server.info.uri;
    }

    /** A person: cookies of their own. */
    async person(options?: BrowserContextOptions): Promise<BrowserContext> {

        const context = await this.#browser.newContext(options);
        this.#people.push(context);
        context.setDefaultTimeout(60_000);
        context.on('weberror', (error) => this.#complaints.push(String(error.error())));
        context.on('console', (message) => {

            const isOurs = message.page()?.url().startsWith(this.uri);
            if (isOurs && message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
                this.#complaints.push(message.text());
            }
        });

        return context;
    }

    /** A tab of theirs that is logged in. */
    async login(person: BrowserContext, name = 'ada', password = 'lovelace'): Promise<Page> {

        const page = await person.newPage();
        await page.goto(this.uri);
        await page.getByLabel('Name').fill(name);
        await page.getByLabel('Password').fill(password);
        await page.getByRole('button', { name: 'Log in', exact: true }).click();
        await loaded(page);
        return page;
    }

    /** Another tab of theirs. */
    async account(person: BrowserContext): Promise<Page> {

        const page = await person.newPage();
        await page.goto(`${this.uri}/account`);
        await loaded(page);
        return page;
    }

    /** A page of another site: for a browser, the same computer by another name. Answers where it is. */
    async otherSite(html: string): Promise<string> {

        const server = Hapi.server({ host: '127.0.0.1' });
        server.route({ method: 'GET', path: '/', handler: () => html });
        await server.start();
        this.#others.push(server);
        return server.info.uri;
    }
}


const launch = function (keepsPages: boolean): Promise<Browser> {

    return chromium.launch({
        executablePath: process.env.CHROMIUM,
        ignoreDefaultArgs: keepsPages ? ['--disable-back-forward-cache'] : []
    });
};


const loaded = async function (page: Page): Promise<void> {

    await page.locator('#devices li').first().waitFor();
};


/** The call that a tab makes next, as its page shows it: `204 POST /browser/logout`. */
export const callAfter = async function (page: Page, action: () => Promise<unknown>): Promise<string> {

    const calls = page.locator('#calls li');
    const before = await calls.count();
    await action();
    await calls.nth(before).waitFor();

    // The latest comes first, and more may come meanwhile

    const texts = await calls.locator('.status, code').allInnerTexts();
    return texts.slice(-2 * (before + 1)).slice(0, 2).join(' ');
};


export const hasCookie = async function (person: BrowserContext): Promise<boolean> {

    const cookies = await person.cookies();
    return cookies.some(({ name }) => name === '__Host-refresh');
};


// Without the price of a password check

const cheap = function (password: string, salt: Buffer, length: number, options: Crypto.ScryptOptions, done: (error: Error | null, hash: Buffer) => void): void {

    Crypto.scrypt(password, salt, length, { ...options, N: 2, p: 1 }, done);
};


const changed = function (server: Hapi.Server, change: (options: StrategyOptions) => StrategyOptions): Hapi.Server {

    const add = server.auth.strategy as (name: string, scheme: string, options: object) => void;
    server.auth.strategy = (name: string, scheme: string, options?: object) => {

        add.call(server.auth, name, scheme, name === 'browser' ? change(options as StrategyOptions) : options!);
    };

    return server;
};

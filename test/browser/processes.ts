import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Fs from 'node:fs';
import * as Os from 'node:os';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { chromium } from 'playwright-core';

import { root } from '../support/documents';

import type { Readable } from 'node:stream';
import type { Browser, BrowserContext, Page } from 'playwright-core';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


/** `npm start`, or what its package.json has in another script, on a free port. */
const run = function (name: string, env: NodeJS.ProcessEnv = {}): ChildProcess.ChildProcessByStdio<null, Readable, null> {

    const program = Path.join(root, 'example', 'dist', 'demo', `${name}.js`);
    return ChildProcess.spawn(process.execPath, [program], { env: { ...process.env, PORT: '0', REDIS_URL: '', ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
};


const folders = () => Fs.readdirSync(Os.tmpdir()).filter((name) => name.startsWith('futureflix-'));


describe('in a browser, what npm start runs', () => {

    let app: ReturnType<typeof run>;
    let uri: string;
    let browser: Browser;
    let person: BrowserContext | undefined;
    const others = folders();

    before(async () => {

        app = run('start');
        let said = '';
        for await (const chunk of app.stdout) {
            said += chunk;
            uri = /Open (http\S+) in a browser/.exec(said)?.[1] ?? '';
            if (uri) {
                break;
            }
        }

        expect(said).to.include('Two processes of the app share one Redis');
        browser = await chromium.launch({ executablePath: process.env.CHROMIUM });
    });

    afterEach(async () => {

        await person?.close();
    });

    after(async () => {

        await browser?.close();
        app.kill('SIGTERM');
        expect(await once(app, 'exit')).to.equal([0, null]);
        expect(folders()).to.equal(others);
    });

    const login = async function (page: Page): Promise<Page> {

        await page.getByRole('button', { name: 'Log in as ada' }).click();
        await page.locator('#devices li').first().waitFor();
        return page;
    };

    const open = async function (): Promise<Page> {

        person = await browser.newContext();
        const page = await person.newPage();
        await page.goto(uri);
        return login(page);
    };

    const opened = async function (click: Promise<void>): Promise<Page> {

        const [page] = await Promise.all([person!.waitForEvent('page'), click]);
        return page;
    };

    const over = (page: Page) => page.getByRole('heading', { name: 'You are logged out' }).waitFor();

    const notice = (page: Page, text: RegExp) => page.locator('#notice').getByText(text).waitFor();

    it('names both processes', async () => {

        const page = await open();
        const names = new Set<string>();
        while (names.size < 2) {
            await page.locator('#use').click();
            await page.locator('#use:not([aria-disabled])').waitFor();
            const [, name] = /^(Process [12]) accepted the access token/.exec(await page.locator('#notice').innerText())!;
            names.add(name!);
        }

        expect([...new Set(await page.locator('#calls .tag').allInnerTexts())].sort()).to.equal(['process 1', 'process 2']);
    });

    it('pushes a logout to a second tab, and refuses both tokens as revoked', async () => {

        const page = await open();
        const tab = await opened(page.getByRole('link', { name: 'Open a second tab' }).click());
        await tab.locator('#devices li').first().waitFor();

        await page.locator('#logout').click();
        await over(tab);
        await notice(tab, /^This session was ended in another tab or on another device. Process [12] notified this page at once/);
        await notice(page, /^You logged out. Process [12] revoked both tokens/);

        for (const each of [page, tab]) {
            await each.locator('#renew').click();
            await notice(each, /^Process [12] refused the refresh token: "The refresh token was revoked". Without the logout it would be valid for another 29 days/);
            await each.locator('#use').click();
            await notice(each, /^Process [12] refused the access token: "The access token was revoked"/);
        }
    });

    it('has a second device, and pushes to it that it was ended', async () => {

        const page = await open();
        const device = await login(await opened(page.getByRole('button', { name: 'Open a second device' }).click()));
        expect(new URL(device.url()).host).to.equal(`localhost:${new URL(uri).port}`);

        await page.evaluate('dispatchEvent(new Event("focus"))');
        await page.getByRole('button', { name: /^End the session of/ }).first().click();
        await over(device);
        await notice(device, /Process [12] notified this page at once/);
        await device.locator('#renew').click();
        await notice(device, /"The refresh token was revoked"/);
        expect(await page.getByRole('heading', { name: 'Hello, ada' }).isVisible()).to.be.true();
    });
});


describe('npm run demo', () => {

    const outputOf = async function (env: NodeJS.ProcessEnv): Promise<string> {

        const demo = run('demo', env);
        const exit = once(demo, 'exit');
        let said = '';
        for await (const chunk of demo.stdout) {
            said += chunk;
        }

        expect(await exit).to.equal([0, null]);
        return said;
    };

    it('runs two processes, and ends', async () => {

        const said = await outputOf({});
        expect(said).to.include('Two processes of the app share one Redis').and.to.include('Every response was as promised.');
        expect([...new Set(said.match(/process [12]: (?:200|204|401)/g))].sort()).to.include(['process 1: 401', 'process 2: 401']);
    });

    it('runs one where there is no Redis, and says so', async () => {

        const said = await outputOf({ PATH: Path.dirname(process.execPath).replace(/^\/usr\/bin$/, '/nowhere') });
        expect(said).to.include('there is no redis-server on the PATH').and.to.include('Every response was as promised.').and.not.to.include('process 2');
    });
});

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { hardLogout } from '../../lib';
import { callAfter, hasCookie, Stage } from '../support/chromium';

import type { Page } from 'playwright-core';


export const lab = Lab.script();

const { after, afterEach, describe, it } = lab;


interface Hold {
    path: string;
    reach: () => void;
    released: Promise<void>;
    release: () => void;
}


describe('in a browser with several tabs, the example', () => {

    let stage: Stage | undefined;
    let arrived: string[];
    let held: Hold | undefined;

    afterEach(async () => {

        held?.release();
        held = undefined;
        await stage?.close();
        stage = undefined;
    });

    after(() => Stage.end());

    const open = async function (): Promise<void> {

        arrived = [];
        stage = await Stage.open({
            server: (server) => {

                server.ext('onRequest', ({ method, path }, h) => {

                    arrived.push(`${method.toUpperCase()} ${path}`);
                    return h.continue;
                });

                server.ext('onPreResponse', async ({ path }, h) => {

                    if (held?.path === path) {
                        held.reach();
                        await held.released;
                    }

                    return h.continue;
                });
            }
        });
    };

    // From now on responses of a path wait. What they say has been done by then. Resolves when the first of them waits

    const hold = function (path: string): Promise<void> {

        arrived = [];
        return new Promise((reach) => {

            let release = () => undefined as void;
            const released = new Promise<void>((resolve) => (release = resolve));
            held = { path, reach, released, release };
        });
    };

    const count = (line: string): number => arrived.filter((each) => each === line).length;

    // Resolves when a tab of the same browser waits for its turn

    const queued = async function (page: Page): Promise<void> {

        await page.waitForFunction('navigator.locks.query().then(({ pending }) => pending.some(({ name }) => name === "session"))');
    };

    const fill = async function (page: Page, name: string, password: string): Promise<void> {

        await page.getByLabel('Name').fill(name);
        await page.getByLabel('Password').fill(password);
    };

    const use = (page: Page) => page.getByRole('button', { name: 'Use it' }).click();

    const renew = (page: Page) => page.getByRole('button', { name: 'Renew both' }).click();

    const over = (page: Page) => page.getByRole('heading', { name: 'You are logged out' }).waitFor();

    it('renews in one tab at a time', async () => {

        await open();
        const ada = await stage!.person();
        const [one, other] = [await stage!.login(ada), await stage!.account(ada)];

        const reached = hold('/browser/token');
        const first = callAfter(one, () => renew(one));
        await reached;
        await renew(other);
        await queued(other);
        expect(count('POST /browser/token')).to.equal(1);

        held!.release();
        expect(await first).to.equal('200 POST /browser/token');
        await other.getByText('sent two new tokens').waitFor();
        for (const page of [one, other]) {
            expect(await callAfter(page, () => use(page))).to.equal('200 GET /me');
        }
    });

    it('lets nobody log in before the response of a logout has come, which would clear the cookie of the login', async () => {

        await open();
        const ada = await stage!.person();
        const one = await stage!.login(ada);

        const reached = hold('/browser/logout');
        const loggedOut = callAfter(one, () => one.locator('#logout').click());
        await reached;

        const other = await ada.newPage();
        await other.goto(stage!.uri);
        await fill(other, 'grace', 'hopper');
        await other.getByRole('button', { name: 'Log in', exact: true }).click();
        await queued(other);
        expect(count('POST /browser/login')).to.equal(0);

        held!.release();
        expect(await loggedOut).to.equal('204 POST /browser/logout');
        await other.getByRole('heading', { name: 'Hello, grace' }).waitFor();
        expect(await hasCookie(ada)).to.be.true();
        expect(await callAfter(other, () => use(other))).to.equal('200 GET /me');
        await over(one);
    });

    it('ends a login that another one takes the place of, and shows its tab nothing of the other', async () => {

        await open();
        const shared = await stage!.person();
        const other = await shared.newPage();
        await other.goto(stage!.uri);

        const one = await stage!.login(shared, 'ada', 'lovelace');
        await fill(other, 'grace', 'hopper');
        await other.getByRole('button', { name: 'Log in', exact: true }).click();
        await other.getByRole('heading', { name: 'Hello, grace' }).waitFor();
        expect(await hardLogout(stage!.server, 'session').sessions('42')).to.equal([]);

        await over(one);
        expect(await one.locator('body').innerText()).to.not.match(/ada|grace/);
        expect(await callAfter(one, () => renew(one))).to.equal('200 POST /browser/token');
        expect(await callAfter(one, () => use(one))).to.equal('401 GET /me');
        expect(await one.locator('body').innerText()).to.not.match(/ada|grace/);
        expect(await callAfter(other, () => use(other))).to.equal('200 GET /me');
    });
});

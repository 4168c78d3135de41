import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { hardLogout } from '../../lib';
import { callAfter, hasCookie, Stage } from '../support/chromium';

import type { Page } from 'playwright-core';


export const lab = Lab.script();

const { after, afterEach, describe, it } = lab;


describe('in a browser, a logout', () => {

    let stage: Stage | undefined;

    afterEach(async () => {

        await stage?.close();
        stage = undefined;
    });

    after(() => Stage.end());

    const use = (page: Page) => page.getByRole('button', { name: 'Use it' }).click();

    const logout = (page: Page) => page.locator('#logout').click();

    const over = (page: Page) => page.getByRole('heading', { name: 'You are logged out' }).waitFor();

    it('takes the cookie away', async () => {

        stage = await Stage.open();
        const ada = await stage.person();
        const page = await stage.login(ada);

        const [cookie, ...others] = await ada.cookies();
        expect(others).to.equal([]);
        expect(cookie).to.include({ name: '__Host-refresh', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });

        await logout(page);
        await over(page);
        expect(await ada.cookies()).to.equal([]);
    });

    it('kills both tokens', async () => {

        stage = await Stage.open();
        const page = await stage.login(await stage.person());

        expect(await callAfter(page, () => logout(page))).to.equal('204 POST /browser/logout');
        await over(page);
        expect(await page.locator('#access .badge').innerText()).to.equal('revoked');
        expect(await page.locator('#refresh .badge').innerText()).to.equal('revoked');

        expect(await callAfter(page, () => use(page))).to.equal('401 GET /me');
        expect(await page.locator('#calls .said').first().innerText()).to.equal('The access token was revoked');
        expect(await callAfter(page, () => page.getByRole('button', { name: 'Renew both' }).click())).to.equal('401 POST /browser/token');
    });

    it('is shown by another tab at once, which keeps nothing of its user', async () => {

        stage = await Stage.open();
        const ada = await stage.person();
        const one = await stage.login(ada);
        const other = await stage.account(ada);
        expect(await callAfter(other, () => use(other))).to.equal('200 GET /me');

        await logout(one);
        await over(other);
        await other.getByText('notified this page at once').waitFor();
        expect(await other.locator('body').innerText()).to.not.include('ada');
        expect(await callAfter(other, () => use(other))).to.equal('401 GET /me');
    });

    it('that no page has made is pushed to all tabs, of which one listens', async () => {

        const asked: string[] = [];
        stage = await Stage.open({ server: (server) => server.events.on('response', ({ path }) => asked.push(path)) });
        const ada = await stage.person();
        const tabs = [await stage.login(ada), await stage.account(ada), await stage.account(ada)];

        await hardLogout(stage.server, 'session').revoke({ subject: '42' });
        for (const tab of tabs) {
            await over(tab);
            await tab.getByText('notified this page at once').waitFor();
        }

        expect(asked.filter((path) => path === '/browser/events')[0]).to.equal('/browser/events');
    });

    it('is shown as the server says it, whether that or the message of another tab comes first', async () => {

        const current = stage = await Stage.open();
        const revoke = () => hardLogout(current.server, 'session').revoke({ subject: '42' });

        // A page that listens to the server

        const open = async function (): Promise<Page> {

            const person = await current.person();
            const [page] = await Promise.all([current.login(person), person.waitForEvent('response', (response) => response.url().endsWith('/browser/events'))]);
            return page;
        };

        // Resolves when the page has the message

        const script = 'new BroadcastChannel("session").addEventListener("message", resolve); new BroadcastChannel("session").postMessage({ tokens: null });';
        const say = (page: Page) => page.evaluate(`new Promise((resolve) => { ${script} })`);

        const one = await open();
        await say(one);
        await one.getByText('This session has ended: you logged out in another tab').waitFor();
        await revoke();
        await one.getByText('notified this page at once').waitFor();

        const other = await open();
        await revoke();
        await other.getByText('notified this page at once').waitFor();
        await say(other);
        expect(await other.locator('#notice').innerText()).to.include('notified this page at once');
    });

    it('that a page did not hear of is known to it once it calls', async () => {

        stage = await Stage.open();
        const ada = await stage.person();
        await ada.route('**/browser/events', (route) => route.abort());
        const page = await stage.login(ada);

        await hardLogout(stage.server, 'session').revoke({ subject: '42' });
        expect(await callAfter(page, () => use(page))).to.equal('401 POST /browser/token');
        await over(page);
        await page.getByText('This session has ended').waitFor();
    });

    it('leaves nothing for the back button', async () => {

        stage = await Stage.open();
        const page = await stage.login(await stage.person());

        await logout(page);
        await over(page);
        await page.getByRole('link', { name: 'Log in again' }).click();
        await page.waitForURL(`${stage.uri}/`);

        await back(page);
        expect(await page.getByRole('button', { name: 'Log in', exact: true }).isVisible()).to.be.true();
    });

    // What a person sees of the account who left it for another site, logged out in another tab, and comes back to it as the browser kept it

    const comeBack = async function (isStored: boolean): Promise<string[]> {

        stage = await Stage.open({ server: (server) => isStored && allowStoring(server) });
        const ada = await stage.person();
        const shown: string[] = [];
        await ada.exposeBinding('shown', (source, text: string) => shown.push(text));
        await ada.addInitScript(`addEventListener('pageshow', ({ persisted }) => persisted && shown(document.body.checkVisibility() ? document.body.innerText : ''))`);

        const page = await stage.login(ada);
        const elsewhere = await stage.otherSite('<!doctype html><title>Elsewhere</title>');
        await page.goto(elsewhere);

        const other = await stage.account(ada);
        await logout(other);
        await over(other);

        await back(page);
        return shown;
    };

    it('in another tab is known to a page that one comes back to', async () => {

        // The browser does not keep a page that must not be stored, once its cookie has gone

        expect(await comeBack(false)).to.equal([]);
    });

    it('in another tab leaves nothing in a page that the browser has kept', async () => {

        expect(await comeBack(true)).to.equal(['']);
    });

    it('has the server asked for the page when one comes back to it', async () => {

        const asked: string[] = [];
        stage = await Stage.open({
            keepsPages: false,
            server: (server) => server.events.on('response', ({ path, response }) => asked.push(`${(response as any).statusCode} ${path}`))
        });

        const ada = await stage.person();
        const page = await stage.login(ada);
        await page.goto('about:blank');
        await ada.clearCookies();

        asked.length = 0;
        await back(page);
        expect(asked[0]).to.equal('302 /account');
    });

    const allowStoring = function (server: Stage['server']): void {

        server.ext('onPreResponse', ({ path, response }, h) => {

            if (path === '/account' && !('isBoom' in response) && response.statusCode === 200) {
                response.header('cache-control', 'private, max-age=600');
            }

            return h.continue;
        });
    };

    // Back to the account, from where the server sends whoever is not logged in to the first page

    const back = async function (page: Page): Promise<void> {

        const answered = page.waitForResponse(`${stage!.uri}/account`);
        await page.evaluate('void setTimeout(() => history.back())');
        const response = await answered;
        expect(response.status()).to.equal(302);
        await page.waitForURL(`${stage!.uri}/`);
        await page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
    };

    it('of another device is in the hands of its user', async () => {

        stage = await Stage.open();
        const laptop = await stage.person();
        const phone = await stage.person({ userAgent: 'Mozilla/5.0 (Linux; Android 16) Chrome/156.0.0.0' });
        const here = await stage.login(laptop);
        const there = await stage.login(phone);

        await here.reload();
        await here.getByRole('button', { name: 'End the session of Chrome on Android' }).click();
        await here.getByText('ended the session of Chrome on Android').waitFor();
        expect(await here.locator('#devices li').count()).to.equal(1);

        await over(there);
        await over(there);
        expect(await callAfter(here, () => use(here))).to.equal('200 GET /me');
    });

    it('of a device that has logged out already is refused, and the page says why', async () => {

        stage = await Stage.open();
        const here = await stage.login(await stage.person());
        const there = await stage.login(await stage.person());
        await here.reload();
        const end = here.getByRole('button', { name: 'End the session of' });
        await end.waitFor();
        await logout(there);
        await over(there);
        await end.click();
        await here.getByText('The server responded with 404: You have no such session.').waitFor();
    });

    it('of all other devices keeps this one', async () => {

        stage = await Stage.open();
        const laptop = await stage.person();
        const phone = await stage.person();
        const here = await stage.login(laptop);
        const there = await stage.login(phone);

        await here.reload();
        await here.getByRole('button', { name: 'Log out the others' }).click();
        await here.getByText('ended your other sessions').waitFor();

        await over(there);
        expect(await callAfter(here, () => use(here))).to.equal('200 GET /me');
        expect(await hasCookie(laptop)).to.be.true();
    });

    it('everywhere is one', async () => {

        stage = await Stage.open();
        const laptop = await stage.person();
        const phone = await stage.person();
        const here = await stage.login(laptop);
        const there = await stage.login(phone);

        await here.getByRole('button', { name: 'Log out everywhere' }).click();
        await over(here);
        expect(await hasCookie(laptop)).to.be.false();
        await over(there);
    });

    it('by an administrator ends a user\'s sessions, and nobody else\'s', async () => {

        stage = await Stage.open();
        const ada = await stage.login(await stage.person());
        const grace = await stage.login(await stage.person(), 'grace', 'hopper');

        await grace.getByRole('link', { name: 'Admin' }).click();
        await grace.getByRole('button', { name: 'End all sessions of ada' }).click();
        await grace.getByText('All sessions of ada have ended').waitFor();
        expect(await grace.locator('#users h2').allInnerTexts()).to.equal(['ada: no session', 'grace: one session']);

        await over(ada);
    });
});

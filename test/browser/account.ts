import * as Fs from 'node:fs';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { callAfter, Stage } from '../support/chromium';

import type { Page } from 'playwright-core';


export const lab = Lab.script();

const { after, afterEach, describe, it } = lab;


const axe = Fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');


describe('in a browser, the example', () => {

    let stage: Stage | undefined;

    afterEach(async () => {

        await stage?.close();
        stage = undefined;
    });

    after(() => Stage.end());

    const badge = (page: Page, token: string, state: string) => page.locator(`#${token}[data-state="${state}"]`).waitFor();

    it('shows its user the account, and the two tokens alive', async () => {

        stage = await Stage.open();
        const page = await stage.login(await stage.person());

        expect(await page.getByRole('heading', { level: 1 }).innerText()).to.equal('Hello, ada');
        await badge(page, 'access', 'valid');
        await badge(page, 'refresh', 'valid');
        expect(await page.locator('#access .countdown').innerText()).to.match(/^(1:00|0:\d\d)$/);
        expect(await page.locator('#refresh .countdown').innerText()).to.match(/^(30 d 0 h|29 d 23 h)$/);
        expect(await page.locator('#devices li').allInnerTexts()).to.have.length(1);
        expect(await page.locator('#devices .tag').isVisible()).to.be.true();
        expect(await page.getByRole('link', { name: 'Admin' }).isVisible()).to.be.false();
    });

    it('leaves no token where scripts keep things', async () => {

        stage = await Stage.open();
        const ada = await stage.person();
        const page = await stage.login(ada);

        const kept = `JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])`;
        expect(await page.evaluate(kept)).to.equal('["",{},{}]');

        const { origins } = await ada.storageState({ indexedDB: true });
        expect(origins).to.equal([]);
    });

    it('keeps its user logged in when a page is loaded again, and in a new tab', async () => {

        stage = await Stage.open();
        const ada = await stage.person();
        const page = await stage.login(ada);

        await page.reload();
        await page.getByRole('heading', { name: 'Hello, ada' }).waitFor();

        await page.goto(stage.uri);
        expect(page.url()).to.equal(`${stage.uri}/account`);
        await stage.account(ada);
    });

    it('lets one watch the access token run out, and renews it for the next call', async () => {

        stage = await Stage.open();
        const ada = await stage.person();
        await ada.clock.install();
        const page = await stage.login(ada);

        await ada.clock.fastForward(61_000);
        await badge(page, 'access', 'expired');
        await badge(page, 'refresh', 'valid');

        expect(await callAfter(page, () => page.getByRole('button', { name: 'Use it' }).click())).to.equal('200 POST /browser/token');
        await badge(page, 'access', 'valid');
        await page.getByText('The server accepted the access token').waitFor();
    });

    it('reports a wrong password, and stops a user who goes on', async () => {

        stage = await Stage.open();
        const page = await (await stage.person()).newPage();
        await page.goto(stage.uri);

        for (const said of [...Array<string>(5).fill('Wrong name or password.'), 'Too many attempts. Try again in 15 minutes.']) {
            await page.getByLabel('Name').fill('ada');
            await page.getByLabel('Password').fill('byron');
            const answered = page.waitForResponse('**/browser/login');
            await page.getByRole('button', { name: 'Log in', exact: true }).click();
            await answered;
            await page.getByRole('alert').getByText(said, { exact: true }).waitFor();
        }

        expect(page.url()).to.equal(`${stage.uri}/`);
    });

    it('reports a server that is gone, and logs no user out for that', async () => {

        stage = await Stage.open();
        const ada = await stage.person();
        const page = await stage.login(ada);

        await ada.setOffline(true);
        expect(await callAfter(page, () => page.getByRole('button', { name: 'Use it' }).click())).to.equal('– GET /me');
        await page.locator('#logout').click();
        await page.getByText('The network is off. Try again.').waitFor();
        await badge(page, 'refresh', 'valid');

        await ada.setOffline(false);
        expect(await callAfter(page, () => page.locator('#logout').click())).to.equal('204 POST /browser/logout');
    });

    it('sends a user who may not see a page to one that they may see', async () => {

        stage = await Stage.open();
        const stranger = await (await stage.person()).newPage();
        for (const path of ['/account', '/admin']) {
            await stranger.goto(stage.uri + path);
            expect(stranger.url()).to.equal(`${stage.uri}/`);
        }

        const ada = await stage.login(await stage.person());
        await ada.goto(`${stage.uri}/admin`);
        expect(ada.url()).to.equal(`${stage.uri}/account`);
    });

    it('can be used with the keyboard alone', async () => {

        stage = await Stage.open();
        const page = await (await stage.person()).newPage();
        await page.goto(stage.uri);

        await page.locator('#name:focus').waitFor();
        await page.keyboard.type('ada');
        await page.keyboard.press('Tab');
        await page.keyboard.type('lovelace');
        await page.keyboard.press('Enter');
        await page.locator('#devices li').first().waitFor();

        await page.locator('#logout').waitFor();
        const reached = [];
        for (let i = 0; i < 11; ++i) {
            await page.keyboard.press('Tab');
            reached.push(await page.evaluate('document.activeElement.ariaLabel ?? (document.activeElement.labels?.[0] ?? document.activeElement).innerText.match(/^[^:\\n]*/)[0].trim()'));
        }

        expect(reached).to.equal(['Futureflix', 'Log out', 'Use it', 'Renew both', 'Open a second tab', 'Open a second device', 'Log out of this device', 'Log out everywhere', 'A new password', 'Change it', 'Calls']);

        for (let i = 0; i < 9; ++i) {
            await page.keyboard.press('Shift+Tab');
        }

        await page.keyboard.press('Enter');
        await page.locator('h1:focus', { hasText: 'You are logged out' }).waitFor();
    });

    const read = async function (colorScheme: 'light' | 'dark', ground: string): Promise<void> {

        stage = await Stage.open();
        const phone = await stage.person({ colorScheme, viewport: { width: 320, height: 568 }, reducedMotion: 'reduce' });
        const flaws: unknown[] = [];

        const look = async (page: Page) => {

            await page.evaluate(axe);
            const { violations } = await page.evaluate('axe.run()') as any;
            flaws.push(...violations.map(({ id, nodes }: any) => [page.url(), id, nodes.map(({ html }: any) => html)]));

            const [needed, there] = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]') as [number, number];
            expect(needed, page.url()).to.be.at.most(there);
            return page.evaluate('getComputedStyle(document.body).backgroundColor');
        };

        const page = await phone.newPage();
        await page.goto(stage.uri);
        expect(await look(page)).to.equal(ground);
        await page.close();

        const account = await stage.login(phone, 'grace', 'hopper');
        await look(account);
        await account.getByRole('link', { name: 'Admin' }).click();
        await account.getByRole('button', { name: 'End all sessions of grace' }).waitFor();
        await look(account);

        await account.goto(`${stage.uri}/account`);
        await account.locator('#devices li').first().waitFor();
        await account.locator('#logout').click();
        await account.getByRole('link', { name: 'Log in again' }).waitFor();
        await callAfter(account, () => account.getByRole('button', { name: 'Use it' }).click());
        await look(account);
        expect(flaws).to.equal([]);
    };

    it('can be read by everybody, also on a small phone', () => read('light', 'rgb(246, 244, 248)'));

    it('can be read by everybody in the dark', () => read('dark', 'rgb(20, 16, 26)'));
});

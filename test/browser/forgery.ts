import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { callAfter, hasCookie, Stage } from '../support/chromium';

import type { Request, ResponseObject } from '@hapi/hapi';
import type { Page } from 'playwright-core';

import type { CookieOptions, StrategyOptions } from '../../lib';


export const lab = Lab.script();

const { after, afterEach, describe, it } = lab;


describe('in a browser, another site', () => {

    let stage: Stage | undefined;

    afterEach(async () => {

        await stage?.close();
        stage = undefined;
    });

    after(() => Stage.end());

    // With one guard at a time, or none: SameSite keeps the cookie away from other sites, `origins` has the server look whose request it is

    const open = async function (isSameSite: CookieOptions['isSameSite'], origins: StrategyOptions['origins']): Promise<void> {

        stage = await Stage.open({
            strategy: (options) => ({ ...options, origins, refreshToken: { cookie: { name: '__Host-refresh', isSameSite } } })
        });
    };

    // How the server answered, and what the browser had told it

    const forge = async function (page: Page, html: string) {

        const answered = new Promise<Request>((resolve) => {

            stage!.server.events.on('response', (request) => request.method === 'post' && resolve(request));
        });

        await page.goto(await stage!.otherSite(`<!doctype html><title>Kittens</title>${html}`), { waitUntil: 'commit' });
        const { headers, response } = await answered;
        return { status: (response as ResponseObject).statusCode, site: headers['sec-fetch-site'], hasCookie: 'cookie' in headers };
    };

    const submitted = () => `<form method="post" action="${stage!.uri}/browser/logout"></form><script>document.querySelector('form').submit()</script>`;

    const use = (page: Page) => page.getByRole('button', { name: 'Use it' }).click();

    it('cannot log a user out with a form: the cookie does not come with it', async () => {

        await open('Strict', '*');
        const ada = await stage!.person();
        const page = await stage!.login(ada);

        expect(await forge(await ada.newPage(), submitted())).to.equal({ status: 401, site: 'cross-site', hasCookie: false });
        expect(await callAfter(page, () => use(page))).to.equal('200 GET /me');
        expect(await hasCookie(ada)).to.be.true();
    });

    it('cannot log a user out with a form, even where the cookie comes with it', async () => {

        await open('None', []);
        const ada = await stage!.person();
        const page = await stage!.login(ada);

        expect(await forge(await ada.newPage(), submitted())).to.equal({ status: 403, site: 'cross-site', hasCookie: true });
        expect(await callAfter(page, () => use(page))).to.equal('200 GET /me');
        expect(await hasCookie(ada)).to.be.true();
    });

    it('could log a user out with a form if nothing was in its way', async () => {

        await open('None', '*');
        const ada = await stage!.person();
        const page = await stage!.login(ada);

        expect(await forge(await ada.newPage(), submitted())).to.equal({ status: 204, site: 'cross-site', hasCookie: true });
        expect(await callAfter(page, () => use(page))).to.equal('401 GET /me');
        expect(await hasCookie(ada)).to.be.false();
    });

    it('cannot log a visitor in as another user', async () => {

        await open('None', '*');
        const ada = await stage!.person();

        const { status, site } = await forge(await ada.newPage(), `
            <form method="post" action="${stage!.uri}/browser/login" enctype="text/plain">
                <input name='{"name":"grace","password":"hopper","a":"' value='"}'>
            </form>
            <script>document.querySelector('form').submit()</script>`);

        expect({ status, site }).to.equal({ status: 415, site: 'cross-site' });
        expect(await hasCookie(ada)).to.be.false();
    });

    it('cannot read what belongs to a user', async () => {

        await open('None', '*');
        const ada = await stage!.person();
        await stage!.login(ada);

        const page = await ada.newPage();
        await page.goto(await stage!.otherSite('<!doctype html><title>Kittens</title>'));
        const outcome = await page.evaluate((uri) => fetch(`${uri}/account`, { credentials: 'include' }).then(() => 'read', () => 'refused'), stage!.uri);
        expect(outcome).to.equal('refused');
    });

    it('cannot frame a page', async () => {

        await open('None', '*');
        const ada = await stage!.person();
        await stage!.login(ada);

        const page = await ada.newPage();
        const refused = page.waitForEvent('console', (message) => /frame-ancestors|X-Frame-Options/.test(message.text()));
        await page.goto(await stage!.otherSite(`<!doctype html><title>Kittens</title><iframe src="${stage!.uri}/account"></iframe>`));
        expect((await refused).text()).to.include(stage!.uri);
    });

    it('can still lead a user in by a link', async () => {

        await open('Strict', []);
        const ada = await stage!.person();
        await stage!.login(ada);

        const page = await ada.newPage();
        await page.goto(await stage!.otherSite(`<!doctype html><title>Kittens</title><a href="${stage!.uri}/account">Your account</a>`));
        await page.getByRole('link').click();
        await page.getByRole('heading', { name: 'Hello, ada' }).waitFor();
        expect(page.url()).to.equal(`${stage!.uri}/account`);
    });
});

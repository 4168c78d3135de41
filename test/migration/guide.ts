import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';


export const lab = Lab.script();

const { describe, it } = lab;


interface Guide {
    path: string;
    text: string;
    rendered: string;
    blocks: string[];
}


describe('the guides', () => {

    const { guides } = require('./support/guide') as { guides(): Guide[] };

    it('show the apps as they are (if not: node test/migration/support/guide.js)', () => {

        for (const { path, text, rendered } of guides()) {
            expect(text === rendered, Path.basename(path)).to.be.true();
        }
    });

    it('show the difference that each app\'s migration makes', () => {

        const apps = Fs.readdirSync(__dirname).filter((name) => Fs.existsSync(Path.join(__dirname, name, 'before.js')));
        expect(apps).to.have.length(8);

        const blocks = guides().flatMap((guide) => guide.blocks);
        for (const app of apps) {
            const steps = ['before', 'between', 'after'].filter((step) => Fs.existsSync(Path.join(__dirname, app, `${step}.js`)));
            steps.slice(1).forEach((step, i) => expect(blocks).to.include(`diff ${app}/${steps[i]}.js ${app}/${step}.js`));
        }
    });
});

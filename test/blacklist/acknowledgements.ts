import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Acknowledgements } from '../../lib/blacklist/acknowledgements';


export const lab = Lab.script();
const { describe, it, beforeEach } = lab;


describe('Acknowledgements', () => {

    let applied: number;
    let sent: number[];
    let acknowledgements: Acknowledgements;

    beforeEach(() => {

        applied = 0;
        sent = [];
        acknowledgements = new Acknowledgements(() => applied, (position) => sent.push(position));
    });

    it('are given once of what comes in one piece', async () => {

        for (let i = 0; i < 3; ++i) {
            ++applied;
            acknowledgements.giveSoon();
        }

        expect(sent).to.be.empty();
        await Promise.resolve();
        expect(sent).to.equal([3]);
        ++applied;
        acknowledgements.giveSoon();
        await Promise.resolve();
        expect(sent).to.equal([3, 4]);
    });

    it('are not given of what the log knows', () => {

        applied = 2;
        acknowledgements.know(2);
        acknowledgements.know(1);
        acknowledgements.give();
        expect(sent).to.be.empty();
        applied = 3;
        acknowledgements.give();
        expect(sent).to.equal([3]);
    });
});

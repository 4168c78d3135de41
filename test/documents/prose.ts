import { createRequire } from 'node:module';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Linter } from 'eslint';


export const lab = Lab.script();

const { describe, it } = lab;


const load = createRequire(__filename);

const { find } = load('../support/prose/words.js') as { find: (text: string) => { start: number; end: number; message: string }[] };

const foundIn = (text: string) => find(text).map(({ start, end }) => text.slice(start, end));


describe('The words that are not used', () => {

    it('are found, also over the end of a line, and come with what to write instead', () => {

        expect(foundIn('The function answers with a token, and the listener is told.')).to.equal(['answers', 'told']);
        expect(foundIn('Two of our name are a 400, or a\n503.')).to.have.length(3);
        expect(foundIn('Whoever falls under it has it kept; it is held for nobody, nor is it one of the app\'s.')).to.have.length(6);
        expect(foundIn('The member that is struck off beats no more: theft is not its business.')).to.equal(['struck off', 'beats', 'its business']);
        expect(find('It tells the app.')[0]!.message).to.equal('Instead of "tells" write: is notified, reports, logs, says');
    });

    it('are not found in what is plain', () => {

        const plain = [
            'The answer arrives within a 400 ms timeout. A 16 byte secret, and the 401 before it.',
            'Keep the tokens: a client cannot tell one from the other.',
            'The app\'s own log, and the app\'s function `find`, unanswered.',
            'The heartbeat costs a round trip, which is why the household saves it elsewhere.'
        ];
        expect(plain.flatMap(foundIn)).to.equal([]);
    });

    it('are found in comments and texts of code, and not in names and scripts', () => {

        const code = [
            '// The listener is',
            '// told by nobody',
            'const held = \'held\';',
            'const text = "It is held";',
            'const template = `A ${held} told`;',
            'const script = `',
            '    local held = 1',
            '`;'
        ];
        const found = new Linter().verify(code.join('\n'), [{ plugins: { prose: { rules: { words: load('../support/prose/rule.js') } } }, rules: { 'prose/words': 'error' } }]);
        expect(found.map(({ line, column }) => [line, column])).to.equal([[2, 4], [2, 12], [4, 21], [5, 29]]);
    });
});

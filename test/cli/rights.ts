import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { missingRights } from '../../lib/cli/rights';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Rights', () => {

    const missing = async function (refusal: (command: string, first: unknown) => string | null): Promise<string[]> {

        const call = async (command: string, ...args: unknown[]) => {

            const text = refusal(command, args[0]);
            if (text !== null) {
                throw new Error(text);
            }
        };

        return missingRights({ call } as any, 'p');
    };

    it('are those of commands, keys and channels, in the words of each version', async () => {

        expect(await missing(() => null)).to.equal([]);
        expect(await missing((command) => (command === 'GET' ? 'NOPERM this user has no permissions to run the \'get\' command' : null))).to.equal(['+get']);
        expect(await missing((command, first) => (command === 'CLIENT' && first === 'SETNAME' ? 'NOPERM User few has no permissions to run the \'client|setname\' command' : null))).to.equal(['+client|setname']);

        for (const text of ['NOPERM this user has no permissions to access one of the keys used as arguments', 'NOPERM No permissions to access a key']) {
            expect(await missing((_, first) => (`${first}`.startsWith('p:{') ? text : null))).to.equal(['~p:{*}:session*']);
            expect(await missing((command) => (command === 'HSET' ? text : null))).to.equal(['~{p}:blacklist*']);
        }

        for (const text of ['NOPERM this user has no permissions to access one of the channels used as arguments', 'NOPERM No permissions to access a channel']) {
            expect(await missing((command) => (command === 'SUBSCRIBE' ? text : null))).to.equal(['&{p}:blacklist:news:*']);
        }
    });

    it('are not missing where something else is wrong', async () => {

        expect(await missing((command) => (command === 'EVALSHA' ? 'NOSCRIPT No matching script' : command === 'GET' ? 'MOVED 1 host:1' : null))).to.equal([]);
    });
});

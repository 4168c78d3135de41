import type { Redis } from 'ioredis';


type Words = (string | number)[];


/** Prepares a command by how it begins. What that returns is given the rest, and sends it; nobody hears the reply. */
export type Quietly = (...first: Words) => (...rest: Words) => void;


/**
 * How to send a command that has no reply, where the server can leave it out.
 *
 * To be woken by a reply takes longer than to send what it replies to: with eight processes on two cores, a logout takes a quarter less of the processors
 * without those to acknowledgements. Such a command goes past the client, which waits for a reply to each.
 */
export const quietly = async function (client: Redis): Promise<Quietly> {

    // Some services have no such command, and some users may not

    try {
        await client.client('REPLY', 'ON');
    }
    catch {
        return (...first) => {

            return (...rest) => void client.call(...first.concat(rest) as [string]).catch(() => undefined);
        };
    }

    return (...first) => {

        // Code that runs this seldom is not optimized: to encode all of it each time is 5 % of what a member does for a logout

        const start = encode(first);
        return (...rest) => {

            // A connection that is gone has no stream, or one that takes nothing

            if (client.stream?.writable) {
                client.stream.write(`${skipReply}*${first.length + rest.length}\r\n${start}${encode(rest)}`);
            }
        };
    };
};


const encode = function (words: Words): string {

    return words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`).join('');
};


// Neither this nor the command behind it has a reply

const skipReply = `*3\r\n${encode(['CLIENT', 'REPLY', 'SKIP'])}`;

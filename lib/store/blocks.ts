import type { Revocation } from './blacklist-contract';


// Entries of the blacklist whose names begin alike are one text in Redis, a block: ` <name>:<cutoff>:<expires>` each. A process that joins reads
// them much faster than a field for each entry. There are 32,768 blocks: with a million entries they have 30 each


/** The characters of names (base64url), in the order of the bits that they stand for. */
export const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';


/** The block of a name, its first 15 bits: two characters and a half. */
export const blockOf = function (name: string): string {

    return name.slice(0, 2) + (alphabet.indexOf(name[2]!) >> 3);
};


/** The same in Lua; `take`, a block without an entry, and the entry's cut-off and expiry (texts) if it has it, where the block may be missing; and `with`, a block with an entry. */
export const blocks = `
local alphabet = '${alphabet}'

local function blockOf(name) return name:sub(1, 2) .. math.floor((alphabet:find(name:sub(3, 3), 1, true) - 1) / 8) end

local function take(block, name)
    if not block then return '' end
    local first, last = block:find(' ' .. name .. ':', 1, true)
    if not first then return block end
    local cutoff, expires = block:match('^(%d+):(%d+)', last + 1)
    return block:sub(1, first - 1) .. block:sub(last + #cutoff + #expires + 2), cutoff, expires
end

local function with(block, name, cutoff, expires)
    return block .. ' ' .. name .. ':' .. cutoff .. ':' .. whole(expires)
end
`;


/** The cut-off (ms) of an entry; null if its block does not have it. */
export const cutoffIn = function (block: string | null, name: string): number | null {

    const start = ` ${name}:`;
    const at = block?.indexOf(start) ?? -1;
    return at === -1 ? null : parseInt(block!.slice(at + start.length), 10);
};


/** The entries of a page of blocks: fields, each followed by its block. `now` (ms) is the server's time. */
export const revocationsOf = function (page: string[], now: number): Revocation[] {

    const revocations: Revocation[] = [];
    for (let i = 1; i < page.length; i += 2) {
        const block = page[i]!;

        // Splitting the text would take longer than searching it

        let at = 0;
        while (at < block.length) {
            const cutoffAt = block.indexOf(':', at) + 1;
            const expiresAt = block.indexOf(':', cutoffAt) + 1;
            const next = block.indexOf(' ', expiresAt);
            const end = next === -1 ? block.length : next;
            revocations.push({ key: block.slice(at + 1, cutoffAt - 1), cutoff: numberIn(block, cutoffAt, expiresAt - 1), ttl: numberIn(block, expiresAt, end) - now });
            at = end;
        }
    }

    return revocations;
};


const numberIn = function (text: string, start: number, end: number): number {

    // The parentheses keep it exact up to 2 ** 53

    let number = 0;
    for (let i = start; i < end; ++i) {
        number = number * 10 + (text.charCodeAt(i) - 48);
    }

    return number;
};

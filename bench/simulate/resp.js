'use strict';

// The Redis protocol, for clients that are real


/** Reads commands out of a stream: arrays of bulk strings. */
exports.Parser = class {

    #buffer = Buffer.alloc(0);

    /** Returns the commands that are complete now. */
    read(chunk) {

        this.#buffer = Buffer.concat([this.#buffer, chunk]);
        const found = [];
        for (;;) {
            const command = this.#command();
            if (!command) {
                return found;
            }

            found.push(command);
        }
    }

    #command() {

        const buffer = this.#buffer;
        let at = 0;
        const line = () => {

            const end = buffer.indexOf('\r\n', at);
            if (end === -1) {
                return null;
            }

            const text = buffer.toString('latin1', at, end);
            at = end + 2;
            return text;
        };

        const first = line();
        if (first === null) {
            return null;
        }

        const parts = [];
        for (let i = Number(first.slice(1)); i > 0; --i) {
            const head = line();
            const size = head === null ? Infinity : Number(head.slice(1));
            if (at + size + 2 > buffer.length) {
                return null;
            }

            parts.push(buffer.toString('utf8', at, at + size));
            at += size + 2;
        }

        this.#buffer = buffer.subarray(at);
        return parts;
    }
};


/** A reply as it is written for a protocol, 2 or 3. */
exports.encode = function (reply, protocol) {

    const encode = (value) => exports.encode(value, protocol);
    if (reply === null || reply === undefined) {
        return protocol === 3 ? '_\r\n' : '$-1\r\n';
    }

    if (typeof reply === 'string') {
        return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
    }

    if (typeof reply === 'number') {
        return `:${reply}\r\n`;
    }

    if (Array.isArray(reply)) {
        return `*${reply.length}\r\n${reply.map(encode).join('')}`;
    }

    if (reply.status !== undefined) {
        return `+${reply.status}\r\n`;
    }

    if (reply.double !== undefined) {
        return protocol === 3 ? `,${reply.double}\r\n` : encode(reply.double);
    }

    if (reply.map) {
        return protocol === 3 ? `%${reply.map.length / 2}\r\n${reply.map.map(encode).join('')}` : encode(reply.map);
    }

    return reply.pushes.map((push) => exports.encodePush(push, protocol)).join('');
};


exports.encodePush = function (parts, protocol) {

    return `${protocol === 3 ? '>' : '*'}${parts.length}\r\n${parts.map((part) => exports.encode(part, protocol)).join('')}`;
};


exports.encodeError = function ({ message }) {

    return `-${message.replace(/[\r\n]+/g, ' ')}\r\n`;
};

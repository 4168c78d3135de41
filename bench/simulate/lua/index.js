'use strict';

// Runs Redis's scripts. They are translated to JavaScript. See README.md, why no interpreter does it

const { compile } = require('./compile');
const { globals } = require('./library');
const { runtime: { LuaError, Table } } = require('./runtime');


const compiled = new Map();


/** Runs the scripts of one server. */
exports.Lua = class {

    #compiled;
    #execute;
    #spacing;

    #call = (words) => {

        for (let i = 0; i < words.length; ++i) {
            if (typeof words[i] !== 'string') {
                words[i] = argument(words[i]);
            }
        }

        return toLua(this.#execute(words));
    };

    #globals = globals({
        redis: new Table([], Object.entries({
            call: (...args) => [this.#call(args)],
            pcall: (...args) => [this.#try(args)],
            error_reply: (err) => [new Table([], [['err', err]])],
            status_reply: (ok) => [new Table([], [['ok', ok]])]
        }))
    });

    /** `spacing` (ms) takes the place of the scripts' own: of how long they wait for more to publish, for each member. */
    constructor(spacing = 0) {

        this.#spacing = spacing;
        if (!compiled.has(spacing)) {
            compiled.set(spacing, new Map());
        }

        this.#compiled = compiled.get(spacing);
    }

    /** Runs a script by its text, and returns its reply. `execute` runs a command; it throws an error whose message is the reply. */
    run(text, keys, args, execute) {

        let script = this.#compiled.get(text);
        if (!script) {
            script = this.#compile(text);
            this.#compiled.set(text, script);
        }

        this.#execute = execute;
        try {
            return reply(script(this.#globals, this.#call, new Table(keys), new Table(args)));
        }
        catch (error) {
            throw new Error(/^[A-Z]+ /.test(error.message) ? error.message : `ERR ${error.message} script: @user_script`, { cause: error });
        }
    }

    #compile(text) {

        return compile(this.#spacing > 0 ? text.replace(/^local spacing = .*$/m, `local spacing = ${this.#spacing}`) : text);
    }

    #try(args) {

        try {
            return this.#call(args);
        }
        catch ({ message }) {
            return new Table([], [['err', message]]);
        }
    }
};


// Numbers become texts as in Redis 7: whole ones with all their digits

const argument = function (value) {

    if (typeof value === 'number') {
        return String(value);
    }

    if (typeof value !== 'string') {
        throw new LuaError('ERR Lua redis lib command arguments must be strings or integers');
    }

    return value;
};


const toLua = function (value) {

    if (typeof value === 'string' || typeof value === 'number') {
        return value;
    }

    if (value === null || value === undefined) {
        return false;
    }

    if (Array.isArray(value)) {
        return new Table(value.map(toLua));
    }

    return typeof value === 'object' ? new Table([], [['ok', value.status]]) : value;
};


const reply = function (value) {

    switch (typeof value) {
        case 'string':
            return value;
        case 'number':
            return Math.trunc(value);
        case 'boolean':
            return value ? 1 : null;
        case 'object':
            return table(value);
        default:
            return null;
    }
};


const table = function (value) {

    const [err, ok] = ['err', 'ok'].map((name) => value.get(name));
    if (err !== undefined) {
        throw new LuaError(err);
    }

    if (ok !== undefined) {
        return { status: ok };
    }

    const end = value.list.indexOf(undefined);
    return value.list.slice(0, end === -1 ? value.list.length : end).map(reply);
};

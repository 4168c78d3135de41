'use strict';

// The built package, once for each process: with its own time, its own random numbers and its own `ioredis`

const NodeCrypto = require('crypto');
const Fs = require('fs');
const Module = require('module');
const Path = require('path');
const Vm = require('vm');


const parameters = ['exports', 'require', 'module', '__filename', '__dirname', 'Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate',
    'clearImmediate', 'Math', 'crypto', 'process'];


/** The files of a built package, compiled once. */
exports.Package = class {

    #folder;
    #compiled = new Map();
    #require;

    constructor(folder) {

        this.#folder = folder;
        this.#require = Module.createRequire(Path.join(__dirname, '../../lib/index.js'));
    }

    /** What a file exports in a process. `globals` are the process's, `modules` what it gets in place of others. */
    load(file, globals, modules, loaded = new Map()) {

        const path = require.resolve(Path.resolve(this.#folder, file));
        const found = loaded.get(path);
        if (found) {
            return found.exports;
        }

        const module = { exports: {} };
        loaded.set(path, module);

        const get = (name) => {

            if (name.startsWith('.')) {
                return this.load(Path.resolve(Path.dirname(path), name), globals, modules, loaded);
            }

            const bare = name.replace(/^node:/, '');
            return modules[bare] ?? this.#require(name);
        };

        const values = { exports: module.exports, require: get, module, __filename: path, __dirname: Path.dirname(path), ...globals };
        this.#compile(path).apply(module.exports, parameters.map((name) => values[name]));
        return module.exports;
    }

    #compile(path) {

        if (!this.#compiled.has(path)) {
            this.#compiled.set(path, Vm.compileFunction(Fs.readFileSync(path, 'utf8'), parameters, { filename: path }));
        }

        return this.#compiled.get(path);
    }
};


/** `crypto` whose random numbers come from a seed. */
exports.cryptoOf = function (random) {

    const fill = (bytes) => bytes.map(() => random.below(256));
    const randomBytes = (size) => Buffer.from(fill(new Array(size).fill(0)));

    const own = {
        randomBytes,
        randomUUID: () => randomBytes(16).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
        randomInt: (...args) => (args.length > 1 ? args[0] + random.below(args[1] - args[0]) : random.below(args[0])),
        randomFillSync: (buffer) => buffer.set(randomBytes(buffer.length)) ?? buffer,
        getRandomValues: (buffer) => buffer.set(randomBytes(buffer.length)) ?? buffer
    };

    const descriptors = Object.getOwnPropertyDescriptors(NodeCrypto);
    for (const [name, value] of Object.entries(own)) {
        descriptors[name] = { value, enumerable: true };
    }

    return Object.defineProperties({}, descriptors);
};

'use strict';

// The built package, once for each process: with its own time, its own random numbers and its own `ioredis`

const NodeCrypto = require('crypto');
const Fs = require('fs');
const Module = require('module');
const Path = require('path');
const Vm = require('vm');


const parameters = ['exports', 'require', 'module', '__filename', '__dirname', 'Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate',
    'clearImmediate', 'queueMicrotask', 'Math', 'crypto', 'process'];


/** The files of a built package, compiled once. */
exports.Package = class {

    #folder;
    #files = new Map();
    #modules = new Map();
    #paths = new Map();
    #require;
    #shared = new Map();

    constructor(folder) {

        this.#folder = folder;
        this.#require = Module.createRequire(Path.join(__dirname, '../../lib/index.js'));
    }

    /** Loads a file, and what it requires, for all processes: where it knows no time and keeps nothing. */
    share(file) {

        return this.#load(this.#path(file), { ...globalThis, Date, Math, process }, {}, this.#shared);
    }

    /** Returns a function that loads files for one process. `globals` are the process's, `modules` what it gets in place of others. */
    loader(globals, modules) {

        const loaded = new Map(this.#shared);
        return (file) => this.#load(this.#path(file), globals, modules, loaded);
    }

    #load(path, globals, modules, loaded) {

        const found = loaded.get(path);
        if (found) {
            return found.exports;
        }

        const module = { exports: {} };
        loaded.set(path, module);

        const file = this.#file(path);
        const get = (name) => {

            if (name.startsWith('.')) {
                if (!file.neighbours.has(name)) {
                    file.neighbours.set(name, this.#path(Path.resolve(file.folder, name)));
                }

                return this.#load(file.neighbours.get(name), globals, modules, loaded);
            }

            return modules[name.startsWith('node:') ? name.slice(5) : name] ?? this.#outside(name);
        };

        const values = { exports: module.exports, require: get, module, __filename: path, __dirname: file.folder, ...globals };
        file.run.apply(module.exports, parameters.map((name) => values[name]));
        return module.exports;
    }

    #file(path) {

        if (!this.#files.has(path)) {
            const run = Vm.compileFunction(Fs.readFileSync(path, 'utf8'), parameters, { filename: path });
            this.#files.set(path, { run, folder: Path.dirname(path), neighbours: new Map() });
        }

        return this.#files.get(path);
    }

    // To resolve a name takes longer than to run most of the files

    #path(file) {

        if (!this.#paths.has(file)) {
            this.#paths.set(file, require.resolve(Path.resolve(this.#folder, file)));
        }

        return this.#paths.get(file);
    }

    #outside(name) {

        if (!this.#modules.has(name)) {
            this.#modules.set(name, this.#require(name));
        }

        return this.#modules.get(name);
    }
};


/** `crypto` whose random numbers come from a seed. */
exports.cryptoOf = function (random) {

    const fill = (bytes) => bytes.map(() => random.below(256));
    const randomBytes = (size) => Buffer.from(fill(new Array(size).fill(0)));

    return {
        __proto__: NodeCrypto,
        randomBytes,
        randomUUID: () => randomBytes(16).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
        randomInt: (...args) => (args.length > 1 ? args[0] + random.below(args[1] - args[0]) : random.below(args[0])),
        randomFillSync: (buffer) => buffer.set(randomBytes(buffer.length)) ?? buffer,
        getRandomValues: (buffer) => buffer.set(randomBytes(buffer.length)) ?? buffer
    };
};

'use strict';

const Assert = require('assert');
const Fs = require('fs');
const Path = require('path');

const Typescript = require('typescript');


const internals = {
    source: Path.join(__dirname, '..', 'types'),

    // How a consumer may compile what is in test/types, as CommonJS and as ES modules

    modes: [
        { type: 'commonjs', module: 'node16' },
        { type: 'module', module: 'node16' },
        { type: 'commonjs', module: 'nodenext' },
        { type: 'module', module: 'nodenext' },
        { type: 'commonjs', module: 'preserve', moduleResolution: 'bundler' },
        { type: 'module', module: 'esnext', moduleResolution: 'bundler' }
    ],

    options: { target: 'es2023', lib: ['es2023'], types: ['node'], strict: true, skipLibCheck: false, skipDefaultLibCheck: true, noEmit: true }
};


// Every mode checks the tests and the package's own declarations. Those of its dependencies take seconds: they are checked once.

exports.check = function (folder) {

    const errors = internals.modes.flatMap((mode, i) => internals.compile(folder, mode, i === 0));
    Assert(!errors.length, errors.join('\n'));
};


internals.compile = function (folder, { type, ...options }, all) {

    const name = [type, ...Object.values(options)].join('-');
    const project = Path.join(folder, name);

    Fs.cpSync(internals.source, project, { recursive: true });
    Fs.writeFileSync(Path.join(project, 'package.json'), JSON.stringify({ type }));

    const compilerOptions = { ...internals.options, ...options };
    const config = Typescript.parseJsonConfigFileContent({ compilerOptions }, Typescript.sys, project);
    const program = Typescript.createProgram(config.fileNames, config.options);
    const files = all ? [undefined] : program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(folder));

    const diagnostics = [
        ...config.errors,
        ...program.getOptionsDiagnostics(),
        ...program.getGlobalDiagnostics(),
        ...files.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    ];

    return diagnostics.map(({ file, start, messageText }) => {

        const place = file ? `${Path.relative(folder, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}` : name;
        return `${place}: ${Typescript.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
};

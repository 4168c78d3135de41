import * as Fs from 'node:fs';
import { createRequire } from 'node:module';
import * as Path from 'node:path';
import * as Vm from 'node:vm';

import * as Typescript from 'typescript';

import * as HardLogout from '../../lib';


const root = Path.join(__dirname, '..', '..');


/** What a file of the repository exports, run as it stands. `modules` takes the place of what it imports. */
export const load = function (path: string, modules?: Record<string, unknown>): any {

    const file = Path.join(root, path);
    return run(Fs.readFileSync(file, 'utf8'), file, modules);
};


/** What TypeScript exports that is written for an app, where `hapi-auth-hard-logout` is installed: here it is our sources, and nothing has to be built. */
export const run = function (text: string, file: string, modules: Record<string, unknown> = {}): any {

    const { outputText } = Typescript.transpileModule(text, {
        compilerOptions: { module: Typescript.ModuleKind.CommonJS, target: Typescript.ScriptTarget.ES2023 }
    });

    const installed = createRequire(file);

    const require = (name: string) => {

        if (name.startsWith('.')) {
            return load(Path.relative(root, Path.join(Path.dirname(file), `${name}.ts`)), modules);
        }

        return modules[name] ?? (name === 'hapi-auth-hard-logout' ? HardLogout : installed(name));
    };

    // Where the built module would be, built or not

    require.resolve = (name: string) => (name === 'hapi-auth-hard-logout/client' ? Path.join(root, 'dist', 'client', 'client.js') : installed.resolve(name));

    const exported = {};
    Vm.compileFunction(outputText, ['exports', 'require', '__dirname'], { filename: file })(exported, require, Path.join(Path.dirname(file), 'dist'));
    return exported;
};

'use strict';

// A function that is slow to start: it loads the whole TypeScript compiler (9 MB of source) and
// compiles a program once, as services with large libraries do before they are of use.
//
// Handler: transpile.handler; event: {"source": "const n: number = 1"}; the reply holds the
// JavaScript and the compiler's complaints about the syntax.

const started = process.hrtime.bigint();
const ts = require('typescript');

const OPTIONS = {
  compilerOptions: { target: ts.ScriptTarget.ES2020, module: ts.ModuleKind.CommonJS },
  reportDiagnostics: true,
};

function compile(source) {
  const { outputText, diagnostics } = ts.transpileModule(source, OPTIONS);
  return {
    javaScript: outputText,
    complaints: diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  };
}

compile('export class Greeter { constructor(private readonly name: string) {} }');
const loadMs = Number(process.hrtime.bigint() - started) / 1e6;

exports.handler = async (event) => ({
  ...compile(event?.source ?? 'export const answer: number = 42;'),
  compiler: ts.version,
  loadMs: Math.round(loadMs),
});

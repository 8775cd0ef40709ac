'use strict';

// The function's code: finding its handler the way Lambda does.

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { callbacks } = require('./contract.js');
const { Fault } = require('./faults.js');
const streaming = require('./streaming.js');

/** Loads `dir/file.handler`, `file.export.handler`; rejects with a Fault or what the code threw. */
exports.load = async (name, taskRoot) => {
  const [, file, names] = /^([^.]+)\.(.+)$/.exec(path.basename(name)) ?? [];
  if (names === undefined || name.split('/').includes('..')) {
    throw new Fault(
      'Runtime.MalformedHandlerName',
      `Bad handler '${name}': write it as file.function or dir/file.function`,
    );
  }
  const loaded = await loadModule(taskRoot, path.join(path.dirname(name), file));
  let [handler, receiver] = find(loaded, names.split('.'));
  if (!callbacks && !handler) {
    [handler, receiver] = find(loaded?.default, names.split('.'));
  }
  if (handler === undefined) {
    throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  const isStreaming = streaming.isStreaming(handler);
  if (!callbacks && handler.length >= 3 && !isStreaming) {
    throw new Fault(
      'Runtime.CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with' +
        ' Node.js 24. You need to modify this function to use a supported handler signature to' +
        ' use Node.js 24 or later.',
    );
  }
  return { handler: handler.bind(receiver), streaming: isStreaming };
};

/** The value under nested names, and what it is a method of. */
function find(exported, names) {
  let receiver;
  let value = exported;
  for (const name of names) {
    receiver = value;
    value = value?.[name];
  }
  return [value, receiver];
}

async function loadModule(taskRoot, name) {
  try {
    return await loadFile(taskRoot, name);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new Fault('Runtime.UserCodeSyntaxError', String(error), traceOf(error));
    }
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Fault('Runtime.ImportModuleError', String(error), traceOf(error));
    }
    throw error;
  }
}

function traceOf(error) {
  const lines = String(error.stack).split('\n');
  const end = lines.findIndex((line) => line.startsWith('    at '));
  return end < 0 ? lines : lines.slice(0, end);
}

/** Tries the names that Lambda tries, in its order. */
function loadFile(taskRoot, name) {
  const require = Module.createRequire(path.join(taskRoot, path.sep));
  const base = path.resolve(taskRoot, name);
  const load = (file) => (isModule(file, taskRoot) ? import(pathToFileURL(file)) : require(file));
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    if (isFile(base + extension)) {
      return load(base + extension);
    }
  }
  // A directory with an index.js, or a package of node_modules.
  return load(require.resolve(fs.existsSync(base) ? base : name));
}

function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether Node.js takes a file for an ES module: by its name, else by the nearest package.json. */
function isModule(file, taskRoot) {
  if (!file.endsWith('.js')) {
    return file.endsWith('.mjs');
  }
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    const description = path.join(at, 'package.json');
    if (isFile(description)) {
      return JSON.parse(fs.readFileSync(description, 'utf8')).type === 'module';
    }
    if (at === taskRoot || at === path.dirname(at)) {
      return false;
    }
  }
}

'use strict';

// Response streaming: the global awslambda and the stream that handlers write to.

const { Fault } = require('./faults.js');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const RESPONSE = 'response';

const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const DELIMITER_BYTES = 8;

/** Puts a status and headers, as JSON, before what the handler writes. */
class HttpResponseStream {
  static from(stream, prelude) {
    stream.setContentType(PRELUDE_TYPE);
    const text = JSON.stringify(prelude);
    stream._onBeforeFirstWrite = (write) => {
      write(text);
      write(new Uint8Array(DELIMITER_BYTES));
    };
    return stream;
  }
}

/** Gives functions the global object, unless they want none. */
exports.install = () => {
  if (['1', 'true'].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) {
    return;
  }
  globalThis.awslambda = {
    streamifyResponse: (handler, options) => {
      handler[STREAMING] = RESPONSE;
      if (typeof options?.highWaterMark === 'number') {
        handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
      }
      return handler;
    },
    HttpResponseStream,
  };
};

/** Whether a handler streams its response. */
exports.isStreaming = (handler) => {
  const mode = handler[STREAMING];
  if (mode === undefined || mode === null || mode === false) {
    return false;
  }
  if (mode !== RESPONSE) {
    throw new Fault('Runtime.MalformedStreamingHandler', 'Only response streaming is supported.');
  }
  return true;
};

/** An error of the types that Lambda's client has for streams. */
function invalid(message) {
  const error = new Error(message);
  error.name = 'Runtime.InvalidStreamingOperation';
  return error;
}

// Made when the first stream is: Node's streams cost memory and time to load.
let StreamClass;

/** Makes the stream of one invocation. */
exports.ResponseStream = function ResponseStream() {
  StreamClass ??= define(require('node:stream').Writable);
  return new StreamClass();
};

function define(Writable) {
  return class ResponseStream extends Writable {
    contentType = 'application/octet-stream';
    #chunks = [];
    #begun = false;

    constructor() {
      super({ decodeStrings: true });
      this.finished = new Promise((resolve, reject) => {
        this.once('finish', resolve);
        this.once('error', reject);
        this.once('close', () => reject('Response stream is not finished.'));
      });
      this.finished.catch(() => {}); // who waits for it hears of it all the same
    }

    setContentType(type) {
      if (this.#begun) {
        throw invalid('Cannot set content-type, too late.');
      }
      this.contentType = type;
    }

    write(chunk, ...more) {
      if (!this.#begun) {
        this.#begun = true;
        this._onBeforeFirstWrite?.((piece) => super.write(piece));
      }
      return super.write(isPlain(chunk) ? chunk : JSON.stringify(chunk), ...more);
    }

    _write(chunk, encoding, callback) {
      this.#chunks.push(chunk);
      callback();
    }

    content() {
      return Buffer.concat(this.#chunks);
    }
  };
}

function isPlain(chunk) {
  return typeof chunk === 'string' || chunk instanceof Uint8Array;
}

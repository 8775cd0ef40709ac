package dev.rekindle.warmers;

/** Node.js keeps in sandboxes what all runtimes promise. */
class NodejsSandboxTest extends HandlerSandboxContract {
  NodejsSandboxTest() {
    super(new NodejsWarmerTest());
  }
}

/** The HTTP API, and the proxy to functions that serve HTTP. */
@NullMarked
package dev.rekindle.orchestrator.http;

import org.jspecify.annotations.NullMarked;

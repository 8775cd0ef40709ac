/** The service's configuration. */
@NullMarked
package dev.rekindle.orchestrator.config;

import org.jspecify.annotations.NullMarked;

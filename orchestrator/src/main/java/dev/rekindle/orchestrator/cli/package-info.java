/** The verbs that run the service or work on its files. */
@NullMarked
package dev.rekindle.orchestrator.cli;

import org.jspecify.annotations.NullMarked;

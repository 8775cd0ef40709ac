/** The verbs that speak to a running service. */
@NullMarked
package dev.rekindle.api.cli;

import org.jspecify.annotations.NullMarked;

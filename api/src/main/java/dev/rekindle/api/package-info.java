/** The public contract of the service: wire records, problem types, typed client. */
@NullMarked
package dev.rekindle.api;

import org.jspecify.annotations.NullMarked;

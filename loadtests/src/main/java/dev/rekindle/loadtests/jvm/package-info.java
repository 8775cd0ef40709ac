/** What is measured on Java: a function, and what serves it where plain CRIU is measured. */
@NullMarked
package dev.rekindle.loadtests.jvm;

import org.jspecify.annotations.NullMarked;

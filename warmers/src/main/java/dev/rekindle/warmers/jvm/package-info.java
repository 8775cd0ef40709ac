/**
 * The platform's side of a Java function's process. Runs in the function's JVM, packed in a jar of
 * its own, with nothing beside it but the JDK, Lambda's interfaces and Lambda's JSON library.
 */
@NullMarked
package dev.rekindle.warmers.jvm;

import org.jspecify.annotations.NullMarked;

/** Tests of the warmers, among them the contract that every runtime passes. */
@NullMarked
package dev.rekindle.warmers;

import org.jspecify.annotations.NullMarked;

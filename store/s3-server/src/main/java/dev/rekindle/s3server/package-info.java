/** A real S3 server and a link of chosen quality to it, for tests and benchmarks. */
@NullMarked
package dev.rekindle.s3server;

import org.jspecify.annotations.NullMarked;

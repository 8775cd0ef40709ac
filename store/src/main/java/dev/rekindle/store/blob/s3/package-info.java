/** Blobs in a bucket that speaks S3. */
@NullMarked
package dev.rekindle.store.blob.s3;

import org.jspecify.annotations.NullMarked;

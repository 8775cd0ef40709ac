package dev.rekindle.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, as sent by {@code GET /v1/events}.
 *
 * @param id rises with each event
 * @param time when it happened
 * @param type what it is about
 * @param function name of the function
 * @param instance id of the instance, where it is about one
 * @param snapshot id of the snapshot, where it is about one
 * @param message one sentence
 * @param millis how long it took in milliseconds, where it took time
 */
public record EventRecord(
    long id,
    Instant time,
    EventType type,
    String function,
    @Nullable String instance,
    @Nullable String snapshot,
    String message,
    @Nullable Double millis) {}

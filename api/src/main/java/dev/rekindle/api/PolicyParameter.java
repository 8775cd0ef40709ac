package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a policy.
 *
 * @param name its name
 * @param type its JSON type
 * @param defaultValue what it is when left out
 * @param minimum least value of a number, where there is one
 * @param maximum greatest value of a number, where there is one
 * @param description what it does, with its unit
 */
public record PolicyParameter(
    String name,
    ParameterType type,
    @JsonProperty("default") Object defaultValue,
    @Nullable Double minimum,
    @Nullable Double maximum,
    String description) {}

package dev.rekindle.orchestrator.policy;

/**
 * The life of an instance, as a policy sees it.
 *
 * @param cold whether it was booted; otherwise it was restored
 * @param request how many requests its process has served, those before its snapshot included
 * @param failures how many of these ended with an error of the function
 */
public record Life(boolean cold, long request, long failures) {}

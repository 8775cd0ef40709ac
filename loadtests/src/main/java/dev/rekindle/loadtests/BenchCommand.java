package dev.rekindle.loadtests;

import dev.rekindle.loadtests.policies.PoliciesCommand;
import dev.rekindle.loadtests.start.StartCommand;
import dev.rekindle.loadtests.store.StoreCommand;
import picocli.CommandLine.Command;

/** {@code rekindle bench}: the benchmarks, one verb each. */
@Command(
    name = "bench",
    description = "Measures the service.",
    mixinStandardHelpOptions = true,
    subcommands = {StartCommand.class, StoreCommand.class, PoliciesCommand.class})
final class BenchCommand {}
